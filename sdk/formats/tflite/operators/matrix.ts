/** Products and recurrences: transposed convolutions, batched products, SVDF, LSTM. */
import type { TfliteTable } from "../operator.ts";

export const matrix = {} as const satisfies TfliteTable;

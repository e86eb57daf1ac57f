/** Elementwise and table operators, comparisons, casts. */
import type { TfliteTable } from "../operator.ts";

export const elementwise = {} as const satisfies TfliteTable;

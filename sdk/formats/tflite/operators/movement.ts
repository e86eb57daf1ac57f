/** Data movement: gathers, resizes, pads, strides, space and depth. */
import type { TfliteTable } from "../operator.ts";

export const movement = {} as const satisfies TfliteTable;

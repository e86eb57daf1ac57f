import { defineIndexExtreme, type IndexAttrs } from "../loops/index-extreme.ts";
import type { Op, Tensor } from "../op.ts";

/** Index (i32) of the smallest value along `axis`, the first where several are equal; NaN counts as absent. */
export const argMin: Op<[x: Tensor], IndexAttrs> = defineIndexExtreme("argMin");

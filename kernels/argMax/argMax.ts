import { defineIndexExtreme, type IndexAttrs } from "../loops/index-extreme.ts";
import type { Op, Tensor } from "../op.ts";

/** Index (i32) of the largest value along `axis`, the first where several are equal; NaN counts as absent. */
export const argMax: Op<[x: Tensor], IndexAttrs> = defineIndexExtreme("argMax");

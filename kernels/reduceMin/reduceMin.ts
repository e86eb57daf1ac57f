import { defineExtreme } from "../loops/extreme.ts";
import type { ReduceAttrs } from "../loops/reduce.ts";
import type { Op, Tensor } from "../op.ts";

/** Smallest value over `axes` ("all", or a list), `keepDims` leaves 1 in their place. NaN counts as absent. */
export const reduceMin: Op<[x: Tensor], ReduceAttrs> = defineExtreme("reduceMin");

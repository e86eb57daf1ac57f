import { defineExtreme } from "../loops/extreme.ts";
import type { ReduceAttrs } from "../loops/reduce.ts";
import type { Op, Tensor } from "../op.ts";

/** Largest value over `axes` ("all", or a list), `keepDims` leaves 1 in their place. NaN counts as absent. */
export const reduceMax: Op<[x: Tensor], ReduceAttrs> = defineExtreme("reduceMax");

import { comparison } from "../loops/comparison.ts";
import type { Op, Tensor } from "../op.ts";

/** `a < b` as bool, broadcast. f32, i32, or int8 at any two scales. Of NaN, false. */
export const less: Op<[a: Tensor, b: Tensor], Record<never, never>> = comparison("less", (x, y) => x < y);

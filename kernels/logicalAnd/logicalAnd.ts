import { logical } from "../loops/logical.ts";
import type { Op, Tensor } from "../op.ts";

/** `a and b` of bool tensors, broadcast. */
export const logicalAnd: Op<[a: Tensor, b: Tensor], Record<never, never>> = logical(
  "logicalAnd",
  (x, y) => x !== 0 && y !== 0,
);

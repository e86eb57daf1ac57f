import { logical } from "../loops/logical.ts";
import type { Op, Tensor } from "../op.ts";

/** `a or b` of bool tensors, broadcast. */
export const logicalOr: Op<[a: Tensor, b: Tensor], Record<never, never>> = logical(
  "logicalOr",
  (x, y) => x !== 0 || y !== 0,
);

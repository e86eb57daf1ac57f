/** Augmentations: keyed random operators that only the training form has. */
import { jitter as jitterOp } from "../../kernels/jitter/jitter.ts";
import type { Tensor } from "../../kernels/op.ts";
import { rotate3d as rotate3dOp } from "../../kernels/rotate3d/rotate3d.ts";

/** Adds normal noise of standard `deviation`, in units of x. */
export const jitter = (x: Tensor, deviation: number): Tensor => jitterOp(x, undefined, undefined, { deviation });

/**
 * Turns all 3-vectors of a sample by one random rotation about a random axis. `deviation`: standard deviation, in
 * radians, of the rotation vector along each axis; the angle is uniform within three of them either way, which has the
 * mean square of three normal components and no tail. x: [N, …, 3].
 */
export const rotate3d = (x: Tensor, deviation: number): Tensor =>
  rotate3dOp(x, undefined, undefined, { angle: 3 * deviation });

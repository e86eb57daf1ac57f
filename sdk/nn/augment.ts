/** Augmentations: keyed random operators that only the training form has. */
import { jitter as jitterOp } from "../../kernels/jitter/jitter.ts";
import type { Tensor } from "../../kernels/op.ts";
import { rotate3d as rotate3dOp } from "../../kernels/rotate3d/rotate3d.ts";

/** Adds normal noise of standard `deviation`, in units of x. */
export const jitter = (x: Tensor, deviation: number): Tensor => jitterOp(x, undefined, undefined, { deviation });

/** Turns all 3-vectors of a sample by one random rotation of at most `angle` radians. x: [N, …, 3]. */
export const rotate3d = (x: Tensor, angle: number): Tensor => rotate3dOp(x, undefined, undefined, { angle });

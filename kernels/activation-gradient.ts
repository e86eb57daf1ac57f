/** The gradient of a fused activation, from the operator's output: 0 where it clamps, at the bound itself too. */
import { activationBounds } from "./activation.ts";
import { scalar } from "./constant.ts";
import { greater } from "./greater/greater.ts";
import { mul } from "./mul/mul.ts";
import type { Tensor } from "./op.ts";

export function activationGradient(activation: string, out: Tensor, outGrad: Tensor): Tensor {
  const [lo, hi] = activationBounds(activation);
  const above = Number.isFinite(lo) ? mul(outGrad, greater(out, scalar(lo))) : outGrad;
  return Number.isFinite(hi) ? mul(above, greater(scalar(hi), out)) : above;
}

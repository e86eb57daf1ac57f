import { averagePool2d } from "../averagePool2d/averagePool2d.ts";
import { mul } from "../mul/mul.ts";
import type { Tensor } from "../op.ts";
import { sqrt } from "../sqrt/sqrt.ts";

export interface L2PoolOptions {
  readonly size: readonly number[];
  readonly strides: readonly number[];
  readonly padding: "same" | "valid" | readonly number[];
  readonly name?: string;
}

/** Root of the mean square over windows: x f32 [n, h, w, c]. */
export function l2Pool2d(x: Tensor, { size, strides, padding, name = "l2Pool2d" }: L2PoolOptions): Tensor {
  const squares = mul(x, x, { name: `${name}/squares` });
  return sqrt(averagePool2d(squares, { size, strides, padding, name: `${name}/mean` }), { name });
}

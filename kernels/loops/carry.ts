import type { Quant, TensorType } from "../op.ts";

/** The type of values moved from `x` into `shape`: per-tensor quantization stays theirs. */
export function carried(x: TensorType, shape: readonly number[]): TensorType {
  const { dtype, quant } = x;
  return quant && quant.axis === undefined ? { dtype, shape, quant } : { dtype, shape };
}

export const sameQuant = (a: Quant | undefined, b: Quant | undefined): boolean =>
  a?.scale.length === b?.scale.length &&
  (a?.scale.every((s, i) => s === b!.scale[i]) ?? true) &&
  (a?.zeroPoint.every((z, i) => z === b!.zeroPoint[i]) ?? true);

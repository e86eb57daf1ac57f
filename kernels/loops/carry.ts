import type { Quant, TensorType } from "../op.ts";

/** The type of values moved from `x` into `shape`: per-tensor quantization stays theirs. */
export function carried(x: TensorType, shape: readonly number[]): TensorType {
  const { dtype, quant } = x;
  return quant && quant.axis === undefined ? { dtype, shape, quant } : { dtype, shape };
}

const sameList = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((v, i) => v === b[i]);

/** Codes of one mean the same real value in the other. */
export function sameQuant(a: Quant | undefined, b: Quant | undefined): boolean {
  if (!a || !b) return a === b;
  return a.axis === b.axis && sameList(a.scale, b.scale) && sameList(a.zeroPoint, b.zeroPoint);
}

/** Equality of shapes and of quantization. */
import type { TensorType } from "../../kernels/op.ts";

export const sameShape = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((d, i) => d === b[i]);

/** Codes of one mean the same real value in the other. */
export function sameQuant({ quant: a }: TensorType, { quant: b }: TensorType): boolean {
  if (!a || !b) return a === b;
  return a.axis === b.axis && sameShape(a.scale, b.scale) && sameShape(a.zeroPoint, b.zeroPoint);
}

export const sameType = (a: TensorType, b: TensorType): boolean =>
  a.dtype === b.dtype && sameShape(a.shape, b.shape) && sameQuant(a, b);

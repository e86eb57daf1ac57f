/** Equality of shapes and of types. */
import { sameQuant } from "../../kernels/loops/carry.ts";
import type { TensorType } from "../../kernels/op.ts";

export const sameShape = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((d, i) => d === b[i]);

export const sameType = (a: TensorType, b: TensorType): boolean =>
  a.dtype === b.dtype && sameShape(a.shape, b.shape) && sameQuant(a.quant, b.quant);

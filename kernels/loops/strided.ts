/**
 * Strided copies: `dst[i] = src[start + sum_d index_d(i) * strides[d]]`, the loop of broadcastTo, slice and transpose.
 * Kernels see collapsed dimensions: a row of `inner` outputs at one stride, and { dim, stride } for the outer ones.
 */

import { elements, i32, type LowerCall, type Lowered, ptr, type RefTensor, type TensorType } from "../op.ts";
import { sequential } from "./sequential.ts";

export interface StridedView {
  /** Source elements that one step of each output dimension advances. */
  readonly strides: readonly number[];
  readonly start: number;
}

/** Element strides of a row-major tensor. */
export function rowMajorStrides(shape: readonly number[]): readonly number[] {
  const strides = new Array<number>(shape.length).fill(1);
  for (let i = shape.length - 2; i >= 0; i--) strides[i] = strides[i + 1]! * shape[i + 1]!;
  return strides;
}

export function referenceStrided(x: RefTensor, out: TensorType, { strides, start }: StridedView): Float64Array {
  return Float64Array.from({ length: elements(out.shape) }, (_, i) => {
    let [rest, at] = [i, start];
    for (let d = out.shape.length - 1; d >= 0; d--) {
      at += (rest % out.shape[d]!) * strides[d]!;
      rest = Math.floor(rest / out.shape[d]!);
    }
    return x.data[at]!;
  });
}

/** Arguments `src, dst, table, outer, inner, stride, start`, then `begin, end` (f32) or n (i8). */
export function lowerStrided(
  op: string,
  { outputs: [out] }: Pick<LowerCall<never>, "outputs">,
  { strides, start }: StridedView,
): Lowered {
  const dims: [dim: number, stride: number][] = [];
  out!.shape.forEach((dim, i) => {
    if (dim === 1) return;
    const last = dims.at(-1);
    if (last && last[1] === strides[i]! * dim) dims[dims.length - 1] = [last[0] * dim, strides[i]!];
    else dims.push([dim, strides[i]!]);
  });
  const [inner, stride] = dims.pop() ?? [1, 1];
  const lowered: Lowered = {
    kernel: `${op}_${out!.dtype === "i8" ? "i8" : "f32"}`,
    args: [
      ptr.input(0),
      ptr.output(0),
      dims.length === 0 ? i32(0) : ptr.const(0),
      i32(dims.length),
      i32(inner),
      i32(stride),
      i32(start),
    ],
    ...(dims.length === 0 ? {} : { consts: [{ name: "strides", data: Int32Array.from(dims.flat()) }] }),
    parallel: elements(out!.shape),
  };
  return out!.dtype === "i8" ? sequential(lowered) : lowered;
}

/**
 * Strided copies: `dst[i] = src[start + sum_d index_d(i) * strides[d]]`, the loop of broadcastTo, slice, stridedSlice
 * and transpose. Kernels see collapsed dimensions: a row of `inner` outputs at one stride, and { dim, stride } for the
 * outer ones.
 */

import {
  DTYPE_BYTES,
  type DType,
  elements,
  i32,
  type LowerArg,
  type LowerCall,
  type Lowered,
  ptr,
  type RefTensor,
  requires,
  type TensorType,
} from "../op.ts";

/** What operators that only move values can move. */
export const MOVED: readonly DType[] = ["f32", "i8", "i16", "i32", "u8", "bool"];

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

/** A dimension of a walk over memory: `dim` steps of `stride`. */
export type Dim = readonly [dim: number, stride: number];

/** Dimensions of 1 are dropped, neighbours that are walked as one are merged. */
export function collapse(shape: readonly number[], strides: readonly number[]): Dim[] {
  const dims: Dim[] = [];
  shape.forEach((dim, i) => {
    if (dim === 1) return;
    const last = dims.at(-1);
    if (last && last[1] === strides[i]! * dim) dims[dims.length - 1] = [last[0] * dim, strides[i]!];
    else dims.push([dim, strides[i]!]);
  });
  return dims;
}

/** Shorter rows are copied element by element: a call costs more than they do. */
const LEAST_COPIED_BYTES = 8;

/** Arguments of a walk in bytes: `table, outer, groups, rows, rowStride`, and the table; `dims` without the row itself. */
export function walkArgs(
  dims: readonly Dim[],
  bytes: number,
): { readonly args: readonly LowerArg[]; readonly consts: NonNullable<Lowered["consts"]> } {
  const [rows, rowStride] = dims.at(-1) ?? [1, 0];
  const outer = dims.slice(0, -1);
  const table = Int32Array.from(outer.flatMap(([dim, stride]) => [dim, stride * bytes]));
  return {
    args: [
      outer.length === 0 ? i32(0) : ptr.const(0),
      i32(outer.length),
      i32(outer.reduce((n, [dim]) => n * dim, 1)),
      i32(rows),
      i32(rowStride * bytes),
    ],
    consts: outer.length === 0 ? [] : [{ name: "strides", data: table }],
  };
}

/**
 * 4-byte values: `<op>_f32` with arguments `src, dst, table, outer, inner, stride, start`, in elements, then
 * `begin, end`. 1 and 2 bytes: `<op>_i8`, `<op>_i16`, which are `move` of move.as.ts.
 */
export function lowerStrided(
  op: string,
  { outputs: [out] }: Pick<LowerCall<never>, "outputs">,
  { strides, start }: StridedView,
): Lowered {
  const bytes = DTYPE_BYTES[out!.dtype];
  requires(MOVED.includes(out!.dtype), () => `${op}: ${out!.dtype} values, expected one of ${MOVED.join(", ")}`);
  const dims = collapse(out!.shape, strides);
  const [inner, stride] = dims.pop() ?? [1, 1];
  if (bytes === 4)
    return {
      kernel: `${op}_f32`,
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
  const { args, consts } = walkArgs(dims, bytes);
  const whole = stride === 1 && inner * bytes >= LEAST_COPIED_BYTES;
  return {
    kernel: `${op}_${bytes === 1 ? "i8" : "i16"}`,
    args: [
      ptr.input(0),
      ptr.output(0),
      ...args,
      i32(whole ? inner * bytes : inner),
      i32(stride * bytes),
      i32(start * bytes),
      i32(whole ? 0 : bytes),
    ],
    ...(consts.length === 0 ? {} : { consts }),
  };
}

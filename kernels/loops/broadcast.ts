/**
 * numpy broadcasting of two operands: shapes aligned at the last dimension, a dimension of 1 stretches.
 *
 * Kernels see collapsed dimensions: sizes of 1 are dropped and neighbours that both operands walk alike are merged,
 * so equal shapes of any rank are one row. What is left is `inner` contiguous outputs a row, over which an operand
 * advances by 1 or stays (stride 0), and a table { dim, strideA, strideB } for each outer dimension.
 */

import { activationBounds } from "../activation.ts";
import { saturate } from "../codes.ts";
import {
  DTYPE_BYTES,
  elements,
  f32,
  i32,
  type LowerArg,
  type LowerCall,
  type Lowered,
  ptr,
  type RefTensor,
  requires,
  showShape,
  type Tensor,
  type TensorType,
} from "../op.ts";
import { reshape } from "../reshape/reshape.ts";
import { sum } from "../sum/sum.ts";

export function broadcastShape(op: string, a: readonly number[], b: readonly number[]): readonly number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const [da, db] = [a[i - rank + a.length] ?? 1, b[i - rank + b.length] ?? 1];
    requires(
      da === db || da === 1 || db === 1,
      () => `${op}: operands are ${showShape(a)} and ${showShape(b)}, expected equal dimensions or 1 at the end`,
    );
    return da === 1 ? db : da;
  });
}

/** Element strides of `shape` in each dimension of `out`; 0 where it stretches. */
export function broadcastStrides(shape: readonly number[], out: readonly number[]): readonly number[] {
  const strides = new Array<number>(out.length).fill(0);
  let stride = 1;
  for (let i = 1; i <= shape.length; i++) {
    const d = shape[shape.length - i]!;
    if (d !== 1) strides[out.length - i] = stride;
    stride *= d;
  }
  return strides;
}

/** The gradient of an operand of `shape`, from the gradient of the broadcast result. */
export function unbroadcast(grad: Tensor, shape: readonly number[]): Tensor {
  const extra = grad.shape.length - shape.length;
  const axes = grad.shape.flatMap((d, i) => (i < extra || (shape[i - extra] === 1 && d !== 1) ? [i] : []));
  const summed = axes.length === 0 ? grad : sum(grad, { axes, keepDims: true });
  return summed.shape.length === shape.length ? summed : reshape(summed, { shape });
}

/** f64 oracle of an elementwise operator of two operands. */
export function referenceBinary(
  [a, b]: readonly RefTensor[],
  out: TensorType,
  f: (x: number, y: number) => number,
): readonly Float64Array[] {
  const [sa, sb] = [broadcastStrides(a!.shape, out.shape), broadcastStrides(b!.shape, out.shape)];
  const y = new Float64Array(elements(out.shape));
  for (let i = 0; i < y.length; i++) {
    let [rest, ia, ib] = [i, 0, 0];
    for (let d = out.shape.length - 1; d >= 0; d--) {
      const at = rest % out.shape[d]!;
      rest = Math.floor(rest / out.shape[d]!);
      ia += at * sa[d]!;
      ib += at * sb[d]!;
    }
    y[i] = f(a!.data[ia]!, b!.data[ib]!);
  }
  return [y];
}

interface Walk {
  /** { dim, stride of each operand } for each outer dimension. */
  readonly table: Int32Array;
  readonly outer: number;
  readonly inner: number;
  /** Element stride of each operand within a row. */
  readonly strides: readonly number[];
}

/** The collapsed dimensions of operands of `shapes` that broadcast to `out`. */
export function walk(shapes: readonly (readonly number[])[], out: readonly number[]): Walk {
  const all = shapes.map((shape) => broadcastStrides(shape, out));
  const dims: { readonly dim: number; readonly strides: readonly number[] }[] = [];
  out.forEach((dim, i) => {
    if (dim === 1) return;
    const strides = all.map((s) => s[i]!);
    const last = dims.at(-1);
    if (last?.strides.every((s, operand) => s === strides[operand]! * dim))
      dims[dims.length - 1] = { dim: last.dim * dim, strides };
    else dims.push({ dim, strides });
  });
  const { dim: inner, strides } = dims.pop() ?? { dim: 1, strides: shapes.map(() => 1) };
  const table = Int32Array.from(dims.flatMap((d) => [d.dim, ...d.strides]));
  return { table, outer: dims.length, inner, strides };
}

/**
 * The lowering that all elementwise operators of two operands share: arguments
 * `a, b, dst, table, outer, inner, strideA, strideB`, then `more`.
 */
export function lowerBinary(
  kernel: string,
  { inputs: [a, b], outputs: [out] }: Pick<LowerCall<never>, "inputs" | "outputs">,
  more: readonly LowerArg[],
): Lowered {
  const { table, outer, inner, strides } = walk([a!.shape, b!.shape], out!.shape);
  const n = elements(out!.shape);
  const same = (t: TensorType): boolean => elements(t.shape) === n && DTYPE_BYTES[t.dtype] === DTYPE_BYTES[out!.dtype];
  return {
    kernel,
    args: [
      ptr.input(0),
      ptr.input(1),
      ptr.output(0),
      outer === 0 ? i32(0) : ptr.const(0),
      i32(outer),
      i32(inner),
      ...strides.map(i32),
      ...more,
    ],
    ...(outer === 0 ? {} : { consts: [{ name: "strides", data: table }] }),
    alias: [...(same(a!) ? [[0, 0] as const] : []), ...(same(b!) ? [[0, 1] as const] : [])],
    parallel: n,
  };
}

/** The lowering of the f32 arithmetic operators, which clamp to an activation. */
export function lowerArithmetic(
  kernel: string,
  call: Pick<LowerCall<never>, "inputs" | "outputs">,
  activation: string,
): Lowered {
  const [lo, hi] = activationBounds(activation);
  return lowerBinary(kernel, call, [f32(lo), f32(hi)]);
}

/** The lowering of the i32 arithmetic operators, which clamp to an activation of whole numbers. */
export function lowerArithmeticI32(
  kernel: string,
  call: Pick<LowerCall<never>, "inputs" | "outputs">,
  activation: string,
): Lowered {
  const [lo, hi] = activationBounds(activation).map((bound) => saturate(bound, "i32"));
  return lowerBinary(kernel, call, [i32(lo!), i32(hi!)]);
}

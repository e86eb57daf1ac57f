/**
 * Reduction over axes. Kernels see collapsed dimensions: those kept and those reduced, each { dim, stride } of the
 * source in elements. `inner` outputs in a row lie side by side in the source too (1 where the last dimension is
 * reduced); the last reduced dimension is `run` values at `runStride`, `runs` times over the other reduced ones.
 */

import { axisOf } from "../axis.ts";
import { broadcastTo } from "../broadcastTo/broadcastTo.ts";
import {
  elements,
  i32,
  type LowerArg,
  type Lowered,
  ptr,
  type RefTensor,
  requires,
  type Tensor,
  type TensorType,
} from "../op.ts";
import { reshape } from "../reshape/reshape.ts";

/** `axes`: "all", or dimensions, negative ones from the end. `keepDims` leaves 1 in their place. */
export type ReduceAttrs = { axes: readonly number[] | "all"; keepDims: boolean };

export function reducedAxes(op: string, rank: number, axes: readonly number[] | "all"): ReadonlySet<number> {
  if (axes === "all") return new Set(Array.from({ length: rank }, (_, i) => i));
  for (const axis of axes)
    requires(
      Number.isInteger(axis) && axis >= -rank && axis < rank,
      () => `${op}: axis ${axis}, expected one of a tensor of rank ${rank}`,
    );
  return new Set(axes.map((axis) => axisOf(rank, axis)));
}

export function reduceShape(op: string, shape: readonly number[], { axes, keepDims }: ReduceAttrs): readonly number[] {
  const reduced = reducedAxes(op, shape.length, axes);
  return shape.flatMap((d, i) => (reduced.has(i) ? (keepDims ? [1] : []) : [d]));
}

/** How many values make one output. */
export const reduceCount = (x: TensorType, out: TensorType): number =>
  elements(x.shape) / Math.max(1, elements(out.shape));

/** Calls `visit(source element, output element)` in ascending source order. */
export function reduceIndices(
  op: string,
  shape: readonly number[],
  { axes }: ReduceAttrs,
  visit: (source: number, output: number) => void,
): void {
  const reduced = reducedAxes(op, shape.length, axes);
  for (let i = 0; i < elements(shape); i++) {
    let [rest, o, stride] = [i, 0, 1];
    for (let d = shape.length - 1; d >= 0; d--) {
      const at = rest % shape[d]!;
      rest = Math.floor(rest / shape[d]!);
      if (reduced.has(d)) continue;
      o += at * stride;
      stride *= shape[d]!;
    }
    visit(i, o);
  }
}

/** f64 sums over the axes, in ascending source order. */
export function referenceSum(op: string, x: RefTensor, attrs: ReduceAttrs, out: TensorType): Float64Array {
  const y = new Float64Array(elements(out.shape));
  reduceIndices(op, x.shape, attrs, (i, o) => {
    y[o]! += x.data[i]!;
  });
  return y;
}

/** The gradient of a sum: `outGrad` spread over the shape of `x`. */
export function spread(op: string, outGrad: Tensor, x: Tensor, { axes }: ReduceAttrs): Tensor {
  const kept = reduceShape(op, x.shape, { axes, keepDims: true });
  const aligned = outGrad.shape.length === kept.length ? outGrad : reshape(outGrad, { shape: kept });
  return elements(kept) === elements(x.shape) ? aligned : broadcastTo(aligned, { shape: x.shape });
}

/** Arguments `src, dst, table, kept, reduced, inner, runs, run, runStride`, then `more`. */
export function lowerReduce(
  kernel: string,
  x: TensorType,
  out: TensorType,
  axes: ReadonlySet<number>,
  more: readonly LowerArg[],
  parallel: boolean,
): Lowered {
  type Dim = { dim: number; stride: number; reduced: boolean };
  const dims: Dim[] = [];
  let stride = elements(x.shape);
  x.shape.forEach((dim, i) => {
    stride /= dim;
    if (dim === 1) return;
    const [last, reduced] = [dims.at(-1), axes.has(i)];
    if (last && last.reduced === reduced) dims[dims.length - 1] = { dim: last.dim * dim, stride, reduced };
    else dims.push({ dim, stride, reduced });
  });
  const kept = dims.filter((d) => !d.reduced);
  const reduced = dims.filter((d) => d.reduced);
  const inner = dims.at(-1)?.reduced === false ? kept.pop()!.dim : 1;
  const run = reduced.pop() ?? { dim: 1, stride: 0 };
  const table = Int32Array.from([...kept, ...reduced].flatMap(({ dim, stride }) => [dim, stride]));
  return {
    kernel,
    args: [
      ptr.input(0),
      ptr.output(0),
      table.length === 0 ? i32(0) : ptr.const(0),
      i32(kept.length),
      i32(reduced.length),
      i32(inner),
      i32(reduced.reduce((n, d) => n * d.dim, 1)),
      i32(run.dim),
      i32(run.stride),
      ...more,
    ],
    ...(table.length === 0 ? {} : { consts: [{ name: "strides", data: table }] }),
    ...(parallel ? { parallel: elements(out.shape) } : {}),
  };
}

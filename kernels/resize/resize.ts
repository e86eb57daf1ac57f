/**
 * Resizing of images [n, h, w, c]: which source pixels an output pixel is made of, as TensorFlow Lite computes it
 * (resize_nearest_neighbor.h, resize_bilinear.h), and the gradient. Both axes are independent; all positions are
 * constants of the plan.
 */

import { carried } from "../loops/carry.ts";
import { matmul } from "../matmul/matmul.ts";
import { Node, requires, showShape, Tensor, type TensorType } from "../op.ts";
import { reshape } from "../reshape/reshape.ts";
import { transpose } from "../transpose/transpose.ts";

/**
 * `size`: [height, width] of the output. `alignCorners`: the corner pixels' centers coincide. `halfPixelCenters`: pixel
 * centers are at .5; not both.
 */
export type ResizeAttrs = { size: readonly number[]; alignCorners: boolean; halfPixelCenters: boolean };

export const RESIZE: ResizeAttrs = { size: [], alignCorners: false, halfPixelCenters: false };

/** An output pixel: source pixels `lower` and `upper`, and how much of `upper`, in the form that computed it. */
export interface Tap {
  readonly lower: number;
  readonly upper: number;
  readonly fraction: number;
}

/** The taps of one axis, `output` of them. */
export type TapsOf = (input: number, output: number, attrs: ResizeAttrs) => readonly Tap[];

export function inferResize(op: string, [x]: readonly TensorType[], attrs: ResizeAttrs): readonly TensorType[] {
  const { shape } = x!;
  const { size, alignCorners, halfPixelCenters } = attrs;
  requires(
    shape.length === 4 && size.length === 2 && size.every((d) => Number.isInteger(d) && d > 0),
    () => `${op}: ${showShape(shape)} to ${showShape(size)}, expected [batch, height, width, channels] and two sizes`,
  );
  requires(
    shape[1]! > 0 && shape[2]! > 0,
    () => `${op}: ${showShape(shape)} has no pixels, expected at least one to make ${showShape(size)} of`,
  );
  requires(!(alignCorners && halfPixelCenters), () => `${op}: alignCorners and halfPixelCenters, expected at most one`);
  return [carried(x!, [shape[0]!, size[0]!, size[1]!, shape[3]!])];
}

const f = Math.fround;
const clamp = (v: number, most: number): number => Math.min(Math.max(v, 0), most);

/** Nearest source pixel, single precision. */
export const nearestTaps: TapsOf = (input, output, { alignCorners, halfPixelCenters }) => {
  const scale = alignCorners && output > 1 ? f((input - 1) / f(output - 1)) : f(input / f(output));
  return Array.from({ length: output }, (_, o) => {
    const at = f(f(o + (halfPixelCenters ? 0.5 : 0)) * scale);
    // Half away from zero: positions are not negative.
    const lower = clamp(Math.floor(alignCorners ? at + 0.5 : at), input - 1);
    return { lower, upper: lower, fraction: 0 };
  });
};

/** Fractions as f32. */
export const bilinearTaps: TapsOf = (input, output, { alignCorners, halfPixelCenters }) => {
  const scale = alignCorners && output > 1 ? f((input - 1) / (output - 1)) : f(input / output);
  return Array.from({ length: output }, (_, o) => {
    const at = halfPixelCenters ? f(f(f(o + 0.5) * scale) - 0.5) : f(o * scale);
    const lower = clamp(Math.floor(at), input - 1);
    const upper = clamp(Math.ceil(at), input - 1);
    return { lower, upper, fraction: f(at - lower) };
  });
};

/** Fractions in 1024ths, integers throughout: what int8 images use. */
export const integerTaps: TapsOf = (input, output, { alignCorners, halfPixelCenters }) => {
  const ONE = 1024;
  const rounded = (a: number, b: number): number => Math.trunc((ONE * a + Math.trunc(b / 2)) / b);
  const scale = alignCorners && output > 1 ? rounded(input - 1, output - 1) : rounded(input, output);
  return Array.from({ length: output }, (_, o) => {
    const at = o * scale + (halfPixelCenters ? Math.trunc(scale / 2) - ONE / 2 : 0);
    const lower = clamp(Math.trunc(at / ONE), input - 1);
    const upper = clamp(Math.trunc((at + ONE - 1) / ONE), input - 1);
    return { lower, upper, fraction: at - ONE * lower };
  });
};

/** The f64 value of every output pixel; `unit` is the fraction that stands for 1. */
export function referenceResize(
  x: { readonly shape: readonly number[]; readonly data: Float64Array },
  attrs: ResizeAttrs,
  taps: TapsOf,
): Float64Array {
  const [n, h, w, c] = x.shape as [number, number, number, number];
  const [rows, columns] = [taps(h, attrs.size[0]!, attrs), taps(w, attrs.size[1]!, attrs)];
  const y = new Float64Array(n * rows.length * columns.length * c);
  let o = 0;
  for (let image = 0; image < n; image++)
    for (const row of rows)
      for (const column of columns)
        for (let i = 0; i < c; i++) {
          const at = (r: number, k: number): number => x.data[((image * h + r) * w + k) * c + i]!;
          const [fy, fx] = [row.fraction, column.fraction];
          y[o++] =
            at(row.lower, column.lower) * (1 - fy) * (1 - fx) +
            at(row.upper, column.lower) * fy * (1 - fx) +
            at(row.lower, column.upper) * (1 - fy) * fx +
            at(row.upper, column.upper) * fy * fx;
        }
  return y;
}

/** A resize is a product with a matrix along each axis; its gradient takes their transposes. */
export function resizeGradient(dy: Tensor, x: Tensor, attrs: ResizeAttrs, taps: TapsOf): Tensor {
  const [n, h, w, c] = x.shape as [number, number, number, number];
  const [oh, ow] = attrs.size as [number, number];
  // [n, oh, ow, c] -> [oh, n * ow * c] -> [h, ...] -> [n, h, ow, c]
  const lines = reshape(transpose(dy, { order: [1, 0, 2, 3] }), { shape: [oh, -1] });
  const high = transpose(reshape(matmul(spreadMatrix(taps(h, oh, attrs), h), lines), { shape: [h, n, ow, c] }), {
    order: [2, 1, 0, 3],
  });
  const columns = matmul(spreadMatrix(taps(w, ow, attrs), w), reshape(high, { shape: [ow, -1] }));
  return transpose(reshape(columns, { shape: [w, n, h, c] }), { order: [1, 2, 0, 3] });
}

/** [input, output]: how much of each source pixel is in each output pixel. */
function spreadMatrix(taps: readonly Tap[], input: number): Tensor {
  const data = new Float32Array(input * taps.length);
  taps.forEach(({ lower, upper, fraction }, o) => {
    data[lower * taps.length + o]! += 1 - fraction;
    data[upper * taps.length + o]! += fraction;
  });
  return new Tensor(new Node({ op: "const", types: [{ dtype: "f32", shape: [input, taps.length] }], data }));
}

/** Sizes and modes that every resize is tested on. */
export const RESIZE_SAMPLES = [
  { inputs: [[1, 1, 1, 1]], attrs: { size: [1, 1] } },
  { inputs: [[2, 3, 4, 3]], attrs: { size: [6, 8] } },
  { inputs: [[1, 3, 4, 2]], attrs: { size: [7, 5], alignCorners: true } },
  { inputs: [[1, 9, 7, 3]], attrs: { size: [4, 3], halfPixelCenters: true } },
  { inputs: [[1, 2, 5, 9]], attrs: { size: [5, 11], halfPixelCenters: true } },
  { inputs: [[1, 1, 3, 5]], attrs: { size: [4, 1] }, note: "from one line, to one column" },
];

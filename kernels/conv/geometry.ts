/** Sliding windows over NHWC images: output sizes, padding, and the arguments that say so to kernels. */
import { type Axis, i32, type LowerArg, requires, showShape } from "../op.ts";

/**
 * `padding`: "same" (output = ceil(input / stride), an odd pixel of padding goes to the end, as in TensorFlow),
 * "valid" (none), or [top, bottom, left, right].
 */
export type WindowAttrs = {
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly padding: "same" | "valid" | readonly number[];
};

/** Attributes of the convolutions. */
export type ConvAttrs = WindowAttrs & { readonly activation: string };

export const WINDOW: WindowAttrs = { strides: [1, 1], dilations: [1, 1], padding: "valid" };

export interface Geometry {
  readonly h: Axis;
  readonly w: Axis;
}

function axisOf(
  input: number,
  kernel: number,
  stride: number,
  dilation: number,
  padding: "same" | "valid" | readonly [number, number],
): Axis {
  const reach = (kernel - 1) * dilation + 1;
  if (padding === "same") {
    const output = Math.ceil(input / stride);
    const before = Math.max(0, (output - 1) * stride + reach - input) >> 1;
    return { input, output, kernel, stride, dilation, before };
  }
  const [before, after] = padding === "valid" ? [0, 0] : padding;
  const output = Math.floor((input + before + after - reach) / stride) + 1;
  return { input, output, kernel, stride, dilation, before };
}

/** Windows of `kernel` [height, width] over an image [n, h, w, c]; throws where there is no output pixel. */
export function geometryOf(
  op: string,
  image: readonly number[],
  kernel: readonly number[],
  { strides, dilations, padding }: WindowAttrs,
): Geometry {
  requires(image.length === 4, () => `${op}: input is ${showShape(image)}, expected [batch, height, width, channels]`);
  for (const [name, pair] of Object.entries({ strides, dilations, window: kernel }))
    requires(
      pair.length === 2 && pair.every((v) => Number.isInteger(v) && v > 0),
      () => `${op}: ${name} ${showShape(pair)}, expected two positive integers`,
    );
  const explicit = typeof padding === "string" ? undefined : padding;
  requires(
    explicit
      ? explicit.length === 4 && explicit.every((v) => Number.isInteger(v) && v >= 0)
      : padding === "same" || padding === "valid",
    () => `${op}: padding ${padding}, expected "same", "valid" or [top, bottom, left, right]`,
  );
  const along = (d: 0 | 1): Axis =>
    axisOf(
      image[d + 1]!,
      kernel[d]!,
      strides[d]!,
      dilations[d]!,
      typeof padding === "string" ? padding : [padding[d * 2]!, padding[d * 2 + 1]!],
    );
  const geometry = { h: along(0), w: along(1) };
  requires(
    geometry.h.output > 0 && geometry.w.output > 0,
    () => `${op}: window ${showShape(kernel)} is larger than ${showShape(image)}, expected at most the padded input`,
  );
  return geometry;
}

/** Pixels of padding that the last window reaches past the end of its axis. */
export const paddingAfter = ({ output, stride, kernel, dilation, before, input }: Axis): number =>
  Math.max(0, (output - 1) * stride + (kernel - 1) * dilation + 1 - before - input);

/** Kernel arguments of a geometry: ih iw ic oh ow oc kh kw sh sw dh dw top left. */
export const geometryArgs = ({ h, w }: Geometry, ic: number, oc: number): readonly LowerArg[] =>
  [
    h.input,
    w.input,
    ic,
    h.output,
    w.output,
    oc,
    h.kernel,
    w.kernel,
    h.stride,
    w.stride,
    h.dilation,
    w.dilation,
    h.before,
    w.before,
  ].map(i32);

/** Calls `visit(output pixel, input pixel, tap)` for each tap inside the image: pixels and taps flat, ascending. */
export function forEachTap(
  { h, w }: Geometry,
  batch: number,
  visit: (output: number, input: number, tap: number) => void,
): void {
  for (let n = 0; n < batch; n++)
    for (let oy = 0; oy < h.output; oy++)
      for (let ox = 0; ox < w.output; ox++)
        for (let ky = 0; ky < h.kernel; ky++)
          for (let kx = 0; kx < w.kernel; kx++) {
            const iy = oy * h.stride + ky * h.dilation - h.before;
            const ix = ox * w.stride + kx * w.dilation - w.before;
            if (iy < 0 || iy >= h.input || ix < 0 || ix >= w.input) continue;
            visit((n * h.output + oy) * w.output + ox, (n * h.input + iy) * w.input + ix, ky * w.kernel + kx);
          }
}

/** The sliding window that convolutions and pools share: NHWC, TensorFlow's SAME and VALID. */
import { type AttrValue, i32, type LowerArg, requires, showShape } from "../op.ts";

export type WindowAttrs = {
  /** [vertical, horizontal]. */
  strides: readonly number[];
  dilations: readonly number[];
  /** "same", "valid", or [top, bottom, left, right]. */
  padding: string | readonly number[];
};

export const WINDOW_DEFAULTS: WindowAttrs = { strides: [1, 1], dilations: [1, 1], padding: "valid" };

export interface Window {
  readonly n: number;
  readonly ih: number;
  readonly iw: number;
  readonly ic: number;
  readonly oh: number;
  readonly ow: number;
  readonly kh: number;
  readonly kw: number;
  readonly sh: number;
  readonly sw: number;
  readonly dh: number;
  readonly dw: number;
  readonly top: number;
  readonly left: number;
}

/** Output size and padding of one axis. SAME: ceil(in / stride), the odd pad at the end. */
function axis(size: number, kernel: number, stride: number, padding: string | readonly [number, number]): readonly [out: number, before: number] {
  if (padding === "same") {
    const out = Math.ceil(size / stride);
    return [out, Math.max(0, (out - 1) * stride + kernel - size) >> 1];
  }
  const [before, after] = typeof padding === "string" ? [0, 0] : padding;
  return [Math.floor((size + before + after - kernel) / stride) + 1, before];
}

/** Resolves a window over x [n, h, w, c]; throws naming `op` where it does not fit. */
export function windowOf(op: string, x: readonly number[], kernel: readonly [number, number], attrs: { readonly [K in keyof WindowAttrs]: AttrValue }): Window {
  requires(x.length === 4, () => `${op}: input is ${showShape(x)}, expected [batch, height, width, channels]`);
  const [sh, sw] = pair(op, "strides", attrs.strides);
  const [dh, dw] = pair(op, "dilations", attrs.dilations);
  const { padding } = attrs;
  const pads = Array.isArray(padding) ? padding.map(Number) : undefined;
  requires(pads ? pads.length === 4 : padding === "same" || padding === "valid", () => `${op}: padding is ${String(padding)}, expected "same", "valid" or [top, bottom, left, right]`);
  const [kh, kw] = kernel;
  const [n, ih, iw, ic] = x as readonly [number, number, number, number];
  const [oh, top] = axis(ih, (kh - 1) * dh + 1, sh, pads ? [pads[0]!, pads[1]!] : String(padding));
  const [ow, left] = axis(iw, (kw - 1) * dw + 1, sw, pads ? [pads[2]!, pads[3]!] : String(padding));
  requires(oh > 0 && ow > 0, () => `${op}: a window of [${kh},${kw}] on ${showShape(x)} leaves nothing, expected it to fit (padding is ${String(padding)})`);
  return { n, ih, iw, ic, oh, ow, kh, kw, sh, sw, dh, dw, top, left };
}

function pair(op: string, name: string, value: AttrValue): readonly [number, number] {
  const [a, b] = Array.isArray(value) ? value.map(Number) : [];
  requires(Number.isInteger(a) && Number.isInteger(b) && a! > 0 && b! > 0, () => `${op}: ${name} is ${String(value)}, expected two positive integers`);
  return [a!, b!];
}

/** Calls `visit(output pixel, tap, input pixel)` for every tap that lies inside the image; indices over n*h*w. */
export function forEachTap(w: Window, visit: (outPixel: number, tap: number, inPixel: number) => void): void {
  for (let n = 0; n < w.n; n++)
    for (let oy = 0; oy < w.oh; oy++)
      for (let ox = 0; ox < w.ow; ox++)
        for (let ky = 0; ky < w.kh; ky++) {
          const iy = oy * w.sh - w.top + ky * w.dh;
          if (iy < 0 || iy >= w.ih) continue;
          for (let kx = 0; kx < w.kw; kx++) {
            const ix = ox * w.sw - w.left + kx * w.dw;
            if (ix < 0 || ix >= w.iw) continue;
            visit((n * w.oh + oy) * w.ow + ox, ky * w.kw + kx, (n * w.ih + iy) * w.iw + ix);
          }
        }
}

/** n, sizes of input, output and kernel, strides, dilations, padding: the tail that window kernels share. */
export const windowArgs = (w: Window): readonly LowerArg[] =>
  [w.n, w.ih, w.iw, w.ic, w.oh, w.ow, w.kh, w.kw, w.sh, w.sw, w.dh, w.dw, w.top, w.left].map(i32);

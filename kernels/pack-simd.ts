/**
 * Packing for the SIMD kernels. pairdot: an i16 image less the zero point, weights by eight channels and pairs of
 * values. dot4: a u8 image of codes + 128, weights by sixteen channels and fours of values; what the 128 and the zero
 * point add to a sum is taken from the bias.
 */

import { type FloatForm, type FloatLayer, isDouble, proveFloat } from "./numerics/forms/float.ts";
import { type RequantizeChannel, reachableSums } from "./numerics/prove.ts";
import { i32, type LowerArg, type RequantizeForm, type TensorType } from "./op.ts";
import { channelParams, quantOf } from "./pack.ts";

export interface Requantized {
  readonly form: RequantizeForm;
  /** Groups of channels (SimdFormat.lanes): bias i32, multipliers, offsets, the latter f32 or f64 by group. */
  readonly constants: Int32Array;
  /** Kernel arguments zpOut, lo, hi, forms, wide. */
  readonly args: readonly LowerArg[];
}

/** How a family lays out images, weights and constants. */
export interface SimdFormat {
  readonly family: "pairdot" | "dot4";
  /** Channels of a group. */
  readonly lanes: 8 | 16;
  readonly elementBytes: 1 | 2;
  /** Values that one instruction multiplies in a lane. */
  readonly depth: 2 | 4;
}

export const PAIRDOT: SimdFormat = { family: "pairdot", lanes: 8, elementBytes: 2, depth: 2 };
export const DOT4: SimdFormat = { family: "dot4", lanes: 16, elementBytes: 1, depth: 4 };

/**
 * The proved requantization of a layer whose channel c has weights `weightsOf(c)`, or undefined where no floating
 * form is equal to the exact one. The clamp of the codes comes last; `unsigned`: the image holds codes + 128.
 */
export function requantizeFloat(
  [x, w, out]: readonly [x: TensorType, w: TensorType, out: TensorType],
  bias: Int32Array | undefined,
  weightsOf: (channel: number) => Iterable<number>,
  n: number,
  [lo, hi]: readonly [number, number],
  { lanes, unsigned }: { readonly lanes: number; readonly unsigned: boolean },
): Requantized | undefined {
  const params = channelParams(x, w, out, bias, n);
  const zeroPoint = quantOf(out).zeroPoint[0]!;
  const zeroIn = quantOf(x).zeroPoint[0]!;
  const channels = Array.from({ length: n }, (_, c): RequantizeChannel => {
    const [sumLo, sumHi] = reachableSums(weightsOf(c), bias?.[c] ?? 0, zeroIn);
    return { m: params[c * 3 + 1]!, shift: params[c * 3 + 2]!, zeroPoint, lo, hi, sumLo, sumHi };
  });
  const layer = proveFloat(channels, lanes);
  if (!layer) return undefined;
  // A bit of the mask stands for 2^shift groups.
  const shift = Math.max(0, Math.ceil(Math.log2(layer.groups.length / 32)));
  const wide = new Set(layer.groups.flatMap(({ form }, g) => (isDouble(form) ? [g >> shift] : [])));
  const mixed = shift > 0 && wide.size > 0;
  const double: FloatForm = layer.isSigned ? "float64Signed" : "float64";
  const forms = layer.groups.map(({ form }, g) => (wide.has(g >> shift) ? double : form));
  const proved = mixed ? proveFloat(channels, lanes, forms) : layer;
  if (!proved) return undefined;
  const mask = [...wide].reduce((bits, bit) => bits | (1 << bit), 0);
  return {
    form: wide.size > 0 ? "float64" : "float32",
    constants: groups(proved, lanes, (c) => (bias?.[c] ?? 0) - (unsigned ? (128 + zeroIn) * sumOf(weightsOf(c)) : 0)),
    args: [proved.zeroPoint, lo, hi, (layer.isSigned ? 1 : 0) | (shift << 1), mask].map(i32),
  };
}

const sumOf = (values: Iterable<number>): number => {
  let sum = 0;
  for (const v of values) sum += v;
  return sum;
};

function groups(layer: FloatLayer, lanes: number, biasOf: (channel: number) => number): Int32Array {
  const parts = layer.groups.map(({ form, channels }, g) => {
    const wide = isDouble(form) ? 2 : 1;
    const out = new Int32Array(lanes * (1 + 2 * wide));
    channels.forEach(({ center, multiplier, offset }, c) => {
      out[c] = biasOf(g * lanes + c) - center;
      const floats = wide === 2 ? new Float64Array([multiplier, offset]) : new Float32Array([multiplier, offset]);
      const bits = new Int32Array(floats.buffer);
      for (let i = 0; i < wide; i++) {
        out[lanes + c * wide + i] = bits[i]!;
        out[lanes * (1 + wide) + c * wide + i] = bits[wide + i]!;
      }
    });
    return out;
  });
  const all = new Int32Array(parts.reduce((n, p) => n + p.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/**
 * [n / lanes][runs][length / depth][lanes][depth] of `weights` [n][runs][length]; length and n are rounded up, what is
 * beyond is zero.
 */
export function packRuns(
  weights: Int8Array,
  n: number,
  runs: number,
  length: number,
  { lanes, depth }: SimdFormat,
): Int8Array {
  const blocks = Math.ceil(length / depth);
  const out = new Int8Array(Math.ceil(n / lanes) * runs * blocks * lanes * depth);
  for (let c = 0; c < n; c++)
    for (let r = 0; r < runs; r++) {
      const group = (Math.floor(c / lanes) * runs + r) * blocks;
      for (let i = 0; i < length; i++) {
        const block = group + Math.floor(i / depth);
        out[(block * lanes + (c % lanes)) * depth + (i % depth)] = weights[(c * runs + r) * length + i]!;
      }
    }
  return out;
}

/** Bytes of an image in scratch, with room for the load of a lane and a vector past the end. */
export const imageScratch = (elements: number, { elementBytes }: SimdFormat): number => elements * elementBytes + 16;

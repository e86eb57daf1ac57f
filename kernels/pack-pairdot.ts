/** Packing for the pair-dot kernels: weights by eight channels and pairs of taps, constants by groups of eight. */

import { type FloatForm, type FloatLayer, isDouble, proveFloat } from "./numerics/forms/float.ts";
import { type RequantizeChannel, reachableSums } from "./numerics/prove.ts";
import { i32, type LowerArg, type RequantizeForm, type TensorType } from "./op.ts";
import { channelParams, quantOf } from "./pack.ts";

export interface Requantized {
  readonly form: RequantizeForm;
  /** Groups of eight channels: bias i32[8], multipliers [8], offsets [8], f32 or f64 by group. */
  readonly constants: Int32Array;
  /** Kernel arguments zpOut, lo, hi, forms, wide. */
  readonly args: readonly LowerArg[];
}

/**
 * The proved requantization of a layer whose channel c has weights `weightsOf(c)`, or undefined where no floating
 * form is equal to the exact one. `bounds`: the clamp of the codes.
 */
export function requantizeFloat(
  [x, w, out]: readonly [x: TensorType, w: TensorType, out: TensorType],
  bias: Int32Array | undefined,
  weightsOf: (channel: number) => Iterable<number>,
  n: number,
  [lo, hi]: readonly [number, number],
): Requantized | undefined {
  const params = channelParams(x, w, out, bias, n);
  const zeroPoint = quantOf(out).zeroPoint[0]!;
  const channels = Array.from({ length: n }, (_, c): RequantizeChannel => {
    const [sumLo, sumHi] = reachableSums(weightsOf(c), bias?.[c] ?? 0, quantOf(x).zeroPoint[0]!);
    return { m: params[c * 3 + 1]!, shift: params[c * 3 + 2]!, zeroPoint, lo, hi, sumLo, sumHi };
  });
  const layer = proveFloat(channels);
  if (!layer) return undefined;
  // A bit of the mask stands for 2^shift groups.
  const shift = Math.max(0, Math.ceil(Math.log2(layer.groups.length / 32)));
  const wide = new Set(layer.groups.flatMap(({ form }, g) => (isDouble(form) ? [g >> shift] : [])));
  const mixed = shift > 0 && wide.size > 0;
  const double: FloatForm = layer.isSigned ? "float64Signed" : "float64";
  const forms = layer.groups.map(({ form }, g) => (wide.has(g >> shift) ? double : form));
  const proved = mixed ? proveFloat(channels, forms) : layer;
  if (!proved) return undefined;
  const mask = [...wide].reduce((bits, bit) => bits | (1 << bit), 0);
  return {
    form: wide.size > 0 ? "float64" : "float32",
    constants: groups(proved, bias),
    args: [proved.zeroPoint, lo, hi, (layer.isSigned ? 1 : 0) | (shift << 1), mask].map(i32),
  };
}

function groups(layer: FloatLayer, bias: Int32Array | undefined): Int32Array {
  const parts = layer.groups.map(({ form, channels }, g) => {
    const wide = isDouble(form) ? 2 : 1;
    const out = new Int32Array(8 + 16 * wide);
    channels.forEach(({ center, multiplier, offset }, c) => {
      out[c] = (bias?.[g * 8 + c] ?? 0) - center;
      const floats = wide === 2 ? new Float64Array([multiplier, offset]) : new Float32Array([multiplier, offset]);
      const bits = new Int32Array(floats.buffer);
      for (let i = 0; i < wide; i++) {
        out[8 + c * wide + i] = bits[i]!;
        out[8 + 8 * wide + c * wide + i] = bits[wide + i]!;
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

/** [n / 8][runs][pairs][8 channels][2] of `weights` [n][runs][length]; pairs = length / 2 rounded up, zero padded. */
export function packPairs(weights: Int8Array, n: number, runs: number, length: number): Int8Array {
  const pairs = (length + 1) >> 1;
  const out = new Int8Array(((n + 7) >> 3) * runs * pairs * 16);
  for (let c = 0; c < n; c++)
    for (let r = 0; r < runs; r++)
      for (let i = 0; i < length; i++)
        out[((((c >> 3) * runs + r) * pairs + (i >> 1)) * 8 + (c & 7)) * 2 + (i & 1)] =
          weights[(c * runs + r) * length + i]!;
  return out;
}

/** Bytes of i16 scratch, with room for the load of a pair and a vector past the end. */
export const wideScratch = (elements: number): number => elements * 2 + 16;

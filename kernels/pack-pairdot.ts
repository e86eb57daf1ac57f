/** Packing for the pair-dot kernels: weights by eight channels and pairs of taps, constants by groups of eight. */

import { FLOAT_FORMS, type FloatLayer, proveFloat } from "./numerics/forms/float.ts";
import { type RequantizeChannel, reachableSums } from "./numerics/prove.ts";
import { i32, type LowerArg, type RequantizeForm, type TensorType } from "./op.ts";
import { channelParams, quantOf } from "./pack.ts";

export interface Requantized {
  readonly form: RequantizeForm;
  /** Groups of eight channels: bias i32[8], multipliers [8], offsets [8], f32 or f64. */
  readonly constants: Int32Array;
  /** Kernel arguments zpOut, lo, hi, form. */
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
  return {
    form: layer.form === "float64" ? "float64" : "float32",
    constants: groups(layer, bias),
    args: [i32(layer.zeroPoint), i32(lo), i32(hi), i32(FLOAT_FORMS[layer.form])],
  };
}

function groups(layer: FloatLayer, bias: Int32Array | undefined): Int32Array {
  const wide = layer.form === "float64" ? 2 : 1;
  const words = 8 + 16 * wide;
  const out = new Int32Array(Math.ceil(layer.channels.length / 8) * words);
  layer.channels.forEach(({ center, multiplier, offset }, c) => {
    const group = (c >> 3) * words;
    out[group + (c & 7)] = (bias?.[c] ?? 0) - center;
    const floats = wide === 2 ? new Float64Array([multiplier, offset]) : new Float32Array([multiplier, offset]);
    const bits = new Int32Array(floats.buffer);
    for (let i = 0; i < wide; i++) {
      out[group + 8 + (c & 7) * wide + i] = bits[i]!;
      out[group + 8 + 8 * wide + (c & 7) * wide + i] = bits[wide + i]!;
    }
  });
  return out;
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

/** Scales and zero points from ranges: `real = scale * (q - zeroPoint)`, scales are f32. */
import { roundHalfAway } from "../../kernels/numerics/requantize.ts";
import type { Quant } from "../../kernels/op.ts";
import type { Range } from "./calibrate.ts";

const MIN_SCALE = 2 ** -100;
const positive = (scale: number): number => Math.max(Math.fround(scale), MIN_SCALE);

/** Asymmetric int8 for activations; the range is widened to hold 0, which is exact. */
export function activationQuant({ min, max }: Range): Quant {
  const low = Math.min(0, min);
  const high = Math.max(0, max);
  const scale = low === high ? 1 : positive((high - low) / 255);
  const zeroPoint = Math.min(127, Math.max(-128, roundHalfAway(-128 - low / scale)));
  return { scale: [scale], zeroPoint: [zeroPoint] };
}

export interface QuantizedWeights {
  readonly codes: Int8Array;
  readonly quant: Quant;
}

/**
 * Symmetric int8 per index of `axis`, codes in [-127, 127]. `biasLimit(c)` is the smallest scale that keeps the
 * channel's i32 bias in range.
 */
export function quantizeWeights(
  values: Float32Array,
  shape: readonly number[],
  axis: number,
  leastScale: (channel: number) => number,
): QuantizedWeights {
  const inner = shape.slice(axis + 1).reduce((n, d) => n * d, 1);
  const channels = shape[axis]!;
  const channel = (i: number): number => Math.floor(i / inner) % channels;
  const peak = new Float64Array(channels);
  values.forEach((v, i) => {
    peak[channel(i)] = Math.max(peak[channel(i)]!, Math.abs(v));
  });
  const scale = Array.from(peak, (p, c) => positive(Math.max(p === 0 ? 1 : p / 127, leastScale(c))));
  const codes = Int8Array.from(values, (v, i) => Math.min(127, Math.max(-127, roundHalfAway(v / scale[channel(i)]!))));
  return { codes, quant: { scale, zeroPoint: scale.map(() => 0), axis } };
}

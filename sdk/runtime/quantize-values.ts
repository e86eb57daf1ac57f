/** Real values to int8 codes and back: `real = scale * (q - zeroPoint)`, rounding half away from zero. */
import type { Quant } from "../../kernels/op.ts";

/** Index of element i along the quantized axis; 0 for per-tensor quantization. */
function channelIndex(shape: readonly number[], quant: Quant): (i: number) => number {
  if (quant.axis === undefined) return () => 0;
  const inner = shape.slice(quant.axis + 1).reduce((n, d) => n * d, 1);
  const size = shape[quant.axis]!;
  return (i) => Math.floor(i / inner) % size;
}

/** NaN becomes the zero point, infinities saturate. */
export function quantizeValues(values: ArrayLike<number>, shape: readonly number[], quant: Quant): Int8Array {
  const channel = channelIndex(shape, quant);
  const out = new Int8Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const c = channel(i);
    const x = values[i]! / quant.scale[c]!;
    const rounded = (x < 0 ? -Math.floor(-x + 0.5) : Math.floor(x + 0.5)) + quant.zeroPoint[c]!;
    out[i] = Number.isNaN(rounded) ? quant.zeroPoint[c]! : Math.min(127, Math.max(-128, rounded));
  }
  return out;
}

export function dequantizeValues(codes: ArrayLike<number>, shape: readonly number[], quant: Quant): Float32Array {
  const channel = channelIndex(shape, quant);
  return Float32Array.from(codes, (q, i) => quant.scale[channel(i)]! * (q - quant.zeroPoint[channel(i)]!));
}

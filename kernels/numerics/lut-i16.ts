/**
 * Tables of int16 functions of int16 values as TensorFlow Lite fills them (common.h, LUTPopulate): 512 steps over the
 * input's range and the last value. Entries are moved by half of the error that linear interpolation makes in the
 * middle of a step. All arithmetic in single precision.
 */
import { roundHalfAway } from "./requantize.ts";

const STEPS = 512;
const [LEAST, MOST] = [-32768, 32767];
const f = Math.fround;
const round = (x: number): number => f(roundHalfAway(x));

/** `transform` computes in f64; its result is rounded to f32. Output zero point 0. */
export function tableI16(
  input: { readonly scale: number; readonly zeroPoint: number },
  outputScale: number,
  transform: (x: number) => number,
): Int16Array {
  const least = f(input.scale * (LEAST - input.zeroPoint));
  const most = f(input.scale * (MOST - input.zeroPoint));
  const step = f(f(most - least) / STEPS);
  const half = f(step / 2);
  const inverse = f(65536 / f(f(outputScale * MOST) - f(outputScale * LEAST)));
  const scaled = (x: number): number => f(f(transform(x)) * inverse);
  const clamp = (x: number): number => Math.min(Math.max(x, LEAST), MOST);
  const table = new Int16Array(STEPS + 1);
  for (let i = 0; i < STEPS; i++) {
    const at = f(least + f(i * step));
    const sample = round(scaled(at));
    const between = round(f(f(scaled(f(least + f((i + 1) * step))) + sample) / 2));
    const bias = round(f(f(between - round(scaled(f(at + half)))) / 2));
    table[i] = clamp(f(sample - bias));
  }
  table[STEPS] = clamp(round(scaled(most)));
  return table;
}

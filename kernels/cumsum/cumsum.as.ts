import { clamp, requantize } from "../numerics/requantize.as";

/** Sums along the middle of [outer, count, inner]; exclusive: each before its own value; reverse: from the end. */

/** f32, ascending from the starting end, one accumulator. dst may be src. */
export function cumsum_f32(src: usize, dst: usize, outer: i32, count: i32, inner: i32, exclusive: i32, reverse: i32): void {
  const step = reverse ? -(inner << 2) : inner << 2;
  const first = reverse ? (count - 1) * (inner << 2) : 0;
  for (let o = 0; o < outer; o++)
    for (let i = 0; i < inner; i++) {
      let offset = ((o * count * inner + i) << 2) + first;
      let acc: f32 = 0;
      for (let k = 0; k < count; k++) {
        const value = load<f32>(src + offset);
        store<f32>(dst + offset, exclusive ? acc : acc + value);
        acc += value;
        offset += step;
      }
    }
}

/**
 * int8: dst = requantize(2^19 (sum of (src - zpIn) - zpIn)) + zpOut, double rounding; the second zpIn is TensorFlow
 * Lite's starting value. dst may be src. The accumulator wraps beyond |sum| = 4096, as the reference's does.
 */
export function cumsum_i8(
  src: usize, dst: usize, outer: i32, count: i32, inner: i32, exclusive: i32, reverse: i32, zpIn: i32, m: i32, shift: i32, zpOut: i32,
): void {
  const step = reverse ? -inner : inner;
  const first = reverse ? (count - 1) * inner : 0;
  for (let o = 0; o < outer; o++)
    for (let i = 0; i < inner; i++) {
      let offset = o * count * inner + i + first;
      let acc = -zpIn << 19;
      for (let k = 0; k < count; k++) {
        const next = acc + (((load<i8>(src + offset) as i32) - zpIn) << 19);
        store<i8>(dst + offset, clamp(requantize(exclusive ? acc : next, m, shift) + zpOut, -128, 127) as i8);
        acc = next;
        offset += step;
      }
    }
}

/**
 * SVDF: each filter projects the input to a number, keeps the last `memory` of them, and weighs them; `rank` filters
 * make a unit. state, next: [batch, filters, memory], the newest last; next may be state itself (the shift reads ahead of
 * what it writes) and then must be all of it. dst must not alias src.
 */
import { clamp, requantize } from "../numerics/requantize.as";

/**
 * int8 with a state and time weights of int16 or int8 (`wide` 1 or 0). feature: i8 [filters, k]; time: [filters,
 * memory]; bias: i32 [units] or 0 (none); dst: i8 [batch, units]. Rounding: requantize, twice: into the state, where it
 * saturates before zpState is added, and out. Overflow: |x - zp| <= 255 and |w| <= 128 allow k <= 65 793; the sum over
 * memory and rank wraps, as TensorFlow Lite Micro's does.
 */
export function svdf_i8(
  src: usize, feature: usize, time: usize, bias: usize, state: usize, dst: usize, next: usize,
  batch: i32, k: i32, filters: i32, memory: i32, rank: i32, wide: i32,
  m1: i32, shift1: i32, m2: i32, shift2: i32, zpIn: i32, zpState: i32, zpOut: i32,
): void {
  const last = memory - 1;
  const lo = wide ? -32768 : -128;
  const hi = wide ? 32767 : 127;
  for (let n = 0; n < batch; n++) {
    let w = feature;
    let t = time;
    for (let unit = 0; unit < filters / rank; unit++) {
      let acc = bias ? load<i32>(bias + (unit << 2)) : 0;
      for (let r = 0; r < rank; r++) {
        let sum = 0;
        for (let i = 0; i < k; i++) sum += ((load<i8>(src + i) as i32) - zpIn) * (load<i8>(w++) as i32);
        const newest = clamp(requantize(sum, m1, shift1), lo, hi) + zpState;
        if (wide) {
          for (let j = 0; j < last; j++) {
            const kept = load<i16>(state, 2);
            store<i16>(next, kept);
            acc += (load<i16>(t) as i32) * ((kept as i32) - zpState);
            state += 2;
            next += 2;
            t += 2;
          }
          store<i16>(next, newest);
          acc += (load<i16>(t) as i32) * ((newest as i16 as i32) - zpState);
          state += 2;
          next += 2;
          t += 2;
        } else {
          for (let j = 0; j < last; j++) {
            const kept = load<i8>(state, 1);
            store<i8>(next++, kept);
            acc += (load<i8>(t++) as i32) * ((kept as i32) - zpState);
            state++;
          }
          store<i8>(next++, newest);
          acc += (load<i8>(t++) as i32) * ((newest as i8 as i32) - zpState);
          state++;
        }
      }
      store<i8>(dst++, clamp(requantize(acc, m2, shift2) + zpOut, -128, 127) as i8);
    }
    src += k;
  }
}

/**
 * f32: dst[unit] = clamp(bias + sum over ranks, each summed over memory from the oldest), i ascending in the projection,
 * one accumulator each. bias may be 0 (none).
 */
export function svdf_f32(
  src: usize, feature: usize, time: usize, bias: usize, state: usize, dst: usize, next: usize,
  batch: i32, k: i32, filters: i32, memory: i32, rank: i32, lo: f32, hi: f32,
): void {
  for (let n = 0; n < batch; n++) {
    let w = feature;
    let t = time;
    for (let unit = 0; unit < filters / rank; unit++) {
      let acc: f32 = bias ? load<f32>(bias + (unit << 2)) : 0;
      for (let r = 0; r < rank; r++) {
        let newest: f32 = 0;
        for (let i = 0; i < k; i++) {
          newest += load<f32>(src + (i << 2)) * load<f32>(w);
          w += 4;
        }
        let sum: f32 = 0;
        for (let j = 0; j < memory; j++) {
          const kept = j + 1 < memory ? load<f32>(state, 4) : newest;
          store<f32>(next, kept);
          sum += load<f32>(t) * kept;
          state += 4;
          next += 4;
          t += 4;
        }
        acc += sum;
      }
      store<f32>(dst, min<f32>(max<f32>(acc, lo), hi));
      dst += 4;
    }
    src += k << 2;
  }
}

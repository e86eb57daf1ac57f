import { gaussian, philox } from "../numerics/philox.as";

/** dst = src + deviation * normal, samples [begin, end) of `size` elements. dst may be src. */
export function jitter_f32(
  src: usize, ids: usize, step: usize, dst: usize, size: i32, seed: u32, stream: u32, deviation: f32, begin: i32, end: i32,
): void {
  const t = load<u32>(step);
  for (let n = begin; n < end; n++) {
    const id = load<u32>(ids + (n << 2));
    const base = (n * size) << 2;
    for (let e = 0; e < size; e++) {
      if ((e & 3) == 0) philox(e >> 2, id, t, 0, seed, stream);
      const at = base + (e << 2);
      store<f32>(dst + at, load<f32>(src + at) + deviation * gaussian(e & 3));
    }
  }
}

import { philox, word0, word1, word2, word3 } from "../numerics/philox.as";

/** Samples [begin, end) of `size` elements: kept where a word's upper 24 bits reach threshold. dst may be src. */
export function dropout_f32(
  src: usize, ids: usize, step: usize, dst: usize, size: i32, seed: u32, stream: u32, threshold: u32, scale: f32, begin: i32, end: i32,
): void {
  const t = load<u32>(step);
  for (let n = begin; n < end; n++) {
    const id = load<u32>(ids + (n << 2));
    const base = (n * size) << 2;
    for (let e = 0; e < size; e++) {
      const lane = e & 3;
      if (lane == 0) philox(e >> 2, id, t, 0, seed, stream);
      const word = lane == 0 ? word0 : lane == 1 ? word1 : lane == 2 ? word2 : word3;
      const at = base + (e << 2);
      store<f32>(dst + at, word >>> 8 >= threshold ? load<f32>(src + at) * scale : 0);
    }
  }
}

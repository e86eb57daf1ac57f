import { gaussianRadius, philox, uniform, word0, word1, word2, word3 } from "../numerics/philox.as";
import { cosTurns, sinTurns } from "../numerics/transcendental.as";

/**
 * dst = src + deviation * normal, samples [begin, end) of `size` elements. Word pairs (0, 1) and (2, 3) give two
 * normals each, the cosine first. dst may be src.
 */
export function jitter_f32(
  src: usize, ids: usize, step: usize, dst: usize, size: i32, seed: u32, stream: u32, deviation: f32, begin: i32, end: i32,
): void {
  const t = load<u32>(step);
  for (let n = begin; n < end; n++) {
    const id = load<u32>(ids + (n << 2));
    const base = (n * size) << 2;
    for (let e = 0; e < size; e += 2) {
      const second = (e & 2) != 0;
      if (!second) philox(e >> 2, id, t, 0, seed, stream);
      const radius = gaussianRadius(second ? word2 : word0);
      const turns = uniform(second ? word3 : word1);
      const at = base + (e << 2);
      store<f32>(dst + at, load<f32>(src + at) + deviation * (radius * cosTurns(turns)));
      if (e + 1 < size) store<f32>(dst + at, load<f32>(src + at, 4) + deviation * (radius * sinTurns(turns)), 4);
    }
  }
}

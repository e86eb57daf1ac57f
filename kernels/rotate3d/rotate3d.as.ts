import { philox, uniform, word0, word1, word2 } from "../numerics/philox.as";
import { cosTurns, sinTurns } from "../numerics/transcendental.as";

/**
 * Samples [begin, end) of `size` / 3 vectors, each sample by its own rotation (rotate3d.ts). `turns`: the largest
 * angle in turns, negative to turn back. dst may be src.
 */
export function rotate3d_f32(
  src: usize, ids: usize, step: usize, dst: usize, size: i32, seed: u32, stream: u32, turns: f32, begin: i32, end: i32,
): void {
  const t = load<u32>(step);
  for (let n = begin; n < end; n++) {
    philox(0, load<u32>(ids + (n << 2)), t, 0, seed, stream);
    const kz = <f32>2 * uniform(word0) - <f32>1;
    const ring = sqrt<f32>((<f32>1 - kz) * (<f32>1 + kz));
    const kx = ring * cosTurns(uniform(word1));
    const ky = ring * sinTurns(uniform(word1));
    const turn = turns * (<f32>2 * uniform(word2) - <f32>1);
    const c = cosTurns(turn);
    const s = sinTurns(turn);
    const d = <f32>1 - c;
    for (let e = 0; e < size; e += 3) {
      const at = (n * size + e) << 2;
      const x = load<f32>(src + at);
      const y = load<f32>(src + at, 4);
      const z = load<f32>(src + at, 8);
      store<f32>(dst + at, (c + d * kx * kx) * x + (d * kx * ky - s * kz) * y + (d * kx * kz + s * ky) * z);
      store<f32>(dst + at, (d * kx * ky + s * kz) * x + (c + d * ky * ky) * y + (d * ky * kz - s * kx) * z, 4);
      store<f32>(dst + at, (d * kx * kz - s * ky) * x + (d * ky * kz + s * kx) * y + (c + d * kz * kz) * z, 8);
    }
  }
}

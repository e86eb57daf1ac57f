/**
 * Philox4x32-10 (philox.ts has the source). AssemblyScript returns one value, so the four words of the last call
 * stand in globals, not in memory: a training module only, one instance a thread.
 */
import { cosTurns, log_scalar, sinTurns } from "./transcendental.as";

export let word0: u32 = 0;
export let word1: u32 = 0;
export let word2: u32 = 0;
export let word3: u32 = 0;

export function philox(c0: u32, c1: u32, c2: u32, c3: u32, k0: u32, k1: u32): void {
  for (let round = 0; round < 10; round++) {
    const product0 = (c0 as u64) * 0xd2511f53;
    const product1 = (c2 as u64) * 0xcd9e8d57;
    c0 = ((product1 >> 32) as u32) ^ c1 ^ k0;
    c1 = product1 as u32;
    c2 = ((product0 >> 32) as u32) ^ c3 ^ k1;
    c3 = product0 as u32;
    k0 += 0x9e3779b9;
    k1 += 0xbb67ae85;
  }
  word0 = c0;
  word1 = c1;
  word2 = c2;
  word3 = c3;
}

/** Uniform in [0, 1), a multiple of 2^-24: exact. */
// @ts-ignore: decorator
@inline
export function uniform(word: u32): f32 {
  return ((word >>> 8) as f32) * <f32>5.9604644775390625e-8;
}

/** Radius of a Box-Muller pair, from a uniform in (0, 1]. */
// @ts-ignore: decorator
@inline
export function gaussianRadius(word: u32): f32 {
  return sqrt<f32>(<f32>-2 * log_scalar((((word >>> 8) + 1) as f32) * <f32>5.9604644775390625e-8));
}

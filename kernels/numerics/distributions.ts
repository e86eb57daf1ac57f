/** What keyed operators draw from Philox words: the f64 twins of philox.as.ts and philox.h. */

/** Uniform in [0, 1), a multiple of 2^-24: exact in f32. */
export const uniform = (word: number): number => (word >>> 8) * 2 ** -24;

/** Uniform in (0, 1]: what a logarithm takes. */
const uniformAboveZero = (word: number): number => ((word >>> 8) + 1) * 2 ** -24;

/** Two independent standard normals from two words (Box and Muller 1958). */
export function gaussians(word0: number, word1: number): readonly [number, number] {
  const radius = Math.sqrt(-2 * Math.log(uniformAboveZero(word0)));
  const angle = 2 * Math.PI * uniform(word1);
  return [radius * Math.cos(angle), radius * Math.sin(angle)];
}

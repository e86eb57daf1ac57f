/**
 * Sums of four int8 values side by side, two in each word of the result: each the sum of (value + 128) over `rows` rows
 * of `cols` pixels, so at most 256 pixels fit 16 bits. Bytes 0 and 2 of a pixel are in the low word, 1 and 3 in the
 * high one, 16 bits each. Strides are bytes; x and the strides are multiples of 4.
 */
// @ts-ignore: decorator
@inline
export function sumWords(x: usize, rows: i32, rowStride: i32, cols: i32, colStride: i32): u64 {
  let even: u32 = 0;
  let odd: u32 = 0;
  for (let r = 0; r < rows; r++) {
    let p = x;
    for (let k = 0; k < cols; k++) {
      const word = load<u32>(p) ^ 0x80808080;
      even += word & 0x00ff00ff;
      odd += (word >>> 8) & 0x00ff00ff;
      p += colStride;
    }
    x += rowStride;
  }
  return (even as u64) | ((odd as u64) << 32);
}

/** Most pixels that sumWords can add. */
// @ts-ignore: decorator
@inline
export const SUM_WORDS_MOST: i32 = 256;

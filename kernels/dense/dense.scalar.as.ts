import { clamp_codes, row_long, tile_u8 } from "../isa/tile.scalar.as";

/** int8 dense, scalar family with a long multiply: src i8 [rows, k], dst i8 [rows, n], no overlap. See row_long. */
export function dense_i8_long(
  src: usize, weights: usize, params: usize, dst: usize, rows: i32, k: i32, n: i32, exact: i32, zpOut: i32, lo: i32, hi: i32,
): void {
  for (let row = 0; row < rows; row++) row_long(src + row * k, weights, params, dst + row * n, k, n, exact, zpOut);
  clamp_codes(dst, rows * n, lo, hi);
}

/** The same without one: tile_u8. scratch: u8 [depth], depth = k rounded up to 4. */
export function dense_i8_short(
  src: usize, weights: usize, params: usize, dst: usize, scratch: usize, rows: i32, k: i32, n: i32, exact: i32, zpOut: i32, lo: i32, hi: i32, lowBits: i32,
): void {
  const depth = (k + 3) & ~3;
  store<u32>(scratch + depth - 4, 0);
  for (let row = 0; row < rows; row++) {
    let sum = 0;
    for (let i = 0; i < k; i++) {
      const v = (load<u8>(src + i) as i32) ^ 128;
      sum += v;
      store<u8>(scratch + i, v);
    }
    tile_u8(scratch, weights, params, dst + row * n, depth, n, -(sum << 7), exact, zpOut, lowBits);
    src += k;
  }
  clamp_codes(dst, rows * n, lo, hi);
}

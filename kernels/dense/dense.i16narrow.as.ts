import { matvec_i16_narrow } from "../isa/matvec16";

/**
 * int16x8 dense with sums of 32 bits, which the host has proved to suffice: src i16 [rows, k], dst i16 [rows, n];
 * weights, params and sum32 as matvec_i16_narrow wants them. scratch: i16 [depth], depth = k rounded up to 4, 4-aligned;
 * unused where k is a multiple of 4. dst must not alias src.
 */
export function dense_i16_narrow(
  src: usize, weights: usize, params: usize, dst: usize, scratch: usize,
  rows: i32, k: i32, n: i32, sum32: i32, lo: i32, hi: i32,
): void {
  const depth = (k + 3) & ~3;
  for (let i = k; i < depth; i++) store<i16>(scratch + (i << 1), 0);
  for (let row = 0; row < rows; row++) {
    if (k != depth) memory.copy(scratch, src, k << 1);
    matvec_i16_narrow(k == depth ? src : scratch, weights, params, dst, depth, n, sum32, lo, hi);
    src += k << 1;
    dst += n << 1;
  }
}

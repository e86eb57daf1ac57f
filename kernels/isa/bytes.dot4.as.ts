/** Images of u8 codes: an int8 code + 128, which is its bits with the sign flipped. */

/** dst[i] = src[i] + 128, i in [0, n). */
export function flip(src: usize, dst: usize, n: i32): void {
  const signs = i8x16.splat(-128);
  let i = 0;
  for (; i + 16 <= n; i += 16) v128.store(dst + i, v128.xor(v128.load(src + i), signs));
  for (; i < n; i++) store<u8>(dst + i, load<u8>(src + i) ^ 0x80);
}

/** n bytes of `value`. */
export function fill(dst: usize, value: i32, n: i32): void {
  const all = i8x16.splat(value as i8);
  let i = 0;
  for (; i + 16 <= n; i += 16) v128.store(dst + i, all);
  for (; i < n; i++) store<u8>(dst + i, value as u8);
}

/** n bytes from src down to dst < src. */
export function moveDown(dst: usize, src: usize, n: i32): void {
  let i = 0;
  for (; i + 16 <= n; i += 16) v128.store(dst + i, v128.load(src + i));
  for (; i < n; i++) store<u8>(dst + i, load<u8>(src + i));
}

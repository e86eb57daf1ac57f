/**
 * dst[i] = table[src[i] as u8], n bytes: every operator from one code of 8 bits to another. table: 256 bytes, in the
 * order of the code's bits. dst may be src. Four at a time, so that the loop's own instructions are shared.
 */
export function lookup_i8(src: usize, dst: usize, table: usize, n: i32): void {
  const end = src + n;
  for (const stop = src + (n & ~3); src < stop; src += 4, dst += 4) {
    const a = load<u8>(table + <usize>load<u8>(src));
    const b = load<u8>(table + <usize>load<u8>(src, 1));
    const c = load<u8>(table + <usize>load<u8>(src, 2));
    const d = load<u8>(table + <usize>load<u8>(src, 3));
    store<u8>(dst, a);
    store<u8>(dst, b, 1);
    store<u8>(dst, c, 2);
    store<u8>(dst, d, 3);
  }
  for (; src < end; src++, dst++) store<u8>(dst, load<u8>(table + <usize>load<u8>(src)));
}

/**
 * Two padded input rows, column by column and channel by channel beside each other, as i16 less the zero point:
 * dst i16 [width][c][2]. A row outside the image (address 0) and columns outside it are 0. c a multiple of 8.
 */
export function interleave(row0: usize, row1: usize, dst: usize, width: i32, left: i32, columns: i32, c: i32, zeroPoint: i32): void {
  const zp = i16x8.splat(zeroPoint as i16);
  const none = i16x8.splat(0);
  const end = dst + ((width * c) << 2);
  const from = dst + ((left * c) << 2);
  const to = row0 == 0 && row1 == 0 ? from : from + ((columns * c) << 2);
  for (; dst < from; dst += 16) v128.store(dst, none);
  if (row0 != 0 && row1 != 0)
    for (; dst < to; dst += 32) {
      const a = i16x8.sub(v128.load8x8_s(row0), zp);
      const b = i16x8.sub(v128.load8x8_s(row1), zp);
      v128.store(dst, i8x16.shuffle(a, b, 0, 1, 16, 17, 2, 3, 18, 19, 4, 5, 20, 21, 6, 7, 22, 23));
      v128.store(dst, i8x16.shuffle(a, b, 8, 9, 24, 25, 10, 11, 26, 27, 12, 13, 28, 29, 14, 15, 30, 31), 16);
      row0 += 8;
      row1 += 8;
    }
  else
    for (; dst < to; dst += 32) {
      const a = row0 != 0 ? i16x8.sub(v128.load8x8_s(row0), zp) : none;
      const b = row1 != 0 ? i16x8.sub(v128.load8x8_s(row1), zp) : none;
      v128.store(dst, i8x16.shuffle(a, b, 0, 1, 16, 17, 2, 3, 18, 19, 4, 5, 20, 21, 6, 7, 22, 23));
      v128.store(dst, i8x16.shuffle(a, b, 8, 9, 24, 25, 10, 11, 26, 27, 12, 13, 28, 29, 14, 15, 30, 31), 16);
      row0 += row0 != 0 ? 8 : 0;
      row1 += row1 != 0 ? 8 : 0;
    }
  for (; dst < end; dst += 16) v128.store(dst, none);
}

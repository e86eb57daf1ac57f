/**
 * One output pixel's patch as i16, in (ky, kx, i) order, `count` channels from `first` on of each tap; 0 outside the
 * image. `to`: 2-aligned, kh * kw * count values.
 */
export function patch_i16(
  image: usize, to: usize, ih: i32, iw: i32, ic: i32, kh: i32, kw: i32,
  dh: i32, dw: i32, y0: i32, x0: i32, first: i32, count: i32,
): void {
  for (let ky = 0; ky < kh; ky++) {
    const iy = y0 + ky * dh;
    for (let kx = 0; kx < kw; kx++) {
      const ix = x0 + kx * dw;
      const end = to + (count << 1);
      if (iy < 0 || iy >= ih || ix < 0 || ix >= iw) {
        for (; to < end; to += 2) store<i16>(to, 0);
      } else {
        let from = image + (((iy * iw + ix) * ic + first) << 1);
        for (; to < end; to += 2) {
          store<i16>(to, load<i16>(from));
          from += 2;
        }
      }
    }
  }
}

/** The same of int8 codes, each less its zero point. */
export function patch_i8(
  image: usize, to: usize, ih: i32, iw: i32, ic: i32, kh: i32, kw: i32,
  dh: i32, dw: i32, y0: i32, x0: i32, first: i32, count: i32, zeroPoint: i32,
): void {
  for (let ky = 0; ky < kh; ky++) {
    const iy = y0 + ky * dh;
    for (let kx = 0; kx < kw; kx++) {
      const ix = x0 + kx * dw;
      const end = to + (count << 1);
      if (iy < 0 || iy >= ih || ix < 0 || ix >= iw) {
        for (; to < end; to += 2) store<i16>(to, 0);
      } else {
        let from = image + (iy * iw + ix) * ic + first;
        for (; to < end; to += 2) store<i16>(to, (load<i8>(from++) as i32) - zeroPoint);
      }
    }
  }
}

/** Whether pixel (iy, ix) is the first maximum, in order of y, x, of the window [y0, y1) x [x0, x1), for one channel. */
// @ts-ignore: decorator
@inline
function isFirstMaximum(plane: usize, iw: i32, ic: i32, iy: i32, ix: i32, y0: i32, y1: i32, x0: i32, x1: i32): bool {
  const value = load<f32>(plane + (((iy * iw + ix) * ic) << 2));
  for (let y = y0; y < y1; y++)
    for (let x = x0; x < x1; x++) {
      const other = load<f32>(plane + (((y * iw + x) * ic) << 2));
      const earlier = y < iy || (y == iy && x < ix);
      if (other > value || (earlier && other == value)) return false;
    }
  return true;
}

/**
 * dst[n, iy, ix, c] = sum of dy[n, oy, ox, c] over the windows whose first maximum the pixel is, in order of oy, ox,
 * one accumulator. dst must not alias dy or src. Input pixels [begin, end) of batch * ih * iw. oc = ic, dh = dw = 1.
 */
export function maxPool2dGrad_f32(
  dy: usize, src: usize, dst: usize, ih: i32, iw: i32, ic: i32, oh: i32, ow: i32, oc: i32, kh: i32, kw: i32,
  sh: i32, sw: i32, dh: i32, dw: i32, top: i32, left: i32, begin: i32, end: i32,
): void {
  for (let p = begin; p < end; p++) {
    const iy = (p / iw) % ih;
    const ix = p % iw;
    const y = iy + top;
    const x = ix + left;
    const n = p / (iw * ih);
    const y0 = y < kh ? 0 : (y - kh) / sh + 1;
    const y1 = min(oh, y / sh + 1);
    const x0 = x < kw ? 0 : (x - kw) / sw + 1;
    const x1 = min(ow, x / sw + 1);
    for (let c = 0; c < ic; c++) {
      const plane = src + ((n * ih * iw * ic + c) << 2);
      let acc: f32 = 0;
      for (let oy = y0; oy < y1; oy++)
        for (let ox = x0; ox < x1; ox++) {
          const wy = oy * sh - top;
          const wx = ox * sw - left;
          if (isFirstMaximum(plane, iw, ic, iy, ix, max(0, wy), min(ih, wy + kh), max(0, wx), min(iw, wx + kw)))
            acc += load<f32>(dy + ((((n * oh + oy) * ow + ox) * oc + c) << 2));
        }
      store<f32>(dst + ((p * ic + c) << 2), acc);
    }
  }
}

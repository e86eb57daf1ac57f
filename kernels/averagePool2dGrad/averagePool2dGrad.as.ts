/**
 * dst[n, iy, ix, c] = sum of dy[n, oy, ox, c] / count(oy, ox) over the windows that hold the pixel, in order of oy, ox,
 * one accumulator; count is the window's number of pixels inside the image. dst must not alias dy.
 * Input pixels [begin, end) of batch * ih * iw. oc = ic and dh = dw = 1.
 */
export function averagePool2dGrad_f32(
  dy: usize, dst: usize, ih: i32, iw: i32, ic: i32, oh: i32, ow: i32, oc: i32, kh: i32, kw: i32,
  sh: i32, sw: i32, dh: i32, dw: i32, top: i32, left: i32, begin: i32, end: i32,
): void {
  for (let p = begin; p < end; p++) {
    const y = ((p / iw) % ih) + top;
    const x = (p % iw) + left;
    const image = dy + (((p / (iw * ih)) * oh * ow * oc) << 2);
    const y0 = y < kh ? 0 : (y - kh) / sh + 1;
    const y1 = min(oh, y / sh + 1);
    const x0 = x < kw ? 0 : (x - kw) / sw + 1;
    const x1 = min(ow, x / sw + 1);
    for (let c = 0; c < ic; c++) {
      let acc: f32 = 0;
      for (let oy = y0; oy < y1; oy++) {
        const rows = min(ih, oy * sh - top + kh) - max(0, oy * sh - top);
        for (let ox = x0; ox < x1; ox++) {
          const columns = min(iw, ox * sw - left + kw) - max(0, ox * sw - left);
          acc += load<f32>(image + (((oy * ow + ox) * oc + c) << 2)) / ((rows * columns) as f32);
        }
      }
      store<f32>(dst + ((p * ic + c) << 2), acc);
    }
  }
}

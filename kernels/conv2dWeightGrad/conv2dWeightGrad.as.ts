/**
 * dw[o, ky, kx, c] = sum over n, oy, ox ascending of dy[n, oy, ox, o] * x[n, iy, ix, c]. Units [begin, end) of
 * kh * kw * ic: one (tap, channel) for all o. dw must not alias dy or x.
 */
export function conv2dWeightGrad_f32(
  dy: usize, src: usize, dst: usize, oc: i32,
  n: i32, ih: i32, iw: i32, ic: i32, oh: i32, ow: i32, kh: i32, kw: i32, sh: i32, sw: i32, dh: i32, dw: i32, top: i32, left: i32,
  begin: i32, end: i32,
): void {
  const stride = (kh * kw * ic) << 2;
  for (let unit = begin; unit < end; unit++) {
    const c = unit % ic;
    const tap = unit / ic;
    const ky = tap / kw;
    const kx = tap % kw;
    const out = dst + (unit << 2);
    for (let o = 0; o < oc; o++) store<f32>(out + o * stride, 0);
    for (let row = 0; row < n * oh; row++) {
      const iy = (row % oh) * sh - top + ky * dh;
      if (<u32>iy >= <u32>ih) continue;
      for (let ox = 0; ox < ow; ox++) {
        const ix = ox * sw - left + kx * dw;
        if (<u32>ix >= <u32>iw) continue;
        const v = load<f32>(src + (((((row / oh) * ih + iy) * iw + ix) * ic + c) << 2));
        let g = dy + (((row * ow + ox) * oc) << 2);
        let at = out;
        for (let o = 0; o < oc; o++) {
          store<f32>(at, load<f32>(at) + v * load<f32>(g));
          at += stride;
          g += 4;
        }
      }
    }
  }
}

/**
 * dst[o, ky, kx, i] = sum of dy[n, oy, ox, o] * x[n, oy * sh + ky * dh - top, ox * sw + kx * dw - left, i] over outputs
 * whose tap is inside the image, in order of n, oy, ox, one accumulator. dst must not alias an input.
 * Weights k = (ky * kw + kx) * ic + i in [begin, end), each for every o.
 */
export function conv2dWeightGrad_f32(
  dy: usize, src: usize, dst: usize, batch: i32,
  ih: i32, iw: i32, ic: i32, oh: i32, ow: i32, oc: i32, kh: i32, kw: i32,
  sh: i32, sw: i32, dh: i32, dw: i32, top: i32, left: i32, begin: i32, end: i32,
): void {
  for (let k = begin; k < end; k++) {
    const i = k % ic;
    const tap = k / ic;
    const y0 = (tap / kw) * dh - top;
    const x0 = (tap % kw) * dw - left;
    for (let o = 0; o < oc; o++) {
      let acc: f32 = 0;
      for (let n = 0; n < batch; n++)
        for (let oy = 0; oy < oh; oy++) {
          const iy = oy * sh + y0;
          if (iy < 0 || iy >= ih) continue;
          for (let ox = 0; ox < ow; ox++) {
            const ix = ox * sw + x0;
            if (ix < 0 || ix >= iw) continue;
            acc += load<f32>(dy + ((((n * oh + oy) * ow + ox) * oc + o) << 2)) * load<f32>(src + ((((n * ih + iy) * iw + ix) * ic + i) << 2));
          }
        }
      store<f32>(dst + ((o * kh * kw * ic + k) << 2), acc);
    }
  }
}

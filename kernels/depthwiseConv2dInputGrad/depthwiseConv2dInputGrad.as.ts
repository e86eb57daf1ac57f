/**
 * dst[n, iy, ix, i] = sum of dy[n, oy, ox, o] * w[ky, kx, o] over the o of i, taps and outputs with
 * oy * sh + ky * dh - top = iy (ox alike), in order of ky, kx, o, one accumulator. dst must not alias dy.
 * Input pixels [begin, end) of batch * ih * iw.
 */
export function depthwiseConv2dInputGrad_f32(
  dy: usize, weights: usize, dst: usize,
  ih: i32, iw: i32, ic: i32, oh: i32, ow: i32, oc: i32, kh: i32, kw: i32,
  sh: i32, sw: i32, dh: i32, dw: i32, top: i32, left: i32, begin: i32, end: i32,
): void {
  const multiplier = oc / ic;
  for (let p = begin; p < end; p++) {
    const y0 = ((p / iw) % ih) + top;
    const x0 = (p % iw) + left;
    const image = dy + (((p / (iw * ih)) * oh * ow * oc) << 2);
    for (let i = 0; i < ic; i++) {
      let acc: f32 = 0;
      for (let ky = 0; ky < kh; ky++) {
        const y = y0 - ky * dh;
        if (y < 0 || y % sh != 0 || y / sh >= oh) continue;
        for (let kx = 0; kx < kw; kx++) {
          const x = x0 - kx * dw;
          if (x < 0 || x % sw != 0 || x / sw >= ow) continue;
          const g = image + ((((y / sh) * ow + x / sw) * oc + i * multiplier) << 2);
          const w = weights + (((ky * kw + kx) * oc + i * multiplier) << 2);
          for (let m = 0; m < multiplier; m++) acc += load<f32>(g + (m << 2)) * load<f32>(w + (m << 2));
        }
      }
      store<f32>(dst + ((p * ic + i) << 2), acc);
    }
  }
}

/**
 * dx[n, iy, ix, c] = sum over ky, kx, then o ascending of dy[n, oy, ox, o] * w[o, ky, kx, c] where the tap (ky, kx) of
 * output (oy, ox) reads (iy, ix). Input rows [begin, end) of n * ih. dx must not alias dy or w.
 */
export function conv2dInputGrad_f32(
  dy: usize, weights: usize, dx: usize, oc: i32,
  n: i32, ih: i32, iw: i32, ic: i32, oh: i32, ow: i32, kh: i32, kw: i32, sh: i32, sw: i32, dh: i32, dw: i32, top: i32, left: i32,
  begin: i32, end: i32,
): void {
  for (let row = begin; row < end; row++) {
    const b = row / ih;
    const iy = row % ih;
    for (let ix = 0; ix < iw; ix++) {
      const out = dx + (((row * iw + ix) * ic) << 2);
      memory.fill(out, 0, ic << 2);
      for (let ky = 0; ky < kh; ky++) {
        const y = iy + top - ky * dh;
        if (y < 0 || y % sh != 0 || y / sh >= oh) continue;
        for (let kx = 0; kx < kw; kx++) {
          const x = ix + left - kx * dw;
          if (x < 0 || x % sw != 0 || x / sw >= ow) continue;
          const g = dy + ((((b * oh + y / sh) * ow + x / sw) * oc) << 2);
          for (let o = 0; o < oc; o++) {
            const v = load<f32>(g + (o << 2));
            const w = weights + ((((o * kh + ky) * kw + kx) * ic) << 2);
            for (let c = 0; c < ic << 2; c += 4) store<f32>(out + c, load<f32>(out + c) + v * load<f32>(w + c));
          }
        }
      }
    }
  }
}

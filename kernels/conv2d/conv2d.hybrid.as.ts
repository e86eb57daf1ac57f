/**
 * f32 convolution with int8 weights, which stay int8: dst[pixel, o] = clamp(bias[o] + scale[o] * sum of x * w), the sum
 * over taps inside the image and the channels of o's group in order of ky, kx, i, one accumulator of f32; w are the
 * codes. bias may be 0 (none). scale: f32 [oc]. dst must not alias src. Output pixels [begin, end) of batch * oh * ow.
 */
export function conv2d_f32_w8(
  src: usize, weights: usize, scale: usize, bias: usize, dst: usize,
  ih: i32, iw: i32, ic: i32, oh: i32, ow: i32, oc: i32, kh: i32, kw: i32, sh: i32, sw: i32, dh: i32, dw: i32,
  top: i32, left: i32, groups: i32, lo: f32, hi: f32, begin: i32, end: i32,
): void {
  const count = ic / groups;
  const filters = oc / groups;
  for (let p = begin; p < end; p++) {
    const y0 = ((p / ow) % oh) * sh - top;
    const x0 = (p % ow) * sw - left;
    const image = src + (((p / (ow * oh)) * ih * iw * ic) << 2);
    let w = weights;
    for (let o = 0; o < oc; o++) {
      const group = image + (((o / filters) * count) << 2);
      let acc: f32 = 0;
      for (let ky = 0; ky < kh; ky++) {
        const iy = y0 + ky * dh;
        for (let kx = 0; kx < kw; kx++) {
          const ix = x0 + kx * dw;
          if (iy >= 0 && iy < ih && ix >= 0 && ix < iw) {
            const x = group + (((iy * iw + ix) * ic) << 2);
            for (let i = 0; i < count; i++) acc += load<f32>(x + (i << 2)) * (load<i8>(w + i) as f32);
          }
          w += count;
        }
      }
      const y = acc * load<f32>(scale + (o << 2)) + (bias ? load<f32>(bias + (o << 2)) : <f32>0);
      store<f32>(dst + ((p * oc + o) << 2), min<f32>(max<f32>(y, lo), hi));
    }
  }
}

import { clamp, requantize } from "../numerics/requantize.as";

/**
 * int8 depthwise convolution: src i8 [batch, ih, iw, ic], weights i8 [kh, kw, oc], params i32 [oc][bias, multiplier,
 * shift] (4-aligned), dst i8 [batch, oh, ow, oc]; channel o reads channel o / (oc / ic). Pixels outside the image
 * count as the zero point. dst must not alias src. Rounding: requantize. Overflow: |x - zp| <= 255 and |w| <= 128
 * allow kh * kw <= 65 793; the quantizer checks the bound with the bias.
 */
export function depthwiseConv2d_i8(
  src: usize, weights: usize, params: usize, dst: usize, batch: i32,
  ih: i32, iw: i32, ic: i32, oh: i32, ow: i32, oc: i32, kh: i32, kw: i32,
  sh: i32, sw: i32, dh: i32, dw: i32, top: i32, left: i32, zpIn: i32, zpOut: i32, lo: i32, hi: i32,
): void {
  const multiplier = oc / ic;
  for (let n = 0; n < batch; n++) {
    for (let oy = 0; oy < oh; oy++)
      for (let ox = 0; ox < ow; ox++) {
        const y0 = oy * sh - top;
        const x0 = ox * sw - left;
        let param = params;
        let o = 0;
        for (let i = 0; i < ic; i++)
          for (let m = 0; m < multiplier; m++) {
            let acc = load<i32>(param);
            for (let ky = 0; ky < kh; ky++) {
              const iy = y0 + ky * dh;
              if (iy < 0 || iy >= ih) continue;
              for (let kx = 0; kx < kw; kx++) {
                const ix = x0 + kx * dw;
                if (ix < 0 || ix >= iw) continue;
                const x = (load<i8>(src + (iy * iw + ix) * ic + i) as i32) - zpIn;
                acc += x * (load<i8>(weights + (ky * kw + kx) * oc + o) as i32);
              }
            }
            store<i8>(dst + o, clamp(requantize(acc, load<i32>(param, 4), load<i32>(param, 8)) + zpOut, lo, hi) as i8);
            param += 12;
            o++;
          }
        dst += oc;
      }
    src += ih * iw * ic;
  }
}

/**
 * f32 depthwise convolution: dst[pixel, o] = clamp(bias[o] + sum of x * w over taps inside the image), in order of
 * ky, kx, one accumulator. bias may be 0 (none). dst must not alias src. Output pixels [begin, end) of batch * oh * ow.
 */
export function depthwiseConv2d_f32(
  src: usize, weights: usize, bias: usize, dst: usize,
  ih: i32, iw: i32, ic: i32, oh: i32, ow: i32, oc: i32, kh: i32, kw: i32,
  sh: i32, sw: i32, dh: i32, dw: i32, top: i32, left: i32, lo: f32, hi: f32, begin: i32, end: i32,
): void {
  const multiplier = oc / ic;
  for (let p = begin; p < end; p++) {
    const y0 = ((p / ow) % oh) * sh - top;
    const x0 = (p % ow) * sw - left;
    const image = src + (((p / (ow * oh)) * ih * iw * ic) << 2);
    for (let o = 0; o < oc; o++) {
      let acc: f32 = bias ? load<f32>(bias + (o << 2)) : 0;
      const i = o / multiplier;
      for (let ky = 0; ky < kh; ky++) {
        const iy = y0 + ky * dh;
        if (iy < 0 || iy >= ih) continue;
        for (let kx = 0; kx < kw; kx++) {
          const ix = x0 + kx * dw;
          if (ix < 0 || ix >= iw) continue;
          acc += load<f32>(image + (((iy * iw + ix) * ic + i) << 2)) * load<f32>(weights + (((ky * kw + kx) * oc + o) << 2));
        }
      }
      store<f32>(dst + ((p * oc + o) << 2), min<f32>(max<f32>(acc, lo), hi));
    }
  }
}

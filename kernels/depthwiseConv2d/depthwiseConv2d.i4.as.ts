import { requantize, clamp } from "../numerics/requantize.as";

/**
 * int8 depthwise convolution with int4 weights, unpacked on the fly: src i8 [batch, ih, iw, ic]; weights [oc][taps / 2]
 * bytes, taps = kh * kw rounded up to even, the even tap in the low half; params i32 [oc][bias, multiplier, shift];
 * dst i8 [batch, oh, ow, oc]; channel o reads channel o / (oc / ic). Pixels outside the image count as the zero point.
 * dst must not alias src. Rounding: requantize. Overflow: |x - zp| <= 255 and |w| <= 8 allow kh * kw <= 2^20.
 */
export function depthwiseConv2d_i8_w4(
  src: usize, weights: usize, params: usize, dst: usize, batch: i32,
  ih: i32, iw: i32, ic: i32, oh: i32, ow: i32, oc: i32, kh: i32, kw: i32,
  sh: i32, sw: i32, dh: i32, dw: i32, top: i32, left: i32, zpIn: i32, zpOut: i32, lo: i32, hi: i32,
): void {
  const multiplier = oc / ic;
  const rowBytes = (kh * kw + 1) >> 1;
  for (let n = 0; n < batch; n++) {
    for (let oy = 0; oy < oh; oy++)
      for (let ox = 0; ox < ow; ox++) {
        const y0 = oy * sh - top;
        const x0 = ox * sw - left;
        let param = params;
        let w = weights;
        for (let o = 0; o < oc; o++) {
          let acc = load<i32>(param);
          let tap = 0;
          for (let ky = 0; ky < kh; ky++) {
            const iy = y0 + ky * dh;
            for (let kx = 0; kx < kw; kx++) {
              const ix = x0 + kx * dw;
              if (iy >= 0 && iy < ih && ix >= 0 && ix < iw) {
                const code = ((load<u8>(w + (tap >> 1)) as i32) >> ((tap & 1) << 2)) << 28 >> 28;
                acc += ((load<i8>(src + (iy * iw + ix) * ic + o / multiplier) as i32) - zpIn) * code;
              }
              tap++;
            }
          }
          store<i8>(dst + o, clamp(requantize(acc, load<i32>(param, 4), load<i32>(param, 8)) + zpOut, lo, hi) as i8);
          param += 12;
          w += rowBytes;
        }
        dst += oc;
      }
    src += ih * iw * ic;
  }
}

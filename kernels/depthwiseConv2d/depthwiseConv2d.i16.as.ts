import { clamp } from "../numerics/requantize.as";
import { requantize_wide } from "../numerics/requantize-wide.as";

/**
 * int16x8 depthwise convolution: src i16 [batch, ih, iw, ic], weights i8 [kh, kw, oc], params [oc] of { bias i64,
 * multiplier i32, right shift i32 } (8-aligned), dst i16 [batch, oh, ow, oc]; channel o reads channel o / (oc / ic).
 * dst must not alias src. Rounding: requantize_wide. Overflow: a row of taps is summed in 32 bits, kw <= 511, and rows
 * in 64.
 */
export function depthwiseConv2d_i16(
  src: usize, weights: usize, params: usize, dst: usize, batch: i32,
  ih: i32, iw: i32, ic: i32, oh: i32, ow: i32, oc: i32, kh: i32, kw: i32,
  sh: i32, sw: i32, dh: i32, dw: i32, top: i32, left: i32, lo: i32, hi: i32,
): void {
  const multiplier = oc / ic;
  const xStep = (dw * ic) << 1;
  for (let n = 0; n < batch; n++) {
    for (let oy = 0; oy < oh; oy++) {
      const y0 = oy * sh - top;
      // Taps [ky0, ky1) and [kx0, kx1) lie inside the image.
      const ky0 = max((dh - 1 - y0) / dh, 0);
      const ky1 = min((ih - y0 + dh - 1) / dh, kh);
      for (let ox = 0; ox < ow; ox++) {
        const x0 = ox * sw - left;
        const kx0 = max((dw - 1 - x0) / dw, 0);
        const kx1 = min((iw - x0 + dw - 1) / dw, kw);
        let param = params;
        for (let o = 0; o < oc; o++) {
          let sum = load<i64>(param);
          for (let ky = ky0; ky < ky1; ky++) {
            let x = src + ((((y0 + ky * dh) * iw + x0 + kx0 * dw) * ic + o / multiplier) << 1);
            let w = weights + (ky * kw + kx0) * oc + o;
            let run = 0;
            for (let kx = kx0; kx < kx1; kx++) {
              run += (load<i16>(x) as i32) * (load<i8>(w) as i32);
              x += xStep;
              w += oc;
            }
            sum += run as i64;
          }
          store<i16>(dst, clamp(requantize_wide(sum, load<i32>(param, 8), load<i32>(param, 12)), lo, hi) as i16);
          param += 16;
          dst += 2;
        }
      }
    }
    src += (ih * iw * ic) << 1;
  }
}

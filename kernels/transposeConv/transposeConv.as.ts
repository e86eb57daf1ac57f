import { clamp, requantize } from "../numerics/requantize.as";
import { requantize_wide } from "../numerics/requantize-wide.as";

/**
 * Transposed convolutions gather: output pixel (oy, ox) reads input pixel iy = (oy + top - ky) / sh of the taps ky where
 * that divides and lies inside, ix likewise. weights: [oc][kh][kw][ic]. Arguments `oh ow oc` are the output's, `ih iw
 * ic` the input's. dst must not alias src.
 */

/**
 * int8: params i32 [oc][bias, multiplier, shift]. src i8 [batch, ih, iw, ic], dst i8 [batch, oh, ow, oc]. Rounding:
 * requantize. Overflow: |x - zp| <= 255 and |w| <= 128 allow 65 793 products an output.
 */
export function transposeConv_i8(
  src: usize, weights: usize, params: usize, dst: usize, batch: i32,
  oh: i32, ow: i32, oc: i32, ih: i32, iw: i32, ic: i32, kh: i32, kw: i32, sh: i32, sw: i32, top: i32, left: i32,
  zpIn: i32, zpOut: i32, lo: i32, hi: i32,
): void {
  for (let n = 0; n < batch; n++) {
    for (let oy = 0; oy < oh; oy++)
      for (let ox = 0; ox < ow; ox++) {
        let w = weights;
        let param = params;
        for (let o = 0; o < oc; o++) {
          let acc = load<i32>(param);
          for (let ky = (oy + top) % sh; ky < kh && ky <= oy + top; ky += sh) {
            const iy = (oy + top - ky) / sh;
            if (iy >= ih) continue;
            for (let kx = (ox + left) % sw; kx < kw && kx <= ox + left; kx += sw) {
              const ix = (ox + left - kx) / sw;
              if (ix >= iw) continue;
              const x = src + (iy * iw + ix) * ic;
              const tap = w + (ky * kw + kx) * ic;
              for (let i = 0; i < ic; i++) acc += ((load<i8>(x + i) as i32) - zpIn) * (load<i8>(tap + i) as i32);
            }
          }
          store<i8>(dst++, clamp(requantize(acc, load<i32>(param, 4), load<i32>(param, 8)) + zpOut, lo, hi) as i8);
          param += 12;
          w += kh * kw * ic;
        }
      }
    src += ih * iw * ic;
  }
}

/**
 * int16x8: params [oc] of { bias i64, multiplier i32, right shift i32 }, 8-aligned. src i16 [batch, ih, iw, ic], dst i16
 * [batch, oh, ow, oc]. Rounding: requantize_wide. Sums of 64 bits; runs of `chunk` channels of 32 (matvec_i16).
 */
export function transposeConv_i16(
  src: usize, weights: usize, params: usize, dst: usize, batch: i32,
  oh: i32, ow: i32, oc: i32, ih: i32, iw: i32, ic: i32, kh: i32, kw: i32, sh: i32, sw: i32, top: i32, left: i32,
  chunk: i32, lo: i32, hi: i32,
): void {
  for (let n = 0; n < batch; n++) {
    for (let oy = 0; oy < oh; oy++)
      for (let ox = 0; ox < ow; ox++) {
        let w = weights;
        let param = params;
        for (let o = 0; o < oc; o++) {
          let acc = load<i64>(param);
          for (let ky = (oy + top) % sh; ky < kh && ky <= oy + top; ky += sh) {
            const iy = (oy + top - ky) / sh;
            if (iy >= ih) continue;
            for (let kx = (ox + left) % sw; kx < kw && kx <= ox + left; kx += sw) {
              const ix = (ox + left - kx) / sw;
              if (ix >= iw) continue;
              let x = src + (((iy * iw + ix) * ic) << 1);
              const end = x + (ic << 1);
              let tap = w + (ky * kw + kx) * ic;
              while (x < end) {
                const stop = min<usize>(x + (chunk << 1), end);
                let run = 0;
                for (; x < stop; x += 2) run += (load<i16>(x) as i32) * (load<i8>(tap++) as i32);
                acc += run as i64;
              }
            }
          }
          store<i16>(dst, clamp(requantize_wide(acc, load<i32>(param, 8), load<i32>(param, 12)), lo, hi) as i16);
          dst += 2;
          param += 16;
          w += kh * kw * ic;
        }
      }
    src += (ih * iw * ic) << 1;
  }
}

/**
 * f32: dst[pixel, o] = clamp(bias[o] + sum of x * w), in order of ky, kx, i, one accumulator. bias may be 0 (none).
 * Output pixels [begin, end) of batch * oh * ow.
 */
export function transposeConv_f32(
  src: usize, weights: usize, bias: usize, dst: usize,
  oh: i32, ow: i32, oc: i32, ih: i32, iw: i32, ic: i32, kh: i32, kw: i32, sh: i32, sw: i32, top: i32, left: i32,
  lo: f32, hi: f32, begin: i32, end: i32,
): void {
  for (let p = begin; p < end; p++) {
    const y = ((p / ow) % oh) + top;
    const z = (p % ow) + left;
    const image = src + (((p / (ow * oh)) * ih * iw * ic) << 2);
    for (let o = 0; o < oc; o++) {
      let acc: f32 = bias ? load<f32>(bias + (o << 2)) : 0;
      for (let ky = y % sh; ky < kh && ky <= y; ky += sh) {
        const iy = (y - ky) / sh;
        if (iy >= ih) continue;
        for (let kx = z % sw; kx < kw && kx <= z; kx += sw) {
          const ix = (z - kx) / sw;
          if (ix >= iw) continue;
          const x = image + (((iy * iw + ix) * ic) << 2);
          const w = weights + ((((o * kh + ky) * kw + kx) * ic) << 2);
          for (let i = 0; i < ic; i++) acc += load<f32>(x + (i << 2)) * load<f32>(w + (i << 2));
        }
      }
      store<f32>(dst + ((p * oc + o) << 2), min<f32>(max<f32>(acc, lo), hi));
    }
  }
}

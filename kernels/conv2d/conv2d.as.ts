import { matvec_i8 } from "../isa/matvec";

/**
 * int8 convolution, NHWC. Each output pixel's patch is gathered once as int16 less the zero point (0 where padded)
 * into scratch [kh * kw * ic rounded up to 4], then matvec_i8 computes all output channels. dst must not alias src.
 */
export function conv2d_i8(
  src: usize, weights: usize, params: usize, dst: usize, scratch: usize, oc: i32,
  n: i32, ih: i32, iw: i32, ic: i32, oh: i32, ow: i32, kh: i32, kw: i32, sh: i32, sw: i32, dh: i32, dw: i32, top: i32, left: i32,
  zpIn: i32, zpOut: i32, lo: i32, hi: i32,
): void {
  const k = kh * kw * ic;
  const depth = (k + 3) & ~3;
  for (let i = k; i < depth; i++) store<i16>(scratch + (i << 1), 0);
  for (let b = 0; b < n; b++) {
    for (let oy = 0; oy < oh; oy++) {
      for (let ox = 0; ox < ow; ox++) {
        let patch = scratch;
        for (let ky = 0; ky < kh; ky++) {
          const iy = oy * sh - top + ky * dh;
          for (let kx = 0; kx < kw; kx++) {
            const ix = ox * sw - left + kx * dw;
            const end = patch + (ic << 1);
            if (<u32>iy >= <u32>ih || <u32>ix >= <u32>iw) {
              for (; patch < end; patch += 2) store<i16>(patch, 0);
            } else {
              let x = src + (iy * iw + ix) * ic;
              for (; patch < end; patch += 2) store<i16>(patch, (load<i8>(x++) as i32) - zpIn);
            }
          }
        }
        matvec_i8(scratch, weights, params, dst, depth, oc, zpOut, lo, hi);
        dst += oc;
      }
    }
    src += ih * iw * ic;
  }
}

/**
 * f32 convolution, NHWC. Sums start at the bias and run over ky, kx, c ascending, one accumulator; padded taps are
 * skipped. bias may be 0 (none). Output rows [begin, end) of n * oh.
 */
export function conv2d_f32(
  src: usize, weights: usize, bias: usize, dst: usize, oc: i32,
  n: i32, ih: i32, iw: i32, ic: i32, oh: i32, ow: i32, kh: i32, kw: i32, sh: i32, sw: i32, dh: i32, dw: i32, top: i32, left: i32,
  lo: f32, hi: f32, begin: i32, end: i32,
): void {
  for (let row = begin; row < end; row++) {
    const image = src + (((row / oh) * ih * iw * ic) << 2);
    const y0 = (row % oh) * sh - top;
    for (let ox = 0; ox < ow; ox++) {
      const out = dst + (((row * ow + ox) * oc) << 2);
      for (let o = 0; o < oc; o++) {
        let acc: f32 = bias ? load<f32>(bias + (o << 2)) : 0;
        for (let ky = 0; ky < kh; ky++) {
          const iy = y0 + ky * dh;
          if (<u32>iy >= <u32>ih) continue;
          for (let kx = 0; kx < kw; kx++) {
            const ix = ox * sw - left + kx * dw;
            if (<u32>ix >= <u32>iw) continue;
            let x = image + (((iy * iw + ix) * ic) << 2);
            let w = weights + ((((o * kh + ky) * kw + kx) * ic) << 2);
            for (let c = 0; c < ic; c++) {
              acc += load<f32>(x) * load<f32>(w);
              x += 4;
              w += 4;
            }
          }
        }
        store<f32>(out + (o << 2), min<f32>(max<f32>(acc, lo), hi));
      }
    }
  }
}

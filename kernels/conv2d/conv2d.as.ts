import { matvec_i8 } from "../isa/matvec";

/**
 * int8 convolution: src i8 [batch, ih, iw, ic], dst i8 [batch, oh, ow, oc]; weights and params as matvec_i8 wants
 * them, k in (ky, kx, i) order. scratch: i16 [depth], depth = kh * kw * ic rounded up to 4, 4-aligned: one output
 * pixel's patch less the zero point, 0 outside the image. dst must not alias src. Rounding and overflow: matvec_i8.
 */
export function conv2d_i8(
  src: usize, weights: usize, params: usize, dst: usize, scratch: usize, batch: i32,
  ih: i32, iw: i32, ic: i32, oh: i32, ow: i32, oc: i32, kh: i32, kw: i32,
  sh: i32, sw: i32, dh: i32, dw: i32, top: i32, left: i32, zpIn: i32, zpOut: i32, lo: i32, hi: i32,
): void {
  const k = kh * kw * ic;
  const depth = (k + 3) & ~3;
  for (let i = k; i < depth; i++) store<i16>(scratch + (i << 1), 0);
  for (let n = 0; n < batch; n++) {
    for (let oy = 0; oy < oh; oy++)
      for (let ox = 0; ox < ow; ox++) {
        let to = scratch;
        for (let ky = 0; ky < kh; ky++) {
          const iy = oy * sh + ky * dh - top;
          for (let kx = 0; kx < kw; kx++) {
            const ix = ox * sw + kx * dw - left;
            const end = to + (ic << 1);
            if (iy < 0 || iy >= ih || ix < 0 || ix >= iw) {
              for (; to < end; to += 2) store<i16>(to, 0);
            } else {
              let from = src + (iy * iw + ix) * ic;
              for (; to < end; to += 2) store<i16>(to, (load<i8>(from++) as i32) - zpIn);
            }
          }
        }
        matvec_i8(scratch, weights, params, dst, depth, oc, zpOut, lo, hi);
        dst += oc;
      }
    src += ih * iw * ic;
  }
}

/**
 * f32 convolution: dst[pixel, o] = clamp(bias[o] + sum of x * w over taps inside the image), in order of ky, kx, i,
 * one accumulator. bias may be 0 (none). dst must not alias src. Output pixels [begin, end) of batch * oh * ow.
 */
export function conv2d_f32(
  src: usize, weights: usize, bias: usize, dst: usize,
  ih: i32, iw: i32, ic: i32, oh: i32, ow: i32, oc: i32, kh: i32, kw: i32,
  sh: i32, sw: i32, dh: i32, dw: i32, top: i32, left: i32, lo: f32, hi: f32, begin: i32, end: i32,
): void {
  for (let p = begin; p < end; p++) {
    const y0 = ((p / ow) % oh) * sh - top;
    const x0 = (p % ow) * sw - left;
    const image = src + (((p / (ow * oh)) * ih * iw * ic) << 2);
    let w = weights;
    for (let o = 0; o < oc; o++) {
      let acc: f32 = bias ? load<f32>(bias + (o << 2)) : 0;
      for (let ky = 0; ky < kh; ky++) {
        const iy = y0 + ky * dh;
        for (let kx = 0; kx < kw; kx++) {
          const ix = x0 + kx * dw;
          if (iy >= 0 && iy < ih && ix >= 0 && ix < iw) {
            const x = image + (((iy * iw + ix) * ic) << 2);
            for (let i = 0; i < ic; i++) acc += load<f32>(x + (i << 2)) * load<f32>(w + (i << 2));
          }
          w += ic << 2;
        }
      }
      store<f32>(dst + ((p * oc + o) << 2), min<f32>(max<f32>(acc, lo), hi));
    }
  }
}

/**
 * f32 convolution in groups: dst[pixel, o] = clamp(bias[o] + sum of x * w over taps inside the image and the channels
 * of o's group), in order of ky, kx, i, one accumulator. bias may be 0 (none). Output pixels [begin, end).
 */
export function conv2d_f32_grouped(
  src: usize, weights: usize, bias: usize, dst: usize,
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
      let acc: f32 = bias ? load<f32>(bias + (o << 2)) : 0;
      for (let ky = 0; ky < kh; ky++) {
        const iy = y0 + ky * dh;
        for (let kx = 0; kx < kw; kx++) {
          const ix = x0 + kx * dw;
          if (iy >= 0 && iy < ih && ix >= 0 && ix < iw) {
            const x = group + (((iy * iw + ix) * ic) << 2);
            for (let i = 0; i < count; i++) acc += load<f32>(x + (i << 2)) * load<f32>(w + (i << 2));
          }
          w += count << 2;
        }
      }
      store<f32>(dst + ((p * oc + o) << 2), min<f32>(max<f32>(acc, lo), hi));
    }
  }
}

import { patch_i8 } from "../conv/patch.as";
import { matvec_i8_w4 } from "../loops/matvec-i4.as";

/**
 * int8 convolution with int4 weights: src i8 [batch, ih, iw, ic]; weights and params as matvec_i8_w4 wants them, k in
 * (ky, kx, i) order; dst i8 [batch, oh, ow, oc]. scratch: i16 [depth], depth = kh * kw * ic / groups rounded up to even,
 * 2-aligned: one group's patch of one output pixel. dst must not alias src. Rounding and overflow: matvec_i8_w4.
 */
export function conv2d_i8_w4(
  src: usize, weights: usize, params: usize, dst: usize, scratch: usize, batch: i32,
  ih: i32, iw: i32, ic: i32, oh: i32, ow: i32, oc: i32, kh: i32, kw: i32,
  sh: i32, sw: i32, dh: i32, dw: i32, top: i32, left: i32, groups: i32, zpIn: i32, zpOut: i32, lo: i32, hi: i32,
): void {
  const count = ic / groups;
  const filters = oc / groups;
  const k = kh * kw * count;
  const depth = (k + 1) & ~1;
  store<i16>(scratch + ((depth - 1) << 1), 0);
  for (let n = 0; n < batch; n++) {
    for (let oy = 0; oy < oh; oy++)
      for (let ox = 0; ox < ow; ox++) {
        let w = weights;
        let p = params;
        for (let g = 0; g < groups; g++) {
          patch_i8(src, scratch, ih, iw, ic, kh, kw, dh, dw, oy * sh - top, ox * sw - left, g * count, count, zpIn);
          matvec_i8_w4(scratch, w, p, dst, depth, filters, zpOut, lo, hi);
          w += (filters * depth) >> 1;
          p += filters * 12;
          dst += filters;
        }
      }
    src += ih * iw * ic;
  }
}

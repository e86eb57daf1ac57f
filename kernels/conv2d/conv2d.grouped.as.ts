import { patch_i8 } from "../conv/patch.as";
import { matvec_i8 } from "../isa/matvec";

/**
 * int8 convolution in groups: src i8 [batch, ih, iw, ic], dst i8 [batch, oh, ow, oc]; filters of group g read channels
 * [g * ic / groups, (g + 1) * ic / groups). weights: `groups` packs of `groupBytes`, each as matvec_i8 wants it. scratch:
 * i16 [depth], depth = kh * kw * ic / groups rounded up to 4, 4-aligned. dst must not alias src. Rounding and overflow:
 * matvec_i8.
 */
export function conv2d_i8_grouped(
  src: usize, weights: usize, params: usize, dst: usize, scratch: usize, batch: i32,
  ih: i32, iw: i32, ic: i32, oh: i32, ow: i32, oc: i32, kh: i32, kw: i32, sh: i32, sw: i32, dh: i32, dw: i32,
  top: i32, left: i32, groups: i32, groupBytes: i32, zpIn: i32, zpOut: i32, lo: i32, hi: i32,
): void {
  const count = ic / groups;
  const filters = oc / groups;
  const k = kh * kw * count;
  const depth = (k + 3) & ~3;
  for (let i = k; i < depth; i++) store<i16>(scratch + (i << 1), 0);
  for (let n = 0; n < batch; n++) {
    for (let oy = 0; oy < oh; oy++)
      for (let ox = 0; ox < ow; ox++) {
        let w = weights;
        let p = params;
        for (let g = 0; g < groups; g++) {
          patch_i8(src, scratch, ih, iw, ic, kh, kw, dh, dw, oy * sh - top, ox * sw - left, g * count, count, zpIn);
          matvec_i8(scratch, w, p, dst, depth, filters, zpOut, lo, hi);
          w += groupBytes;
          p += filters * 12;
          dst += filters;
        }
      }
    src += ih * iw * ic;
  }
}

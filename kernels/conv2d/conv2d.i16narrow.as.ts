import { patch_i16 } from "../conv/patch.as";
import { matvec_i16_narrow } from "../isa/matvec16";

/**
 * int16x8 convolution with sums of 32 bits, which the host has proved to suffice: src i16 [batch, ih, iw, ic], dst i16
 * [batch, oh, ow, oc]; weights, params and sum32 as matvec_i16_narrow wants them, `groups` packs of `groupBytes`.
 * scratch: i16 [depth], depth = kh * kw * ic / groups rounded up to 4, 4-aligned: one group's patch of one output pixel;
 * unused where a window is one run of pixels inside the image. dst must not alias src.
 */
export function conv2d_i16_narrow(
  src: usize, weights: usize, params: usize, dst: usize, scratch: usize, batch: i32,
  ih: i32, iw: i32, ic: i32, oh: i32, ow: i32, oc: i32, kh: i32, kw: i32, sh: i32, sw: i32, dh: i32, dw: i32,
  top: i32, left: i32, groups: i32, groupBytes: i32, sum32: i32, lo: i32, hi: i32,
): void {
  const count = ic / groups;
  const filters = oc / groups;
  const k = kh * kw * count;
  const depth = (k + 3) & ~3;
  const row = groups == 1 && kh == 1 && (dw == 1 || kw == 1) && k == depth && (ic & 1) == 0;
  for (let i = k; i < depth; i++) store<i16>(scratch + (i << 1), 0);
  for (let n = 0; n < batch; n++) {
    for (let oy = 0; oy < oh; oy++)
      for (let ox = 0; ox < ow; ox++) {
        const y0 = oy * sh - top;
        const x0 = ox * sw - left;
        const inside = row && y0 >= 0 && y0 < ih && x0 >= 0 && x0 + kw <= iw;
        let w = weights;
        let p = params;
        for (let g = 0; g < groups; g++) {
          if (!inside) patch_i16(src, scratch, ih, iw, ic, kh, kw, dh, dw, y0, x0, g * count, count);
          const x = inside ? src + (((y0 * iw + x0) * ic) << 1) : scratch;
          matvec_i16_narrow(x, w, p, dst, depth, filters, sum32, lo, hi);
          w += groupBytes;
          p += filters << 4;
          dst += filters << 1;
        }
      }
    src += (ih * iw * ic) << 1;
  }
}

import { patch_i16 } from "../conv/patch.as";
import { matvec_i16, matvec_i16_sum32 } from "../loops/matvec-i16.as";

/**
 * int16x8 convolution with 64-bit sums: src i16 [batch, ih, iw, ic], weights i8 [oc][kh * kw * ic / groups], params and
 * chunk as matvec_i16 wants them, dst i16 [batch, oh, ow, oc]. scratch: i16 [kh * kw * ic / groups], one group's patch
 * of one output pixel; unused where a window is one run of pixels inside the image. dst must not alias src.
 * Rounding: requantize_wide.
 */
export function conv2d_i16(
  src: usize, weights: usize, params: usize, dst: usize, scratch: usize, batch: i32,
  ih: i32, iw: i32, ic: i32, oh: i32, ow: i32, oc: i32, kh: i32, kw: i32,
  sh: i32, sw: i32, dh: i32, dw: i32, top: i32, left: i32, groups: i32, chunk: i32, lo: i32, hi: i32,
): void {
  const count = ic / groups;
  const filters = oc / groups;
  const depth = kh * kw * count;
  const row = groups == 1 && kh == 1 && (dw == 1 || kw == 1);
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
          matvec_i16(x, w, p, dst, depth, filters, chunk, lo, hi);
          w += filters * depth;
          p += filters << 4;
          dst += filters << 1;
        }
      }
    src += (ih * iw * ic) << 1;
  }
}

/** The same with 32-bit sums, rounded twice: params and overflow as matvec_i16_sum32 says. */
export function conv2d_i16_sum32(
  src: usize, weights: usize, params: usize, dst: usize, scratch: usize, batch: i32,
  ih: i32, iw: i32, ic: i32, oh: i32, ow: i32, oc: i32, kh: i32, kw: i32,
  sh: i32, sw: i32, dh: i32, dw: i32, top: i32, left: i32, groups: i32, lo: i32, hi: i32,
): void {
  const count = ic / groups;
  const filters = oc / groups;
  const depth = kh * kw * count;
  const row = groups == 1 && kh == 1 && (dw == 1 || kw == 1);
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
          matvec_i16_sum32(x, w, p, dst, depth, filters, lo, hi);
          w += filters * depth;
          p += filters * 12;
          dst += filters << 1;
        }
      }
    src += (ih * iw * ic) << 1;
  }
}

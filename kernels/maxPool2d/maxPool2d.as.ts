import { clamp } from "../numerics/requantize.as";

/**
 * int8 max pool: src i8 [batch, ih, iw, ic], dst i8 [batch, oh, ow, ic]; the largest code over the pixels inside the
 * image, clamped to [lo, hi]. dst must not alias src. oc = ic and dh = dw = 1.
 */
export function maxPool2d_i8(
  src: usize, dst: usize, batch: i32, ih: i32, iw: i32, ic: i32, oh: i32, ow: i32, oc: i32, kh: i32, kw: i32,
  sh: i32, sw: i32, dh: i32, dw: i32, top: i32, left: i32, lo: i32, hi: i32,
): void {
  for (let n = 0; n < batch; n++) {
    for (let oy = 0; oy < oh; oy++)
      for (let ox = 0; ox < ow; ox++) {
        const y0 = max(0, oy * sh - top);
        const y1 = min(ih, oy * sh - top + kh);
        const x0 = max(0, ox * sw - left);
        const x1 = min(iw, ox * sw - left + kw);
        for (let c = 0; c < ic; c++) {
          let best: i32 = -128;
          for (let y = y0; y < y1; y++)
            for (let x = x0; x < x1; x++) best = max(best, load<i8>(src + (y * iw + x) * ic + c) as i32);
          store<i8>(dst++, clamp(best, lo, hi) as i8);
        }
      }
    src += ih * iw * ic;
  }
}

/**
 * f32 max pool: the largest value over the pixels inside the image, clamped; NaN where the window holds one.
 * dst must not alias src. Output pixels [begin, end) of batch * oh * ow. oc = ic and dh = dw = 1.
 */
export function maxPool2d_f32(
  src: usize, dst: usize, ih: i32, iw: i32, ic: i32, oh: i32, ow: i32, oc: i32, kh: i32, kw: i32,
  sh: i32, sw: i32, dh: i32, dw: i32, top: i32, left: i32, lo: f32, hi: f32, begin: i32, end: i32,
): void {
  for (let p = begin; p < end; p++) {
    const oy = ((p / ow) % oh) * sh - top;
    const ox = (p % ow) * sw - left;
    const y0 = max(0, oy);
    const y1 = min(ih, oy + kh);
    const x0 = max(0, ox);
    const x1 = min(iw, ox + kw);
    const image = src + (((p / (ow * oh)) * ih * iw * ic) << 2);
    for (let c = 0; c < ic; c++) {
      let best: f32 = -<f32>Infinity;
      for (let y = y0; y < y1; y++)
        for (let x = x0; x < x1; x++) best = max<f32>(best, load<f32>(image + (((y * iw + x) * ic + c) << 2)));
      store<f32>(dst + ((p * ic + c) << 2), min<f32>(max<f32>(best, lo), hi));
    }
  }
}

/**
 * Integer max pool: src [batch, ih, iw, ic], dst [batch, oh, ow, ic]; the largest code over the pixels inside the
 * image, clamped to [lo, hi]. dst must not alias src. Four channels a pass where their number allows it, or a vector.
 */
// @ts-ignore: decorator
@inline
function largest<T>(
  src: usize, dst: usize, batch: i32, ih: i32, iw: i32, ic: i32, oh: i32, ow: i32, kh: i32, kw: i32,
  sh: i32, sw: i32, top: i32, left: i32, lo: i32, hi: i32,
): void {
  const size = sizeof<T>() as i32;
  const pixel = ic * size;
  const line = iw * pixel;
  for (let n = 0; n < batch; n++) {
    for (let oy = 0; oy < oh; oy++)
      for (let ox = 0; ox < ow; ox++) {
        const y0 = max(0, oy * sh - top);
        const x0 = max(0, ox * sw - left);
        let rows = max(0, min(ih, oy * sh - top + kh) - y0);
        let cols = max(0, min(iw, ox * sw - left + kw) - x0);
        // Whole lines follow each other.
        if (cols == iw) {
          cols *= rows;
          rows = min(rows, 1);
        }
        let x = src + y0 * line + x0 * pixel;
        const end = x + pixel;
        if (ASC_FEATURE_SIMD)
          for (; x + 16 <= end; x += 16) {
            let best = sizeof<T>() == 1 ? i8x16.splat(lo as i8) : i16x8.splat(lo as i16);
            let row = x;
            for (let r = 0; r < rows; r++) {
              let p = row;
              for (let k = 0; k < cols; k++) {
                best = sizeof<T>() == 1 ? i8x16.max_s(best, v128.load(p)) : i16x8.max_s(best, v128.load(p));
                p += pixel;
              }
              row += line;
            }
            const most = sizeof<T>() == 1 ? i8x16.splat(hi as i8) : i16x8.splat(hi as i16);
            v128.store(dst, sizeof<T>() == 1 ? i8x16.min_s(best, most) : i16x8.min_s(best, most));
            dst += 16;
          }
        for (; x + 4 * size <= end; x += 4 * size) {
          let a = lo;
          let b = lo;
          let c = lo;
          let d = lo;
          let row = x;
          for (let r = 0; r < rows; r++) {
            let p = row;
            for (let k = 0; k < cols; k++) {
              a = max(a, load<T>(p) as i32);
              b = max(b, load<T>(p, sizeof<T>()) as i32);
              c = max(c, load<T>(p, 2 * sizeof<T>()) as i32);
              d = max(d, load<T>(p, 3 * sizeof<T>()) as i32);
              p += pixel;
            }
            row += line;
          }
          store<T>(dst, min(a, hi) as T);
          store<T>(dst, min(b, hi) as T, sizeof<T>());
          store<T>(dst, min(c, hi) as T, 2 * sizeof<T>());
          store<T>(dst, min(d, hi) as T, 3 * sizeof<T>());
          dst += 4 * size;
        }
        for (; x < end; x += size) {
          let best = lo;
          let row = x;
          for (let r = 0; r < rows; r++) {
            let p = row;
            for (let k = 0; k < cols; k++) {
              best = max(best, load<T>(p) as i32);
              p += pixel;
            }
            row += line;
          }
          store<T>(dst, min(best, hi) as T);
          dst += size;
        }
      }
    src += ih * line;
  }
}

/** int8: largest. oc = ic and dh = dw = 1. */
export function maxPool2d_i8(
  src: usize, dst: usize, batch: i32, ih: i32, iw: i32, ic: i32, oh: i32, ow: i32, oc: i32, kh: i32, kw: i32,
  sh: i32, sw: i32, dh: i32, dw: i32, top: i32, left: i32, lo: i32, hi: i32,
): void {
  largest<i8>(src, dst, batch, ih, iw, ic, oh, ow, kh, kw, sh, sw, top, left, lo, hi);
}

/** int16: largest. oc = ic and dh = dw = 1. */
export function maxPool2d_i16(
  src: usize, dst: usize, batch: i32, ih: i32, iw: i32, ic: i32, oh: i32, ow: i32, oc: i32, kh: i32, kw: i32,
  sh: i32, sw: i32, dh: i32, dw: i32, top: i32, left: i32, lo: i32, hi: i32,
): void {
  largest<i16>(src, dst, batch, ih, iw, ic, oh, ow, kh, kw, sh, sw, top, left, lo, hi);
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

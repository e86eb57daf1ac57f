import { SUM_WORDS_MOST, sumWords } from "../loops/sum-words.as";
import { clamp } from "../numerics/requantize.as";

/**
 * floor((sum + half) / count) of a sum of (value + 128) over count <= 256 pixels, one less where `even` and the sum of
 * values is negative: round(sum / count) half away from zero, plus 128. reciprocal: 2^24 / count + 1, with which the
 * product is below 2^32 and the quotient exact, since (255.5 count) * count < 2^24.
 */
// @ts-ignore: decorator
@inline
function roundedMean(sum: u32, half: u32, even: u32, middle: u32, reciprocal: u32, lo: i32, hi: i32): u32 {
  const n = sum + half - (((sum - middle) >>> 31) & even);
  return clamp(((n * reciprocal) >>> 24) as i32, lo, hi) as u32;
}

/** Four means of roundedMean, for the lanes of a vector. */
// @ts-ignore: decorator
@inline
function roundedMeans(sum: v128, half: v128, even: v128, middle: v128, reciprocal: v128): v128 {
  const adjust = v128.and(i32x4.shr_u(i32x4.sub(sum, middle), 31), even);
  const n = i32x4.sub(i32x4.add(sum, half), adjust);
  return i32x4.sub(i32x4.shr_u(i32x4.mul(n, reciprocal), 24), i32x4.splat(128));
}

/**
 * Integer average pool: src [batch, ih, iw, ic], dst [batch, oh, ow, ic]; the sum of codes over the pixels inside the
 * image divided by their number, rounded half away from zero, clamped to [lo, hi]; 0 where there is none.
 * dst must not alias src. int8 windows of up to 256 pixels are summed four channels a word (eight a vector) and
 * divided by a product. `vectors`: whether these cost little. Overflow: windows of up to 2^24 pixels of int8, 2^16 of int16.
 */
// @ts-ignore: decorator
@inline
export function average<T>(
  src: usize, dst: usize, batch: i32, ih: i32, iw: i32, ic: i32, oh: i32, ow: i32, kh: i32, kw: i32,
  sh: i32, sw: i32, top: i32, left: i32, lo: i32, hi: i32, vectors: bool,
): void {
  const pixel = ic * (sizeof<T>() as i32);
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
        const count = max(1, rows * cols);
        const half = count >> 1;
        let x = src + y0 * line + x0 * pixel;
        const end = x + pixel;
        if (sizeof<T>() == 1 && count <= SUM_WORDS_MOST) {
          const reciprocal: u32 = (1 << 24) / count + 1;
          const even = (count & 1) ^ 1;
          const middle = count << 7;
          if (ASC_FEATURE_SIMD && vectors)
            for (; x + 8 <= end; x += 8) {
              let acc = i16x8.splat(0);
              let row = x;
              for (let r = 0; r < rows; r++) {
                let p = row;
                for (let k = 0; k < cols; k++) {
                  acc = i16x8.add(acc, v128.load8x8_s(p));
                  p += pixel;
                }
                row += line;
              }
              const center = i32x4.splat(middle);
              const h = i32x4.splat(half);
              const e = i32x4.splat(even);
              const m = i32x4.splat(reciprocal);
              const y = i16x8.narrow_i32x4_s(
                roundedMeans(i32x4.add(i32x4.extend_low_i16x8_s(acc), center), h, e, center, m),
                roundedMeans(i32x4.add(i32x4.extend_high_i16x8_s(acc), center), h, e, center, m),
              );
              const z = i16x8.min_s(i16x8.max_s(y, i16x8.splat(lo as i16)), i16x8.splat(hi as i16));
              v128.store64_lane(dst, i8x16.narrow_i16x8_s(z, z), 0, 0, 1);
              dst += 8;
            }
          else if (((src | dst | ic) & 3) == 0)
            for (; x < end; x += 4) {
              const sums = sumWords(x, rows, line, cols, pixel);
              const a = sums as u32;
              const b = (sums >>> 32) as u32;
              const y0 = roundedMean(a & 0xffff, half, even, middle, reciprocal, lo + 128, hi + 128);
              const y1 = roundedMean(b & 0xffff, half, even, middle, reciprocal, lo + 128, hi + 128);
              const y2 = roundedMean(a >>> 16, half, even, middle, reciprocal, lo + 128, hi + 128);
              const y3 = roundedMean(b >>> 16, half, even, middle, reciprocal, lo + 128, hi + 128);
              store<u32>(dst, (y0 | (y1 << 8) | (y2 << 16) | (y3 << 24)) ^ 0x80808080);
              dst += 4;
            }
        }
        for (; x < end; x += sizeof<T>()) {
          let acc = 0;
          let row = x;
          for (let r = 0; r < rows; r++) {
            let p = row;
            for (let k = 0; k < cols; k++) {
              acc += load<T>(p) as i32;
              p += pixel;
            }
            row += line;
          }
          store<T>(dst, clamp((acc > 0 ? acc + half : acc - half) / count, lo, hi) as T);
          dst += sizeof<T>();
        }
      }
    src += ih * line;
  }
}

/** int8: average. oc = ic and dh = dw = 1. */
export function averagePool2d_i8(
  src: usize, dst: usize, batch: i32, ih: i32, iw: i32, ic: i32, oh: i32, ow: i32, oc: i32, kh: i32, kw: i32,
  sh: i32, sw: i32, dh: i32, dw: i32, top: i32, left: i32, lo: i32, hi: i32,
): void {
  average<i8>(src, dst, batch, ih, iw, ic, oh, ow, kh, kw, sh, sw, top, left, lo, hi, true);
}

/** int16: average. oc = ic and dh = dw = 1. */
export function averagePool2d_i16(
  src: usize, dst: usize, batch: i32, ih: i32, iw: i32, ic: i32, oh: i32, ow: i32, oc: i32, kh: i32, kw: i32,
  sh: i32, sw: i32, dh: i32, dw: i32, top: i32, left: i32, lo: i32, hi: i32,
): void {
  average<i16>(src, dst, batch, ih, iw, ic, oh, ow, kh, kw, sh, sw, top, left, lo, hi, true);
}

/**
 * f32 average pool: the sum over pixels inside the image, in order of y, x, one accumulator, divided by their number
 * and clamped. dst must not alias src. Output pixels [begin, end) of batch * oh * ow. oc = ic and dh = dw = 1.
 */
export function averagePool2d_f32(
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
    const count = max(1, max(0, y1 - y0) * max(0, x1 - x0)) as f32;
    const image = src + (((p / (ow * oh)) * ih * iw * ic) << 2);
    for (let c = 0; c < ic; c++) {
      let acc: f32 = 0;
      for (let y = y0; y < y1; y++)
        for (let x = x0; x < x1; x++) acc += load<f32>(image + (((y * iw + x) * ic + c) << 2));
      store<f32>(dst + ((p * ic + c) << 2), min<f32>(max<f32>(acc / count, lo), hi));
    }
  }
}

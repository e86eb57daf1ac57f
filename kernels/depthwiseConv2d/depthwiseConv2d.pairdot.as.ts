import { interleave } from "../isa/interleave.as";
import {
  clamp16, codes16, FLOAT32, FLOAT32_SIGNED, FLOAT64, formOf, groupBytes, requantize32, requantize32_signed, requantize64,
} from "../isa/requantize.pairdot.as";

/**
 * One output row of any kernel and stride, tiles of 4 columns x 8 channels. image: the ring; slot: where the row's
 * first pair stands in it; weights: of the row's parity.
 */
function row(
  image: usize, slot: i32, ring: i32, pairBytes: i32, pairs: i32, kw: i32, weights: usize, constants: usize, dst: usize,
  ow: i32, c: i32, pixel: i32, zeroPoint: i32, lo: i32, hi: i32, forms: i32, wide: i32,
): void {
  const lowest = i8x16.splat(lo as i8);
  const highest = i8x16.splat(hi as i8);
  const column = c << 2;
  for (let x = 0; x < ow; x += 4) {
    const tile = image + x * pixel;
    // Columns beyond the last repeat it: the same bytes are stored twice.
    const step1 = x + 1 < ow ? 1 : 0;
    const step2 = x + 2 < ow ? step1 + 1 : step1;
    const step3 = x + 3 < ow ? step2 + 1 : step2;
    const p1 = step1 * pixel;
    const p2 = step2 * pixel;
    const p3 = step3 * pixel;
    let w = weights;
    let channel = constants;
    let to = dst + x * c;
    for (let i = 0; i < column; i += 32) {
      const form = formOf(i >> 2, forms, wide);
      let c00 = v128.load(channel);
      let c01 = v128.load(channel, 16);
      let c10 = c00, c11 = c01, c20 = c00, c21 = c01, c30 = c00, c31 = c01;
      let at = slot;
      for (let r = 0; r < pairs; r++) {
        let a = tile + at * pairBytes + i;
        if (++at == ring) at = 0;
        for (let k = 0; k < kw; k++) {
          const w0 = v128.load8x8_s(w);
          const w1 = v128.load8x8_s(w, 8);
          c00 = i32x4.add(c00, i32x4.dot_i16x8_s(v128.load(a), w0));
          c01 = i32x4.add(c01, i32x4.dot_i16x8_s(v128.load(a, 16), w1));
          c10 = i32x4.add(c10, i32x4.dot_i16x8_s(v128.load(a + p1), w0));
          c11 = i32x4.add(c11, i32x4.dot_i16x8_s(v128.load(a + p1, 16), w1));
          c20 = i32x4.add(c20, i32x4.dot_i16x8_s(v128.load(a + p2), w0));
          c21 = i32x4.add(c21, i32x4.dot_i16x8_s(v128.load(a + p2, 16), w1));
          c30 = i32x4.add(c30, i32x4.dot_i16x8_s(v128.load(a + p3), w0));
          c31 = i32x4.add(c31, i32x4.dot_i16x8_s(v128.load(a + p3, 16), w1));
          w += 16;
          a += column;
        }
      }
      w += ((ring - pairs) * kw) << 4;
      const first = clamp16(
        codes16(c00, c01, channel + 32, zeroPoint, form),
        codes16(c10, c11, channel + 32, zeroPoint, form),
        lowest, highest,
      );
      const second = clamp16(
        codes16(c20, c21, channel + 32, zeroPoint, form),
        codes16(c30, c31, channel + 32, zeroPoint, form),
        lowest, highest,
      );
      v128.store64_lane(to, first, 0);
      v128.store64_lane(to + step1 * c, first, 1);
      v128.store64_lane(to + step2 * c, second, 0);
      v128.store64_lane(to + step3 * c, second, 1);
      to += 8;
      channel += groupBytes(form);
    }
  }
}

/**
 * `width` (3, 5 or 6, a literal) columns of four channels, kernel 3 wide, stride 1: each input column is loaded once
 * for its three taps. Stores `left` columns at most. Where the tile is wider than the row, loads go up to 3 columns
 * past it; their sums are not stored.
 */
// @ts-ignore: decorator
@inline
function tile3(
  width: i32, left: i32, tile: usize, slot: i32, ring: i32, pairBytes: i32, pairs: i32, weights: usize, bias: v128,
  constants: usize, dst: usize, c: i32, zeroPoint: i32, lowest: v128, highest: v128, form: i32,
): void {
  const column = c << 2;
  let c0 = bias, c1 = bias, c2 = bias, c3 = bias, c4 = bias, c5 = bias;
  let at = slot;
  let w = weights;
  for (let r = 0; r < pairs; r++) {
    let a = tile + at * pairBytes;
    if (++at == ring) at = 0;
    const w0 = v128.load8x8_s(w);
    const w1 = v128.load8x8_s(w, 16);
    const w2 = v128.load8x8_s(w, 32);
    w += 48;
    let x = v128.load(a);
    c0 = i32x4.add(c0, i32x4.dot_i16x8_s(x, w0));
    a += column;
    x = v128.load(a);
    c0 = i32x4.add(c0, i32x4.dot_i16x8_s(x, w1));
    c1 = i32x4.add(c1, i32x4.dot_i16x8_s(x, w0));
    a += column;
    x = v128.load(a);
    c0 = i32x4.add(c0, i32x4.dot_i16x8_s(x, w2));
    c1 = i32x4.add(c1, i32x4.dot_i16x8_s(x, w1));
    c2 = i32x4.add(c2, i32x4.dot_i16x8_s(x, w0));
    a += column;
    x = v128.load(a);
    c1 = i32x4.add(c1, i32x4.dot_i16x8_s(x, w2));
    c2 = i32x4.add(c2, i32x4.dot_i16x8_s(x, w1));
    if (width > 3) c3 = i32x4.add(c3, i32x4.dot_i16x8_s(x, w0));
    a += column;
    x = v128.load(a);
    c2 = i32x4.add(c2, i32x4.dot_i16x8_s(x, w2));
    if (width > 3) {
      c3 = i32x4.add(c3, i32x4.dot_i16x8_s(x, w1));
      c4 = i32x4.add(c4, i32x4.dot_i16x8_s(x, w0));
      a += column;
      x = v128.load(a);
      c3 = i32x4.add(c3, i32x4.dot_i16x8_s(x, w2));
      c4 = i32x4.add(c4, i32x4.dot_i16x8_s(x, w1));
      if (width > 5) c5 = i32x4.add(c5, i32x4.dot_i16x8_s(x, w0));
      a += column;
      x = v128.load(a);
      c4 = i32x4.add(c4, i32x4.dot_i16x8_s(x, w2));
      if (width > 5) {
        c5 = i32x4.add(c5, i32x4.dot_i16x8_s(x, w1));
        c5 = i32x4.add(c5, i32x4.dot_i16x8_s(v128.load(a + column), w2));
      }
    }
  }
  if (form == FLOAT32) {
    const magic = f32x4.splat((zeroPoint as f32) + 12582912.0);
    const m = v128.load(constants);
    const o = v128.load(constants, 32);
    c0 = requantize32(c0, m, o, magic);
    c1 = requantize32(c1, m, o, magic);
    c2 = requantize32(c2, m, o, magic);
    if (width > 3) {
      c3 = requantize32(c3, m, o, magic);
      c4 = requantize32(c4, m, o, magic);
    }
    if (width > 5) c5 = requantize32(c5, m, o, magic);
  } else if (form == FLOAT32_SIGNED) {
    const magic = f32x4.splat((zeroPoint as f32) + 12582912.0);
    const m = v128.load(constants);
    const o = v128.load(constants, 32);
    c0 = requantize32_signed(c0, m, o, magic);
    c1 = requantize32_signed(c1, m, o, magic);
    c2 = requantize32_signed(c2, m, o, magic);
    if (width > 3) {
      c3 = requantize32_signed(c3, m, o, magic);
      c4 = requantize32_signed(c4, m, o, magic);
    }
    if (width > 5) c5 = requantize32_signed(c5, m, o, magic);
  } else {
    const magic = f64x2.splat((zeroPoint as f64) + 6755399441055744.0);
    c0 = requantize64(c0, constants, constants + 64, magic, form);
    c1 = requantize64(c1, constants, constants + 64, magic, form);
    c2 = requantize64(c2, constants, constants + 64, magic, form);
    if (width > 3) {
      c3 = requantize64(c3, constants, constants + 64, magic, form);
      c4 = requantize64(c4, constants, constants + 64, magic, form);
    }
    if (width > 5) c5 = requantize64(c5, constants, constants + 64, magic, form);
  }
  const first = clamp16(i16x8.narrow_i32x4_s(c0, c1), i16x8.narrow_i32x4_s(c2, c3), lowest, highest);
  v128.store32_lane(dst, first, 0);
  if (left > 1) v128.store32_lane(dst + c, first, 1);
  if (left > 2) v128.store32_lane(dst + (c << 1), first, 2);
  if (width > 3 && left > 3) {
    v128.store32_lane(dst + 3 * c, first, 3);
    const last = i16x8.narrow_i32x4_s(c4, c5);
    const second = clamp16(last, last, lowest, highest);
    if (left > 4) v128.store32_lane(dst + (c << 2), second, 0);
    if (width > 5 && left > 5) v128.store32_lane(dst + 5 * c, second, 1);
  }
}

/** One output row of a kernel 3 wide with stride 1. Arguments as row. */
function row3(
  image: usize, slot: i32, ring: i32, pairBytes: i32, pairs: i32, weights: usize, constants: usize, dst: usize,
  ow: i32, c: i32, zeroPoint: i32, lo: i32, hi: i32, forms: i32, wide: i32,
): void {
  const lowest = i8x16.splat(lo as i8);
  const highest = i8x16.splat(hi as i8);
  const groupWeights = ring * 48;
  let x = 0;
  while (x < ow) {
    const left = ow - x;
    // 6 where it fits, but 5 + 5, and 5 + 3 rather than 6 + 2.
    const width = left <= 3 ? 3 : left == 6 || left > 10 || left == 9 || left == 7 ? 6 : 5;
    let w = weights;
    let channel = constants;
    for (let o = 0; o < c; o += 8) {
      const form = formOf(o, forms, wide);
      const half = form < FLOAT64 ? 16 : 32;
      for (let h = 0; h < 2; h++) {
        const tile = image + (((x * c + o) << 2) + (h << 4));
        const bias = v128.load(channel + (h << 4));
        const at = channel + 32 + h * half;
        const to = dst + x * c + o + (h << 2);
        if (width == 6)
          tile3(6, left, tile, slot, ring, pairBytes, pairs, w + (h << 3), bias, at, to, c, zeroPoint, lowest, highest, form);
        else if (width == 5)
          tile3(5, left, tile, slot, ring, pairBytes, pairs, w + (h << 3), bias, at, to, c, zeroPoint, lowest, highest, form);
        else
          tile3(3, left, tile, slot, ring, pairBytes, pairs, w + (h << 3), bias, at, to, c, zeroPoint, lowest, highest, form);
      }
      channel += groupBytes(form);
      w += groupWeights;
    }
    x += width;
  }
}

/**
 * int8 depthwise convolution, one filter a channel, no dilation, channels a multiple of 8: src i8 [batch, ih, iw, c],
 * dst i8 [batch, oh, ow, c]. Rows go in pairs into a ring of `ring` pairs in scratch: i16 [ring][width][c][2] and
 * three columns, 16-aligned, width = (ow - 1) * sw + kw, ring = kh / 2 + 1, so that one dot_i16x8_s adds two taps of
 * four channels. weights: i8 [2][c / 8][ring][kw][8 channels][2]: for output rows whose first input row is the even
 * one of its pair, then (a zero first) for those where it is the odd one. constants: groups of
 * requantize.pairdot.as.ts. dst must not alias src. Overflow: |x - zp| <= 255, |w| <= 128.
 */
export function depthwiseConv2d_i8_rows(
  src: usize, weights: usize, constants: usize, dst: usize, scratch: usize, batch: i32,
  ih: i32, iw: i32, c: i32, oh: i32, ow: i32, kh: i32, kw: i32, sh: i32, sw: i32, top: i32, left: i32,
  zpIn: i32, zpOut: i32, lo: i32, hi: i32, forms: i32, wide: i32,
): void {
  const width = (ow - 1) * sw + kw;
  const columns = max(min(iw, width - left), 0);
  const ring = (kh >> 1) + 1;
  const pixel = sw * (c << 2);
  const pairBytes = width * (c << 2);
  const setBytes = (ring * kw * c) << 1;
  for (let n = 0; n < batch; n++) {
    let filled = 0;
    for (let oy = 0; oy < oh; oy++) {
      const y = oy * sh;
      const pair = y >> 1;
      const odd = y & 1;
      // An even kernel on an even row has no tap in the last pair.
      const pairs = (kh + odd + 1) >> 1;
      for (let p = max(filled, pair); p < pair + pairs; p++) {
        const iy = (p << 1) - top;
        interleave(
          iy >= 0 && iy < ih ? src + iy * iw * c : 0,
          iy + 1 >= 0 && iy + 1 < ih ? src + (iy + 1) * iw * c : 0,
          scratch + (p % ring) * pairBytes, width, left, columns, c, zpIn,
        );
      }
      filled = pair + pairs;
      const slot = pair % ring;
      const set = weights + odd * setBytes;
      if (kw == 3 && sw == 1)
        row3(scratch, slot, ring, pairBytes, pairs, set, constants, dst, ow, c, zpOut, lo, hi, forms, wide);
      else
        row(scratch, slot, ring, pairBytes, pairs, kw, set, constants, dst, ow, c, pixel, zpOut, lo, hi, forms, wide);
      dst += ow * c;
    }
    src += ih * iw * c;
  }
}

import { clamp16, codes16, groupBytes } from "../isa/requantize.pairdot.as";

/**
 * Two padded input rows, column by column and channel by channel beside each other, as i16 less the zero point:
 * dst i16 [width][c][2]. A row outside the image (address 0) and columns outside it are 0. c a multiple of 8.
 */
function interleave(row0: usize, row1: usize, dst: usize, width: i32, left: i32, columns: i32, c: i32, zeroPoint: i32): void {
  const zp = i16x8.splat(zeroPoint as i16);
  const none = i16x8.splat(0);
  const end = dst + ((width * c) << 2);
  const from = dst + ((left * c) << 2);
  const to = row0 == 0 && row1 == 0 ? from : from + ((columns * c) << 2);
  for (; dst < from; dst += 16) v128.store(dst, none);
  if (row0 != 0 && row1 != 0)
    for (; dst < to; dst += 32) {
      const a = i16x8.sub(v128.load8x8_s(row0), zp);
      const b = i16x8.sub(v128.load8x8_s(row1), zp);
      v128.store(dst, i8x16.shuffle(a, b, 0, 1, 16, 17, 2, 3, 18, 19, 4, 5, 20, 21, 6, 7, 22, 23));
      v128.store(dst, i8x16.shuffle(a, b, 8, 9, 24, 25, 10, 11, 26, 27, 12, 13, 28, 29, 14, 15, 30, 31), 16);
      row0 += 8;
      row1 += 8;
    }
  else
    for (; dst < to; dst += 32) {
      const a = row0 != 0 ? i16x8.sub(v128.load8x8_s(row0), zp) : none;
      const b = row1 != 0 ? i16x8.sub(v128.load8x8_s(row1), zp) : none;
      v128.store(dst, i8x16.shuffle(a, b, 0, 1, 16, 17, 2, 3, 18, 19, 4, 5, 20, 21, 6, 7, 22, 23));
      v128.store(dst, i8x16.shuffle(a, b, 8, 9, 24, 25, 10, 11, 26, 27, 12, 13, 28, 29, 14, 15, 30, 31), 16);
      row0 += row0 != 0 ? 8 : 0;
      row1 += row1 != 0 ? 8 : 0;
    }
  for (; dst < end; dst += 16) v128.store(dst, none);
}

/**
 * int8 depthwise convolution, one filter a channel, no dilation, channels a multiple of 8: src i8 [batch, ih, iw, c],
 * dst i8 [batch, oh, ow, c]. Rows go in pairs into a ring of `ring` pairs in scratch: i16 [ring][width][c][2],
 * 16-aligned, width = (ow - 1) * sw + kw, ring = kh / 2 + 1, so that one dot_i16x8_s adds two taps of four channels.
 * weights: i8 [2][c / 8][pairs][kw][8 channels][2]: for output rows whose first input row is the even one of its
 * pair, then (a zero first) for those where it is the odd one; pairs = kh / 2 + 1. constants: groups of requantize.as.
 * dst must not alias src. Tiles of 4 columns x 8 channels. Overflow: |x - zp| <= 255, |w| <= 128.
 */
export function depthwiseConv2d_i8_rows(
  src: usize, weights: usize, constants: usize, dst: usize, scratch: usize, batch: i32,
  ih: i32, iw: i32, c: i32, oh: i32, ow: i32, kh: i32, kw: i32, sh: i32, sw: i32, top: i32, left: i32,
  zpIn: i32, zpOut: i32, lo: i32, hi: i32, form: i32,
): void {
  const lowest = i8x16.splat(lo as i8);
  const highest = i8x16.splat(hi as i8);
  const width = (ow - 1) * sw + kw;
  const columns = max(min(iw, width - left), 0);
  const ring = (kh >> 1) + 1;
  const column = c << 2;
  const pixel = sw * column;
  const pairBytes = width * column;
  const setBytes = (ring * kw * c) << 1;
  const group = groupBytes(form);
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
      for (let x = 0; x < ow; x += 4) {
        const tile = scratch + x * pixel;
        const step1 = x + 1 < ow ? 1 : 0;
        const step2 = x + 2 < ow ? step1 + 1 : step1;
        const step3 = x + 3 < ow ? step2 + 1 : step2;
        const p1 = step1 * pixel;
        const p2 = step2 * pixel;
        const p3 = step3 * pixel;
        let w = set;
        let channel = constants;
        let to = dst + x * c;
        for (let i = 0; i < column; i += 32) {
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
            codes16(c00, c01, channel + 32, zpOut, form),
            codes16(c10, c11, channel + 32, zpOut, form),
            lowest, highest,
          );
          const second = clamp16(
            codes16(c20, c21, channel + 32, zpOut, form),
            codes16(c30, c31, channel + 32, zpOut, form),
            lowest, highest,
          );
          v128.store64_lane(to, first, 0);
          v128.store64_lane(to + step1 * c, first, 1);
          v128.store64_lane(to + step2 * c, second, 0);
          v128.store64_lane(to + step3 * c, second, 1);
          to += 8;
          channel += group;
        }
      }
      dst += ow * c;
    }
    src += ih * iw * c;
  }
}

import { interleave } from "../isa/interleave.as";
import { pairs_row } from "../isa/isa";

/**
 * int8 depthwise convolution, one filter a channel, no dilation, channels a multiple of 8: src i8 [batch, ih, iw, c],
 * dst i8 [batch, oh, ow, c]. Rows go in pairs into a ring of `ring` pairs in scratch: i16 [ring][width][c][2] and
 * 64 bytes, 16-aligned, width = (ow - 1) * sw + kw, ring = kh / 2 + 1, so that one dot_i16x8_s adds two taps of
 * four channels. weights: i8 [2][c / 16][ring][kw][16 channels][2]: for output rows whose first input row is the even
 * one of its pair, then (a zero first) for those where it is the odd one. constants: groups of wide.as.ts. dst must not
 * alias src. Overflow: |x - zp| <= 255, |w| <= 128.
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
  const setBytes = (ring * kw * ((c + 15) & ~15)) << 1;
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
      pairs_row(scratch, slot, ring, pairBytes, pairs, kw, set, constants, dst, ow, c, pixel, zpOut, lo, hi, forms, wide);
      dst += ow * c;
    }
    src += ih * iw * c;
  }
}

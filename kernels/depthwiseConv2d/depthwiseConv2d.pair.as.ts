import { clamp_codes, exact64 } from "../isa/finish";
import { smlabb, smlatt, smmla, ssat8, sxtb16, sxtb16_ror8 } from "../isa/isa";

// Fields of the geometry block, i32 each. u and v are the image's axes: tiles run along u, strips along v.
const BATCH = 0, CHANNELS = 4, IU = 8, IV = 12, OU = 16, OV = 20, SU = 24, SV = 28, BEFORE_U = 32, BEFORE_V = 36;
const SOURCE_U = 40, SOURCE_V = 44, TARGET_U = 48, TARGET_V = 52, WIDTH = 56, STRIP = 60, ZERO_POINT = 64;
const IMAGE_IN = 68, IMAGE_OUT = 72, LO = 76, HI = 80;

/** Bytes of a pair of channels: two starts, nine taps and a gap, four words of requantization; mixed: four more. */
const PAIR_BYTES: usize = 64, PAIR_BYTES_MIXED: usize = 80;

/** Rows [v, v + rows) of four channels, widened and padded: two words a column, channels 0 and 2, 1 and 3. */
function fill(to: usize, src: usize, v: i32, rows: i32, g: usize): void {
  const zero = load<i32>(g, ZERO_POINT);
  const zeros = (zero & 0xffff) | (zero << 16);
  const before = load<i32>(g, BEFORE_U), width = load<i32>(g, WIDTH), step = load<i32>(g, SOURCE_U);
  const inside = min(width - before, load<i32>(g, IU));
  const iv = load<i32>(g, IV);
  for (; rows > 0; rows--) {
    const end = to + (width << 3);
    if ((v as u32) < (iv as u32)) {
      for (const start = to + (before << 3); to < start; to += 8) {
        store<i32>(to, zeros);
        store<i32>(to, zeros, 4);
      }
      let from = src + v * load<i32>(g, SOURCE_V);
      for (const stop = to + (inside << 3); to < stop; to += 8) {
        const four = load<i32>(from);
        store<i32>(to, sxtb16(four));
        store<i32>(to, sxtb16_ror8(four), 4);
        from += step;
      }
    }
    for (; to < end; to += 8) {
      store<i32>(to, zeros);
      store<i32>(to, zeros, 4);
    }
    v++;
  }
}

/**
 * One row of outputs along u of two channels, three at a time; the last three overlap those before. `stride` 1 or 2 is
 * a constant of each call.
 */
// @ts-ignore: decorator
@inline
function row3x3(x: usize, row: usize, taps: usize, dst: usize, outputs: i32, step: usize, stride: i32, mixed: bool): void {
  for (let left = outputs; left > 0; left -= 3) {
    if (left < 3) {
      x -= (3 - left) * stride << 3;
      dst -= (3 - left) * step;
    }
    let two = load<i64>(taps);
    let a0 = two as i32;
    let b0 = (two >> 32) as i32;
    let a1 = a0, a2 = a0;
    let b1 = b0, b2 = b0;
    let p = x, c: i32, w0: i32, w1: i32, w2: i32;
    two = load<i64>(taps, 8);
    w0 = two as i32;
    w1 = (two >> 32) as i32;
    two = load<i64>(taps, 16);
    w2 = two as i32;
    if (stride == 1) {
      c = load<i32>(p, 0);
      a0 = smlabb(c, w0, a0);
      b0 = smlatt(c, w0, b0);
      c = load<i32>(p, 8);
      a0 = smlabb(c, w1, a0);
      b0 = smlatt(c, w1, b0);
      a1 = smlabb(c, w0, a1);
      b1 = smlatt(c, w0, b1);
      c = load<i32>(p, 16);
      a0 = smlabb(c, w2, a0);
      b0 = smlatt(c, w2, b0);
      a1 = smlabb(c, w1, a1);
      b1 = smlatt(c, w1, b1);
      a2 = smlabb(c, w0, a2);
      b2 = smlatt(c, w0, b2);
      c = load<i32>(p, 24);
      a1 = smlabb(c, w2, a1);
      b1 = smlatt(c, w2, b1);
      a2 = smlabb(c, w1, a2);
      b2 = smlatt(c, w1, b2);
      c = load<i32>(p, 32);
      a2 = smlabb(c, w2, a2);
      b2 = smlatt(c, w2, b2);
    } else {
      c = load<i32>(p, 0);
      a0 = smlabb(c, w0, a0);
      b0 = smlatt(c, w0, b0);
      c = load<i32>(p, 8);
      a0 = smlabb(c, w1, a0);
      b0 = smlatt(c, w1, b0);
      c = load<i32>(p, 16);
      a0 = smlabb(c, w2, a0);
      b0 = smlatt(c, w2, b0);
      a1 = smlabb(c, w0, a1);
      b1 = smlatt(c, w0, b1);
      c = load<i32>(p, 24);
      a1 = smlabb(c, w1, a1);
      b1 = smlatt(c, w1, b1);
      c = load<i32>(p, 32);
      a1 = smlabb(c, w2, a1);
      b1 = smlatt(c, w2, b1);
      a2 = smlabb(c, w0, a2);
      b2 = smlatt(c, w0, b2);
      c = load<i32>(p, 40);
      a2 = smlabb(c, w1, a2);
      b2 = smlatt(c, w1, b2);
      c = load<i32>(p, 48);
      a2 = smlabb(c, w2, a2);
      b2 = smlatt(c, w2, b2);
    }
    p += row;
    w0 = (two >> 32) as i32;
    two = load<i64>(taps, 24);
    w1 = two as i32;
    w2 = (two >> 32) as i32;
    if (stride == 1) {
      c = load<i32>(p, 0);
      a0 = smlabb(c, w0, a0);
      b0 = smlatt(c, w0, b0);
      c = load<i32>(p, 8);
      a0 = smlabb(c, w1, a0);
      b0 = smlatt(c, w1, b0);
      a1 = smlabb(c, w0, a1);
      b1 = smlatt(c, w0, b1);
      c = load<i32>(p, 16);
      a0 = smlabb(c, w2, a0);
      b0 = smlatt(c, w2, b0);
      a1 = smlabb(c, w1, a1);
      b1 = smlatt(c, w1, b1);
      a2 = smlabb(c, w0, a2);
      b2 = smlatt(c, w0, b2);
      c = load<i32>(p, 24);
      a1 = smlabb(c, w2, a1);
      b1 = smlatt(c, w2, b1);
      a2 = smlabb(c, w1, a2);
      b2 = smlatt(c, w1, b2);
      c = load<i32>(p, 32);
      a2 = smlabb(c, w2, a2);
      b2 = smlatt(c, w2, b2);
    } else {
      c = load<i32>(p, 0);
      a0 = smlabb(c, w0, a0);
      b0 = smlatt(c, w0, b0);
      c = load<i32>(p, 8);
      a0 = smlabb(c, w1, a0);
      b0 = smlatt(c, w1, b0);
      c = load<i32>(p, 16);
      a0 = smlabb(c, w2, a0);
      b0 = smlatt(c, w2, b0);
      a1 = smlabb(c, w0, a1);
      b1 = smlatt(c, w0, b1);
      c = load<i32>(p, 24);
      a1 = smlabb(c, w1, a1);
      b1 = smlatt(c, w1, b1);
      c = load<i32>(p, 32);
      a1 = smlabb(c, w2, a1);
      b1 = smlatt(c, w2, b1);
      a2 = smlabb(c, w0, a2);
      b2 = smlatt(c, w0, b2);
      c = load<i32>(p, 40);
      a2 = smlabb(c, w1, a2);
      b2 = smlatt(c, w1, b2);
      c = load<i32>(p, 48);
      a2 = smlabb(c, w2, a2);
      b2 = smlatt(c, w2, b2);
    }
    p += row;
    two = load<i64>(taps, 32);
    w0 = two as i32;
    w1 = (two >> 32) as i32;
    w2 = load<i32>(taps, 40);
    if (stride == 1) {
      c = load<i32>(p, 0);
      a0 = smlabb(c, w0, a0);
      b0 = smlatt(c, w0, b0);
      c = load<i32>(p, 8);
      a0 = smlabb(c, w1, a0);
      b0 = smlatt(c, w1, b0);
      a1 = smlabb(c, w0, a1);
      b1 = smlatt(c, w0, b1);
      c = load<i32>(p, 16);
      a0 = smlabb(c, w2, a0);
      b0 = smlatt(c, w2, b0);
      a1 = smlabb(c, w1, a1);
      b1 = smlatt(c, w1, b1);
      a2 = smlabb(c, w0, a2);
      b2 = smlatt(c, w0, b2);
      c = load<i32>(p, 24);
      a1 = smlabb(c, w2, a1);
      b1 = smlatt(c, w2, b1);
      a2 = smlabb(c, w1, a2);
      b2 = smlatt(c, w1, b2);
      c = load<i32>(p, 32);
      a2 = smlabb(c, w2, a2);
      b2 = smlatt(c, w2, b2);
    } else {
      c = load<i32>(p, 0);
      a0 = smlabb(c, w0, a0);
      b0 = smlatt(c, w0, b0);
      c = load<i32>(p, 8);
      a0 = smlabb(c, w1, a0);
      b0 = smlatt(c, w1, b0);
      c = load<i32>(p, 16);
      a0 = smlabb(c, w2, a0);
      b0 = smlatt(c, w2, b0);
      a1 = smlabb(c, w0, a1);
      b1 = smlatt(c, w0, b1);
      c = load<i32>(p, 24);
      a1 = smlabb(c, w1, a1);
      b1 = smlatt(c, w1, b1);
      c = load<i32>(p, 32);
      a1 = smlabb(c, w2, a1);
      b1 = smlatt(c, w2, b1);
      a2 = smlabb(c, w0, a2);
      b2 = smlatt(c, w0, b2);
      c = load<i32>(p, 40);
      a2 = smlabb(c, w1, a2);
      b2 = smlatt(c, w1, b2);
      c = load<i32>(p, 48);
      a2 = smlabb(c, w2, a2);
      b2 = smlatt(c, w2, b2);
    }
    two = load<i64>(taps, 48);
    const even = two as i32, evenOffset = (two >> 32) as i32;
    two = load<i64>(taps, 56);
    const odd = two as i32, oddOffset = (two >> 32) as i32;
    const dst1 = dst + step, dst2 = dst1 + step;
    if (mixed && even < 0) {
      store<i8>(dst, exact64(a0, even, evenOffset, taps + 64));
      store<i8>(dst1, exact64(a1, even, evenOffset, taps + 64));
      store<i8>(dst2, exact64(a2, even, evenOffset, taps + 64));
      store<i8>(dst, exact64(b0, odd, oddOffset, taps + 72), 2);
      store<i8>(dst1, exact64(b1, odd, oddOffset, taps + 72), 2);
      store<i8>(dst2, exact64(b2, odd, oddOffset, taps + 72), 2);
    } else {
      store<i8>(dst, ssat8(smmla(a0, even, evenOffset)));
      store<i8>(dst1, ssat8(smmla(a1, even, evenOffset)));
      store<i8>(dst2, ssat8(smmla(a2, even, evenOffset)));
      store<i8>(dst, ssat8(smmla(b0, odd, oddOffset)), 2);
      store<i8>(dst1, ssat8(smmla(b1, odd, oddOffset)), 2);
      store<i8>(dst2, ssat8(smmla(b2, odd, oddOffset)), 2);
    }
    x += 24 * stride;
    dst = dst2 + step;
  }
}

// Functions of their own, each called twice so that it stays one: in the loops around them registers would run out.
function row_stride1(x: usize, row: usize, taps: usize, dst: usize, outputs: i32, step: usize): void {
  row3x3(x, row, taps, dst, outputs, step, 1, false);
}

function row_stride2(x: usize, row: usize, taps: usize, dst: usize, outputs: i32, step: usize): void {
  row3x3(x, row, taps, dst, outputs, step, 2, false);
}

function row_stride1_mixed(x: usize, row: usize, taps: usize, dst: usize, outputs: i32, step: usize): void {
  row3x3(x, row, taps, dst, outputs, step, 1, true);
}

function row_stride2_mixed(x: usize, row: usize, taps: usize, dst: usize, outputs: i32, step: usize): void {
  row3x3(x, row, taps, dst, outputs, step, 2, true);
}

// @ts-ignore: decorator
@inline
function row_any(x: usize, row: usize, taps: usize, dst: usize, outputs: i32, step: usize, stride: i32, mixed: bool): void {
  if (stride == 1) {
    if (mixed) row_stride1_mixed(x, row, taps, dst, outputs, step);
    else row_stride1(x, row, taps, dst, outputs, step);
  } else if (mixed) row_stride2_mixed(x, row, taps, dst, outputs, step);
  else row_stride2(x, row, taps, dst, outputs, step);
}

/** depthwiseConv2d_i8_pair, or with `mixed` depthwiseConv2d_i8_pair_mixed. */
// @ts-ignore: decorator
@inline
function convolve(src: usize, taps: usize, dst: usize, scratch: usize, g: usize, mixed: bool): void {
  const ou = load<i32>(g, OU), ov = load<i32>(g, OV), sv = load<i32>(g, SV), strip = load<i32>(g, STRIP);
  const row: usize = load<i32>(g, WIDTH) << 3;
  const pairBytes = mixed ? PAIR_BYTES_MIXED : PAIR_BYTES;
  const channels = load<i32>(g, CHANNELS);
  for (let n = load<i32>(g, BATCH); n > 0; n--) {
    let pair = taps;
    for (let c = 0; c < channels; c += 4) {
      for (let v = 0; v < ov; v += strip) {
        const outputs = min(strip, ov - v);
        fill(scratch, src + c, v * sv - load<i32>(g, BEFORE_V), (outputs - 1) * sv + 3, g);
        let x = scratch;
        let to = dst + c + v * load<i32>(g, TARGET_V);
        for (let i = 0; i < outputs; i++) {
          const step = load<i32>(g, TARGET_U), stride = load<i32>(g, SU);
          row_any(x, row, pair, to, ou, step, stride, mixed);
          row_any(x + 4, row, pair + pairBytes, to + 1, ou, step, stride, mixed);
          x += sv * row;
          to += load<i32>(g, TARGET_V);
        }
      }
      pair += pairBytes << 1;
    }
    clamp_codes(dst, load<i32>(g, IMAGE_OUT), load<i32>(g, LO), load<i32>(g, HI));
    src += load<i32>(g, IMAGE_IN);
    dst += load<i32>(g, IMAGE_OUT);
  }
}

/**
 * int8 3 x 3 depthwise convolution, pair family: four channels at a time, a strip of rows of them widened into scratch
 * with the zero point around them, then three outputs by two channels: one SMLABB or SMLATT a product.
 * src i8 [batch, ih, iw, c], dst i8 [batch, oh, ow, c], c a multiple of 4, no overlap. taps: i32 [c / 2][16, mixed
 * 20], 8-aligned: pairs of channels 0 and 2, 1 and 3 of every four, the params of finish.pair.as.ts with nine taps and
 * a gap behind the starts, into which the zero point is folded.
 * scratch, 8-aligned: i16 [(strip - 1) * sv + 3 rows][width][4].
 */
export function depthwiseConv2d_i8_pair(src: usize, taps: usize, dst: usize, scratch: usize, g: usize): void {
  convolve(src, taps, dst, scratch, g, false);
}

/** The same where some channels take form exact64. */
export function depthwiseConv2d_i8_pair_mixed(src: usize, taps: usize, dst: usize, scratch: usize, g: usize): void {
  convolve(src, taps, dst, scratch, g, true);
}

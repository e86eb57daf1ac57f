import { clamp_codes, exact64 } from "../isa/finish";
import { smlabb, smlatt, smmla, ssat8, sxtb16, sxtb16_ror8 } from "../isa/isa";

// Fields of the geometry block, i32 each. u and v are the image's axes: tiles run along u, strips along v.
const BATCH = 0, CHANNELS = 4, IU = 8, IV = 12, OU = 16, OV = 20, SU = 24, SV = 28, BEFORE_U = 32, BEFORE_V = 36;
const SOURCE_U = 40, SOURCE_V = 44, TARGET_U = 48, TARGET_V = 52, WIDTH = 56, STRIP = 60, ZERO_POINT = 64;
const IMAGE_IN = 68, IMAGE_OUT = 72, PARAM_BYTES = 76, LO = 80, HI = 84;

/** Bytes of the nine tap words of a pair of channels, before its params. */
const TAPS: usize = 36;

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

/** Codes of two channels from their sums. */
// @ts-ignore: decorator
@inline
function store_pair(dst: usize, even: i32, odd: i32, params: usize): void {
  const m = load<i32>(params, 8);
  if (m < 0) {
    store<i8>(dst, exact64(even, m, load<i32>(params, 12), params + 24));
    store<i8>(dst, exact64(odd, load<i32>(params, 16), load<i32>(params, 20), params + 32), 2);
  } else {
    store<i8>(dst, ssat8(smmla(even, m, load<i32>(params, 12))));
    store<i8>(dst, ssat8(smmla(odd, load<i32>(params, 16), load<i32>(params, 20))), 2);
  }
}

/**
 * One row of outputs along u of two channels, three at a time; the last three overlap those before. `stride` 1 or 2 is
 * a constant of each call.
 */
// @ts-ignore: decorator
@inline
function row3x3(x: usize, row: usize, taps: usize, dst: usize, outputs: i32, step: usize, stride: i32): void {
  const params = taps + TAPS;
  for (let left = outputs; left > 0; left -= 3) {
    if (left < 3) {
      x -= (3 - left) * stride << 3;
      dst -= (3 - left) * step;
    }
    let a0 = load<i32>(params);
    let b0 = load<i32>(params, 4);
    let a1 = a0, a2 = a0;
    let b1 = b0, b2 = b0;
    let p = x, w = taps;
    let c: i32;
    for (let v = 0; v < 3; v++) {
      const w0 = load<i32>(w), w1 = load<i32>(w, 4), w2 = load<i32>(w, 8);
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
      w += 12;
    }
    store_pair(dst, a0, b0, params);
    store_pair(dst + step, a1, b1, params);
    store_pair(dst + (step << 1), a2, b2, params);
    x += 24 * stride;
    dst += step * 3;
  }
}

/**
 * int8 3 x 3 depthwise convolution, pair family: four channels at a time, a strip of rows of them widened into scratch
 * with the zero point around them, then three outputs by two channels: one SMLABB or SMLATT a product.
 * src i8 [batch, ih, iw, c], dst i8 [batch, oh, ow, c], c a multiple of 4, no overlap. taps: i32 [c / 2][9 + params],
 * pairs of channels 0 and 2, 1 and 3 of every four, zero points folded into the params (finish.pair.as.ts).
 * scratch, 8-aligned: i16 [(strip - 1) * sv + 3 rows][width][4].
 */
export function depthwiseConv2d_i8_pair(src: usize, taps: usize, dst: usize, scratch: usize, g: usize): void {
  const ou = load<i32>(g, OU), ov = load<i32>(g, OV), sv = load<i32>(g, SV), strip = load<i32>(g, STRIP);
  const row: usize = load<i32>(g, WIDTH) << 3;
  const pairBytes = TAPS + load<i32>(g, PARAM_BYTES);
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
          for (let half = 0; half < 2; half++) {
            const from = x + (half << 2), weights = pair + half * pairBytes;
            if (load<i32>(g, SU) == 1) row3x3(from, row, weights, to + half, ou, load<i32>(g, TARGET_U), 1);
            else row3x3(from, row, weights, to + half, ou, load<i32>(g, TARGET_U), 2);
          }
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

import { mla } from "../isa/isa";
import { clamp_codes, code_long, code_short } from "../isa/tile.scalar.as";

// Fields of the geometry block, i32 each.
const BATCH = 0, IH = 4, IW = 8, IC = 12, OH = 16, OW = 20, OC = 24, KH = 28, KW = 32, SH = 36, SW = 40, DH = 44, DW = 48;
const TOP = 52, LEFT = 56, ZERO_POINT = 60, PH = 64, PW = 68, EXACT = 72, ZERO_POINT_OUT = 76, LO = 80, HI = 84, LOW_BITS = 88;

/** The codes of one channel, + 128, into the middle of the padded plane, whose border holds the zero point. */
function fill_plane(plane: usize, src: usize, g: usize): void {
  const iw = load<i32>(g, IW), ic = load<i32>(g, IC), pw = load<i32>(g, PW);
  const top = load<i32>(g, TOP), left = load<i32>(g, LEFT);
  const rows = min(load<i32>(g, IH), load<i32>(g, PH) - top);
  const columns = min(iw, pw - left);
  if (columns <= 0) return;
  let to = plane + top * pw + left;
  const rest = (iw - columns) * ic;
  for (let y = 0; y < rows; y++) {
    let p = to;
    for (const four = to + (columns & ~3); p < four; p += 4) {
      store<u8>(p, load<u8>(src) ^ 128);
      src += ic;
      store<u8>(p, load<u8>(src) ^ 128, 1);
      src += ic;
      store<u8>(p, load<u8>(src) ^ 128, 2);
      src += ic;
      store<u8>(p, load<u8>(src) ^ 128, 3);
      src += ic;
    }
    for (const end = to + columns; p < end; p++) {
      store<u8>(p, load<u8>(src) ^ 128);
      src += ic;
    }
    src += rest;
    to += pw;
  }
}

// @ts-ignore: decorator
@inline
function code_of(sum: i32, param: usize, exact: i32, zero: i32, lowBits: i32, long: bool): i32 {
  return long ? code_long(sum, param, exact, zero) : code_short(sum, param, exact, zero, lowBits);
}

/**
 * 3x3 taps, not dilated across, columns `sw` (1 or 2) apart: two pixels a turn share the weights of a row. `back`: 1 where
 * the last pair of a row begins at the second pixel of the one before. next: bytes from behind a row to the next one.
 */
// @ts-ignore: decorator
@inline
function rows3x3(
  p: usize, w: usize, param: usize, dst: usize, rows: i32, pairs: i32, back: i32, next: i32, line: i32, oc: i32,
  exact: i32, zero: i32, lowBits: i32, sw: i32, long: bool,
): void {
  const lastOfRow = back * oc;
  for (; rows > 0; rows--) {
    for (let left = pairs; left > 0; left--) {
      if (left == 1) {
        p -= back * sw;
        dst -= lastOfRow;
      }
      let a = load<i32>(param);
      let b = a;
      let q = p;
      let w0 = load<i8>(w) as i32, w1 = load<i8>(w, 1) as i32, w2 = load<i8>(w, 2) as i32;
      let v = load<u8>(q) as i32;
      a = mla(a, w0, v);
      v = load<u8>(q, 1);
      a = mla(a, w1, v);
      if (sw == 1) {
        b = mla(b, w0, v);
        v = load<u8>(q, 2);
        a = mla(a, w2, v);
        b = mla(b, w1, v);
        b = mla(b, w2, load<u8>(q, 3));
      } else {
        v = load<u8>(q, 2);
        a = mla(a, w2, v);
        b = mla(b, w0, v);
        b = mla(b, w1, load<u8>(q, 3));
        b = mla(b, w2, load<u8>(q, 4));
      }
      q += line;
      w0 = load<i8>(w, 3);
      w1 = load<i8>(w, 4);
      w2 = load<i8>(w, 5);
      v = load<u8>(q);
      a = mla(a, w0, v);
      v = load<u8>(q, 1);
      a = mla(a, w1, v);
      if (sw == 1) {
        b = mla(b, w0, v);
        v = load<u8>(q, 2);
        a = mla(a, w2, v);
        b = mla(b, w1, v);
        b = mla(b, w2, load<u8>(q, 3));
      } else {
        v = load<u8>(q, 2);
        a = mla(a, w2, v);
        b = mla(b, w0, v);
        b = mla(b, w1, load<u8>(q, 3));
        b = mla(b, w2, load<u8>(q, 4));
      }
      q += line;
      w0 = load<i8>(w, 6);
      w1 = load<i8>(w, 7);
      w2 = load<i8>(w, 8);
      v = load<u8>(q);
      a = mla(a, w0, v);
      v = load<u8>(q, 1);
      a = mla(a, w1, v);
      if (sw == 1) {
        b = mla(b, w0, v);
        v = load<u8>(q, 2);
        a = mla(a, w2, v);
        b = mla(b, w1, v);
        b = mla(b, w2, load<u8>(q, 3));
      } else {
        v = load<u8>(q, 2);
        a = mla(a, w2, v);
        b = mla(b, w0, v);
        b = mla(b, w1, load<u8>(q, 3));
        b = mla(b, w2, load<u8>(q, 4));
      }
      store<i8>(dst, code_of(a, param, exact, zero, lowBits, long));
      dst += oc;
      store<i8>(dst, code_of(b, param, exact, zero, lowBits, long));
      dst += oc;
      p += sw << 1;
    }
    p += next;
  }
}

// Functions of their own, so that their loops have the registers.
function rows3x3_s1_long(
  p: usize, w: usize, param: usize, dst: usize, rows: i32, pairs: i32, back: i32, next: i32, line: i32, oc: i32, exact: i32, zero: i32, lowBits: i32,
): void {
  rows3x3(p, w, param, dst, rows, pairs, back, next, line, oc, exact, zero, lowBits, 1, true);
}
function rows3x3_s2_long(
  p: usize, w: usize, param: usize, dst: usize, rows: i32, pairs: i32, back: i32, next: i32, line: i32, oc: i32, exact: i32, zero: i32, lowBits: i32,
): void {
  rows3x3(p, w, param, dst, rows, pairs, back, next, line, oc, exact, zero, lowBits, 2, true);
}
function rows3x3_s1_short(
  p: usize, w: usize, param: usize, dst: usize, rows: i32, pairs: i32, back: i32, next: i32, line: i32, oc: i32, exact: i32, zero: i32, lowBits: i32,
): void {
  rows3x3(p, w, param, dst, rows, pairs, back, next, line, oc, exact, zero, lowBits, 1, false);
}
function rows3x3_s2_short(
  p: usize, w: usize, param: usize, dst: usize, rows: i32, pairs: i32, back: i32, next: i32, line: i32, oc: i32, exact: i32, zero: i32, lowBits: i32,
): void {
  rows3x3(p, w, param, dst, rows, pairs, back, next, line, oc, exact, zero, lowBits, 2, false);
}

// @ts-ignore: decorator
@inline
function rows3x3_of(
  p: usize, w: usize, param: usize, dst: usize, rows: i32, pairs: i32, back: i32, next: i32, line: i32, oc: i32,
  exact: i32, zero: i32, lowBits: i32, sw: i32, long: bool,
): void {
  if (sw == 1) {
    if (long) rows3x3_s1_long(p, w, param, dst, rows, pairs, back, next, line, oc, exact, zero, lowBits);
    else rows3x3_s1_short(p, w, param, dst, rows, pairs, back, next, line, oc, exact, zero, lowBits);
  } else if (long) rows3x3_s2_long(p, w, param, dst, rows, pairs, back, next, line, oc, exact, zero, lowBits);
  else rows3x3_s2_short(p, w, param, dst, rows, pairs, back, next, line, oc, exact, zero, lowBits);
}

/** One output channel over the plane. An odd last pixel is computed with the one before it. */
// @ts-ignore: decorator
@inline
function channel(plane: usize, w: usize, param: usize, dst: usize, g: usize, long: bool): void {
  const ow = load<i32>(g, OW), oc = load<i32>(g, OC);
  const kh = load<i32>(g, KH), kw = load<i32>(g, KW), sw = load<i32>(g, SW), dw = load<i32>(g, DW);
  const exact = load<i32>(g, EXACT), zero = load<i32>(g, ZERO_POINT_OUT), lowBits = load<i32>(g, LOW_BITS);
  const pw = load<i32>(g, PW);
  const line = load<i32>(g, DH) * pw;
  const isThree = kh == 3 && kw == 3 && dw == 1 && (sw as u32) <= 2 && ow > 1;
  const oh = load<i32>(g, OH);
  const step = load<i32>(g, SH) * pw;
  if (isThree) {
    const pairs = ow >> 1, next = step - ow * sw;
    if (ow & 1) rows3x3_of(plane, w, param, dst, oh, pairs + 1, 1, next, line, oc, exact, zero, lowBits, sw, long);
    else rows3x3_of(plane, w, param, dst, oh, pairs, 0, next, line, oc, exact, zero, lowBits, sw, long);
    return;
  }
  for (let oy = oh; oy > 0; oy--) {
    let from = plane;
    for (let left = ow; left > 0; left--) {
      let sum = load<i32>(param);
      let p = from, tap = w;
      for (let ky = kh; ky > 0; ky--) {
        let q = p;
        for (let kx = kw; kx > 0; kx--) {
          sum = mla(sum, load<i8>(tap++), load<u8>(q));
          q += dw;
        }
        p += line;
      }
      store<i8>(dst, code_of(sum, param, exact, zero, lowBits, long));
      dst += oc;
      from += sw;
    }
    plane += step;
  }
}

// @ts-ignore: decorator
@inline
function depthwise(src: usize, weights: usize, params: usize, dst: usize, plane: usize, g: usize, long: bool): void {
  const ic = load<i32>(g, IC), oc = load<i32>(g, OC), taps = load<i32>(g, KH) * load<i32>(g, KW);
  const inputs = load<i32>(g, IH) * load<i32>(g, IW) * ic, outputs = load<i32>(g, OH) * load<i32>(g, OW) * oc;
  const multiplier: i32 = (oc as u32) / (ic as u32);
  memory.fill(plane, (load<i32>(g, ZERO_POINT) ^ 128) as u8, load<i32>(g, PH) * load<i32>(g, PW));
  let out = dst;
  for (let n = load<i32>(g, BATCH); n > 0; n--) {
    let w = weights, param = params;
    for (let i = 0; i < ic; i++) {
      fill_plane(plane, src + i, g);
      for (let m = 0; m < multiplier; m++) {
        channel(plane, w, param, out + i * multiplier + m, g, long);
        w += taps;
        param += long ? 16 : 20;
      }
    }
    src += inputs;
    out += outputs;
  }
  clamp_codes(dst, load<i32>(g, BATCH) * outputs, load<i32>(g, LO), load<i32>(g, HI));
}

/**
 * int8 depthwise convolution, scalar family: channels outside, each first copied to a padded plane. src i8 [batch, ih, iw,
 * ic], dst i8 [batch, oh, ow, oc], which may be src where both have the same shape; channel o reads channel
 * o / (oc / ic). weights i8 [oc][kh][kw]; params packed by pack-scalar.ts with the zero point and 128 folded in.
 * plane: u8 [ph, pw]. Overflow: the exact sum's.
 */
export function depthwiseConv2d_i8_long(src: usize, weights: usize, params: usize, dst: usize, plane: usize, g: usize): void {
  depthwise(src, weights, params, dst, plane, g, true);
}

/** The same without a long multiply: form split32. */
export function depthwiseConv2d_i8_short(src: usize, weights: usize, params: usize, dst: usize, plane: usize, g: usize): void {
  depthwise(src, weights, params, dst, plane, g, false);
}

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
function code_of(sum: i32, param: usize, g: usize, long: bool): i32 {
  const zero = load<i32>(g, ZERO_POINT_OUT), exact = load<i32>(g, EXACT);
  return long ? code_long(sum, param, exact, zero) : code_short(sum, param, exact, zero, load<i32>(g, LOW_BITS));
}

/**
 * One output channel over the plane, two pixels a turn; taps three a row where the kernel is 3 wide and not dilated
 * across. The second pixel of an odd last pair reads past the row and is not stored.
 */
// @ts-ignore: decorator
@inline
function channel(plane: usize, w: usize, param: usize, dst: usize, g: usize, long: bool): void {
  const oh = load<i32>(g, OH), ow = load<i32>(g, OW), oc = load<i32>(g, OC);
  const kh = load<i32>(g, KH), kw = load<i32>(g, KW), sw = load<i32>(g, SW), dw = load<i32>(g, DW);
  const pw = load<i32>(g, PW);
  const line = load<i32>(g, DH) * pw;
  const isThree = kw == 3 && dw == 1;
  const start = load<i32>(param);
  for (let oy = 0; oy < oh; oy++) {
    let from = plane;
    for (let left = ow; left > 0; left -= 2) {
      let a = start, b = start;
      let p = from;
      let tap = w;
      if (isThree && sw == 1) {
        for (let ky = kh; ky > 0; ky--) {
          const w0 = load<i8>(tap) as i32, w1 = load<i8>(tap, 1) as i32, w2 = load<i8>(tap, 2) as i32;
          tap += 3;
          let v = load<u8>(p) as i32;
          a += v * w0;
          v = load<u8>(p, 1) as i32;
          a += v * w1;
          b += v * w0;
          v = load<u8>(p, 2) as i32;
          a += v * w2;
          b += v * w1;
          b += (load<u8>(p, 3) as i32) * w2;
          p += line;
        }
      } else if (isThree && sw == 2) {
        for (let ky = kh; ky > 0; ky--) {
          const w0 = load<i8>(tap) as i32, w1 = load<i8>(tap, 1) as i32, w2 = load<i8>(tap, 2) as i32;
          tap += 3;
          a += (load<u8>(p) as i32) * w0;
          a += (load<u8>(p, 1) as i32) * w1;
          const v = load<u8>(p, 2) as i32;
          a += v * w2;
          b += v * w0;
          b += (load<u8>(p, 3) as i32) * w1;
          b += (load<u8>(p, 4) as i32) * w2;
          p += line;
        }
      } else {
        for (let ky = kh; ky > 0; ky--) {
          let q = p;
          for (let kx = kw; kx > 0; kx--) {
            const v = load<i8>(tap++) as i32;
            a += (load<u8>(q) as i32) * v;
            b += (load<u8>(q + sw) as i32) * v;
            q += dw;
          }
          p += line;
        }
      }
      store<i8>(dst, code_of(a, param, g, long));
      dst += oc;
      if (left > 1) {
        store<i8>(dst, code_of(b, param, g, long));
        dst += oc;
      }
      from += sw << 1;
    }
    plane += load<i32>(g, SH) * pw;
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
 * plane: u8 [ph, pw] and two strides and a kernel row more, which odd widths read. Overflow: the exact sum's.
 */
export function depthwiseConv2d_i8_long(src: usize, weights: usize, params: usize, dst: usize, plane: usize, g: usize): void {
  depthwise(src, weights, params, dst, plane, g, true);
}

/** The same without a long multiply: form split32. */
export function depthwiseConv2d_i8_short(src: usize, weights: usize, params: usize, dst: usize, plane: usize, g: usize): void {
  depthwise(src, weights, params, dst, plane, g, false);
}

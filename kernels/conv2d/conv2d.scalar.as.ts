import { clamp_codes, tile_pairs, tile_u8 } from "../isa/tile.scalar.as";

// Fields of the geometry block, i32 each.
const PIXELS = 0, IH = 4, IW = 8, IC = 12, OH = 16, OW = 20, OC = 24, KH = 28, KW = 32, SH = 36, SW = 40, DH = 44, DW = 48;
const TOP = 52, LEFT = 56, ZERO_POINT = 60, DEPTH = 64, EXACT = 68, ZERO_POINT_OUT = 72, LO = 76, HI = 80, LOW_BITS = 84;

/** `bytes` codes ^ flip from `from`, a byte every `step` bytes from `to`; returns their sum. */
// @ts-ignore: decorator
@inline
function spread(to: usize, from: usize, bytes: i32, step: i32, flip: i32): i32 {
  let sum = 0;
  const end = from + bytes;
  for (const four = from + (bytes & ~3); from < four; from += 4) {
    let v = (load<u8>(from) as i32) ^ flip;
    sum += v;
    store<u8>(to, v);
    to += step;
    v = (load<u8>(from, 1) as i32) ^ flip;
    sum += v;
    store<u8>(to, v);
    to += step;
    v = (load<u8>(from, 2) as i32) ^ flip;
    sum += v;
    store<u8>(to, v);
    to += step;
    v = (load<u8>(from, 3) as i32) ^ flip;
    sum += v;
    store<u8>(to, v);
    to += step;
  }
  for (; from < end; from++) {
    const v = (load<u8>(from) as i32) ^ flip;
    sum += v;
    store<u8>(to, v);
    to += step;
  }
  return sum;
}

/**
 * One output pixel's patch, k in (ky, kx, i) order: each code ^ flip as a byte every `step` bytes, the zero point
 * outside the image. Returns the sum of the bytes.
 */
function gather(to: usize, pixel: i32, src: usize, g: usize, step: i32, flip: i32): i32 {
  const ow = load<i32>(g, OW), oh = load<i32>(g, OH);
  const ih = load<i32>(g, IH), iw = load<i32>(g, IW), ic = load<i32>(g, IC);
  const line: i32 = (pixel as u32) / (ow as u32);
  const image: i32 = (line as u32) / (oh as u32);
  let iy = (line - image * oh) * load<i32>(g, SH) - load<i32>(g, TOP);
  const x0 = (pixel - line * ow) * load<i32>(g, SW) - load<i32>(g, LEFT);
  const kw = load<i32>(g, KW), dw = load<i32>(g, DW), dh = load<i32>(g, DH);
  // Taps side by side are one run of codes; dilated ones are runs of one tap.
  const taps = dw == 1 ? kw : 1;
  const outside = (load<i32>(g, ZERO_POINT) & 255) ^ flip;
  const run = taps * ic;
  let sum = 0;
  let row = src + ((image * ih + iy) * iw + x0) * ic;
  for (let ky = load<i32>(g, KH); ky > 0; ky--) {
    let from = row;
    let ix = x0;
    for (let kx = kw; kx > 0; kx -= taps) {
      const before = (iy as u32) >= (ih as u32) ? run : ix < 0 ? min(-ix, taps) * ic : 0;
      const inside = max(before, min(max(iw - ix, 0) * ic, run));
      for (let i = 0; i < before; i++) {
        store<u8>(to, outside);
        to += step;
      }
      sum += spread(to, from + before, inside - before, step, flip) + outside * (before + run - inside);
      to += (inside - before) * step;
      for (let i = inside; i < run; i++) {
        store<u8>(to, outside);
        to += step;
      }
      ix += dw;
      from += dw * ic;
    }
    iy += dh;
    row += dh * iw * ic;
  }
  return sum;
}

/**
 * int8 convolution, scalar family without a long multiply: src i8 [batch, ih, iw, ic], dst i8 [batch, oh, ow, oc], no
 * overlap. A patch of one pixel, then tile_u8. scratch: u8 [depth], depth = kh * kw * ic rounded up to 4.
 * Overflow: sums of products of bytes wrap, the corrected sum is the exact one, which the compiler checks.
 */
export function conv2d_i8_short(src: usize, weights: usize, params: usize, dst: usize, scratch: usize, g: usize): void {
  const pixels = load<i32>(g, PIXELS), oc = load<i32>(g, OC), depth = load<i32>(g, DEPTH);
  store<u32>(scratch + depth - 4, 0);
  for (let pixel = 0; pixel < pixels; pixel++) {
    const sum = gather(scratch, pixel, src, g, 1, 128);
    tile_u8(scratch, weights, params, dst + pixel * oc, depth, oc, -(sum << 7), load<i32>(g, EXACT), load<i32>(g, ZERO_POINT_OUT), load<i32>(g, LOW_BITS));
  }
  clamp_codes(dst, pixels * oc, load<i32>(g, LO), load<i32>(g, HI));
}

/** The same with a long multiply: patches of two pixels, then tile_pairs. scratch: i32 [depth]. */
export function conv2d_i8_long(src: usize, weights: usize, params: usize, dst: usize, scratch: usize, g: usize): void {
  const pixels = load<i32>(g, PIXELS), oc = load<i32>(g, OC), depth = load<i32>(g, DEPTH);
  memory.fill(scratch, 0, depth << 2);
  for (let first = 0; first < pixels; first += 2) {
    // An odd last pixel is computed with the one before, or twice.
    const even = max(min(first, pixels - 2), 0);
    const odd = min(even + 1, pixels - 1);
    gather(scratch, even, src, g, 4, 128);
    gather(scratch + 3, odd, src, g, 4, 0);
    tile_pairs(scratch, weights, params, dst + even * oc, dst + odd * oc, depth, oc, load<i32>(g, EXACT), load<i32>(g, ZERO_POINT_OUT));
  }
  clamp_codes(dst, pixels * oc, load<i32>(g, LO), load<i32>(g, HI));
}

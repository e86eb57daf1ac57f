import { clamp_codes } from "../isa/finish";
import { tile_i8, tile_i8_mixed } from "../isa/tile";
import { widen } from "../isa/widen";

// Fields of the geometry block, i32 each.
const PIXELS = 0, IH = 4, IW = 8, IC = 12, OH = 16, OW = 20, OC = 24, KH = 28, KW = 32, SH = 36, SW = 40, DH = 44;
const TOP = 48, LEFT = 52, ZERO_POINT = 56, WORDS = 60, WORDWISE = 64, LO = 68, HI = 72;

/**
 * One output pixel's patch as i16 pairs, a pair every 16 bytes from `to`: for each kernel row a run of kw * ic codes.
 * Rows outside the image are read from `zeros` (the zero point), runs that cross its sides are put together behind it.
 */
function gather(to: usize, pixel: i32, src: usize, zeros: usize, g: usize): void {
  const ow = load<i32>(g, OW), oh = load<i32>(g, OH);
  const ih = load<i32>(g, IH), iw = load<i32>(g, IW), ic = load<i32>(g, IC);
  const line: i32 = (pixel as u32) / (ow as u32);
  const image: i32 = (line as u32) / (oh as u32);
  let iy = (line - image * oh) * load<i32>(g, SH) - load<i32>(g, TOP);
  const ix = (pixel - line * ow) * load<i32>(g, SW) - load<i32>(g, LEFT);
  const kw = load<i32>(g, KW);
  const run = kw * ic;
  const before = ix < 0 ? min(-ix, kw) * ic : 0;
  const inside = min(max(iw - ix, 0) * ic, run);
  const crosses = before > 0 || inside < run;
  let row = src + ((image * ih + iy) * iw + ix) * ic;
  const dh = load<i32>(g, DH);
  for (let ky = load<i32>(g, KH); ky > 0; ky--) {
    let from = row;
    if ((iy as u32) >= (ih as u32)) from = zeros;
    else if (crosses) {
      from = zeros + ((run + 3) & ~3);
      memory.fill(from, load<u8>(zeros), run);
      if (inside > before) memory.copy(from + before, row + before, inside - before);
    }
    to = widen(to, from, run, load<i32>(g, WORDWISE), 16);
    iy += dh;
    row += dh * iw * ic;
  }
}

/** conv2d_i8_pair, or with `mixed` conv2d_i8_pair_mixed. */
// @ts-ignore: decorator
@inline
function convolve(src: usize, weights: usize, params: usize, dst: usize, scratch: usize, g: usize, mixed: bool): void {
  const pixels = load<i32>(g, PIXELS), oc = load<i32>(g, OC), words = load<i32>(g, WORDS);
  const run = load<i32>(g, KW) * load<i32>(g, IC);
  const zeros = scratch + (words << 4);
  const few = zeros + (((run + 3) & ~3) << 1);
  memory.fill(zeros, load<u8>(g, ZERO_POINT), run);
  for (let first = 0; first < pixels; first += 4) {
    first = max(min(first, pixels - 4), 0);
    for (let slot = 0; slot < 4; slot++) gather(scratch + (slot << 2), min(first + slot, pixels - 1), src, zeros, g);
    // Two calls, so that the tile stays a function with registers of its own.
    if (pixels < 4) {
      if (mixed) tile_i8_mixed(scratch, weights, params, few, words, oc);
      else tile_i8(scratch, weights, params, few, words, oc);
      memory.copy(dst, few, pixels * oc);
    } else if (mixed) tile_i8_mixed(scratch, weights, params, dst + first * oc, words, oc);
    else tile_i8(scratch, weights, params, dst + first * oc, words, oc);
  }
  clamp_codes(dst, pixels * oc, load<i32>(g, LO), load<i32>(g, HI));
}

/**
 * int8 convolution, pair family: src i8 [batch, ih, iw, ic], dst i8 [batch, oh, ow, oc], oc even, no overlap. Weights
 * and params as tile_i8 wants them, zero points folded into the params, so that codes are multiplied and pixels outside
 * the image hold the zero point. scratch, 16-aligned: i16 [words][4][2], two runs of kw * ic bytes, each rounded up to
 * 4, and i8 [4, oc] where there are fewer than four pixels. The last tile overlaps the one before.
 */
export function conv2d_i8_pair(src: usize, weights: usize, params: usize, dst: usize, scratch: usize, g: usize): void {
  convolve(src, weights, params, dst, scratch, g, false);
}

/** The same where some channels take form exact64. */
export function conv2d_i8_pair_mixed(src: usize, weights: usize, params: usize, dst: usize, scratch: usize, g: usize): void {
  convolve(src, weights, params, dst, scratch, g, true);
}

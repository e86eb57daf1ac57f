import { copy_bytes, fill_bytes } from "../isa/isa";
import { one_row, two_rows } from "../isa/rows.reduce.as";

/**
 * The patch of one output pixel, i8 [kh, kw, ic] at `to`: pixel (y, x) of the image is its corner; codes outside the
 * image are the zero point.
 */
function patch(to: usize, image: usize, y: i32, x: i32, ih: i32, iw: i32, ic: i32, kh: i32, kw: i32, dh: i32, dw: i32, zpIn: i32): void {
  if (dw == 1 && x >= 0 && x + kw <= iw && y >= 0 && y + (kh - 1) * dh < ih) {
    let from = image + (y * iw + x) * ic;
    for (let ky = 0; ky < kh; ky++) {
      to = copy_bytes(to, from, kw * ic);
      from += dh * iw * ic;
    }
    return;
  }
  // Taps of a row that are neighbours in the image.
  const run = dw == 1 ? kw : 1;
  for (let ky = 0; ky < kh; ky++) {
    const iy = y + ky * dh;
    for (let kx = 0; kx < kw; kx += run) {
      const begin = x + kx * dw;
      const first = max(begin, 0);
      const last = min(begin + run, iw);
      if (iy < 0 || iy >= ih || first >= last) {
        to = fill_bytes(to, zpIn, run * ic);
      } else {
        to = fill_bytes(to, zpIn, (first - begin) * ic);
        to = copy_bytes(to, image + (iy * iw + first) * ic, (last - first) * ic);
        to = fill_bytes(to, zpIn, (begin + run - last) * ic);
      }
    }
  }
}

// @ts-ignore: decorator
@inline
function conv2d(
  src: usize, blocks: usize, dst: usize, scratch: usize, batch: i32,
  ih: i32, iw: i32, ic: i32, oh: i32, ow: i32, oc: i32, kh: i32, kw: i32,
  sh: i32, sw: i32, dh: i32, dw: i32, top: i32, left: i32, zpIn: i32, zpOut: i32, lo: i32, hi: i32, direct: i32, positive: bool,
): void {
  const depth = (kh * kw * ic + 15) & ~15;
  const tiles = scratch + 32;
  let first = tiles;
  let waits = false;
  for (let n = 0; n < batch; n++) {
    for (let oy = 0; oy < oh; oy++) {
      const y = oy * sh - top;
      let x = -left;
      for (let ox = 0; ox < ow; ox++) {
        let tile = tiles + (waits ? depth : 0);
        if (direct) tile = src + (y * iw + x) * ic;
        else patch(tile, src, y, x, ih, iw, ic, kh, kw, dh, dw, zpIn);
        x += sw;
        if (waits) {
          two_rows(blocks, first, tile, dst, scratch, depth, oc, zpOut, lo, hi, positive);
          dst += oc << 1;
        } else first = tile;
        waits = !waits;
      }
    }
    src += ih * iw * ic;
  }
  if (waits) one_row(blocks, first, dst, depth, oc, zpOut, lo, hi, positive);
}

/**
 * int8 convolution, reduce family: src i8 [batch, ih, iw, ic], dst i8 [batch, oh, ow, oc], blocks as two_rows wants
 * them with k in (ky, kx, i) order. scratch, 16-aligned: i32 [8], then two patches of `depth` bytes; with `direct` no
 * patches: the window is one pixel of 16 n channels without padding, and is read where it lies. dst must not alias src.
 */
export function conv2d_i8_reduce(
  src: usize, blocks: usize, dst: usize, scratch: usize, batch: i32,
  ih: i32, iw: i32, ic: i32, oh: i32, ow: i32, oc: i32, kh: i32, kw: i32,
  sh: i32, sw: i32, dh: i32, dw: i32, top: i32, left: i32, zpIn: i32, zpOut: i32, lo: i32, hi: i32, direct: i32,
): void {
  conv2d(src, blocks, dst, scratch, batch, ih, iw, ic, oh, ow, oc, kh, kw, sh, sw, dh, dw, top, left, zpIn, zpOut, lo, hi, direct, false);
}

/** conv2d_i8_reduce for lo >= zpOut. */
export function conv2d_i8_reduce_positive(
  src: usize, blocks: usize, dst: usize, scratch: usize, batch: i32,
  ih: i32, iw: i32, ic: i32, oh: i32, ow: i32, oc: i32, kh: i32, kw: i32,
  sh: i32, sw: i32, dh: i32, dw: i32, top: i32, left: i32, zpIn: i32, zpOut: i32, lo: i32, hi: i32, direct: i32,
): void {
  conv2d(src, blocks, dst, scratch, batch, ih, iw, ic, oh, ow, oc, kh, kw, sh, sw, dh, dw, top, left, zpIn, zpOut, lo, hi, direct, true);
}

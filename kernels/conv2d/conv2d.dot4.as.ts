import { fill, flip, moveDown } from "../isa/bytes.dot4.as";
import { tiles_u8 } from "../isa/isa";

/**
 * int8 convolution without dilation along the width: src i8 [batch, ih, iw, ic], dst i8 [batch, oh, ow, oc]; weights
 * and constants as tiles_u8 wants them, a run is one row of kw * ic values. `band` output rows at a time: the input
 * rows that they need stand as codes + 128 (the zero point outside the image) in
 * scratch: [(band - 1) * sh + (kh - 1) * dh + 1][width][ic] and 16 bytes, 4-aligned, width = (ow - 1) * sw + kw.
 * dst must not alias src. Rounding: requantize.pairdot.as.ts. Overflow: tiles_u8.
 */
export function conv2d_i8_band(
  src: usize, weights: usize, constants: usize, dst: usize, scratch: usize, batch: i32,
  ih: i32, iw: i32, ic: i32, oh: i32, ow: i32, oc: i32, kh: i32, kw: i32, sh: i32, sw: i32, dh: i32, top: i32, left: i32,
  band: i32, zpIn: i32, zpOut: i32, lo: i32, hi: i32, forms: i32, wide: i32,
): void {
  const width = (ow - 1) * sw + kw;
  const columns = max(min(iw, width - left), 0);
  const rowBytes = width * ic;
  const outside = zpIn + 128;
  const reach = (kh - 1) * dh + 1;
  for (let n = 0; n < batch; n++) {
    // Input row (padded) that stands first in the scratch, and one past the last.
    let first = 0;
    let filled = 0;
    for (let oy = 0; oy < oh; oy += band) {
      const rows = min(band, oh - oy);
      const y = oy * sh;
      const kept = filled - y;
      if (kept > 0 && y > first) moveDown(scratch, scratch + (y - first) * rowBytes, kept * rowBytes);
      first = y;
      const last = y + (rows - 1) * sh + reach;
      for (let py = max(filled, y); py < last; py++) {
        const to = scratch + (py - first) * rowBytes;
        const iy = py - top;
        if (iy < 0 || iy >= ih || columns == 0) fill(to, outside, rowBytes);
        else {
          fill(to, outside, left * ic);
          flip(src + iy * iw * ic, to + left * ic, columns * ic);
          fill(to + (left + columns) * ic, outside, (width - left - columns) * ic);
        }
      }
      filled = last;
      tiles_u8(
        scratch, sw * ic, ow, sh * rowBytes, rows * ow, kh, dh * rowBytes, (kw * ic + 3) >> 2,
        weights, constants, dst, oc, zpOut, lo, hi, forms, wide,
      );
      dst += rows * ow * oc;
    }
    src += ih * iw * ic;
  }
}

/**
 * 1 x 1 convolution, stride 1: src i8 [pixels, ic], dst i8 [pixels, oc], `chunk` pixels at a time.
 * scratch: u8 [chunk][ic] and 16 bytes. Otherwise as conv2d_i8_band.
 */
export function conv2d_i8_pointwise(
  src: usize, weights: usize, constants: usize, dst: usize, scratch: usize,
  pixels: i32, ic: i32, oc: i32, chunk: i32, zpIn: i32, zpOut: i32, lo: i32, hi: i32, forms: i32, wide: i32,
): void {
  for (let p = 0; p < pixels; p += chunk) {
    const n = min(chunk, pixels - p);
    flip(src + p * ic, scratch, n * ic);
    tiles_u8(
      scratch, ic, n, 0, n, 1, 0, (ic + 3) >> 2,
      weights, constants, dst + p * oc, oc, zpOut, lo, hi, forms, wide,
    );
  }
}

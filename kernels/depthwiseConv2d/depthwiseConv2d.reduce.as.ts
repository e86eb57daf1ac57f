/**
 * int8 depthwise convolution, reduce family: lanes are channels, 16 at a time.
 *
 * The rows of the image that a row of windows reads stand in a ring of kh slots, each [block of 16 channels][column][16],
 * with the zero point for what lies outside the image, so that taps are loads at fixed distances. Where 16 is a
 * multiple of the channels and the stride along the row is 1, a vector holds `lanes` pixels: columns overlap, and the
 * constants repeat. Two taps' products are added in 16 bits (the packer checks that they fit), then to four vectors of
 * words: vector v holds the channels 4 i + v.
 *
 * src i8 [batch, ih, iw, ic]; dst i8 [batch, oh, ow, ic], no overlap with src. blocks, 16-aligned, for every 16
 * channels: i32 start [4][4], i8 weights [kh, kw][16], i32 multipliers [4][4], i32 shifts [4][4], in the order of the
 * vectors. scratch, 16-aligned: (3x3: 48 bytes,) the ring, then one
 * row of `columns` pixels and 16 bytes.
 * Rounding: requantize.reduce.as.ts. Overflow: kh * kw <= 65 793.
 */
import {
  add_halves, copy_bytes, fill_bytes, load_bytes, max_bytes, min_bytes, multiply_even, multiply_odd, narrow_halves,
  narrow_words, store_bytes, store_tail, widen_even, widen_odd, window3x3,
} from "../isa/isa";
import { requantize_words } from "../isa/requantize.reduce.as";

/** Row iy of an image into a slot: `columns` pixels from -left on. line: where the row is assembled. */
function fill_slot(slot: usize, line: usize, image: usize, iy: i32, ih: i32, iw: i32, ic: i32, left: i32, columns: i32, zpIn: i32): void {
  const before = iy < 0 || iy >= ih ? columns : min(left, columns);
  const inside = min(iw, columns - before);
  let to = fill_bytes(line, zpIn, before * ic);
  to = copy_bytes(to, image + iy * iw * ic, inside * ic);
  fill_bytes(to, zpIn, (columns - before - inside) * ic);
  for (let c = 0; c < ic; c += 16) {
    let from = line + c;
    for (const end = slot + (columns << 4); slot < end; slot += 16) {
      store_bytes(slot, load_bytes(from));
      from += ic;
    }
  }
}

/** Codes of four vectors of sums to the first n of 16 bytes at `to`. params: multipliers, then shifts. */
// @ts-ignore: decorator
@inline
function finish(a: v128, b: v128, c: v128, d: v128, params: usize, to: usize, n: i32, zpOut: i32, low: v128, high: v128, clamps: bool, positive: bool): void {
  const even = narrow_words(
    requantize_words(a, v128.load(params), v128.load(params, 64), positive),
    requantize_words(c, v128.load(params, 32), v128.load(params, 96), positive),
  );
  const odd = narrow_words(
    requantize_words(b, v128.load(params, 16), v128.load(params, 80), positive),
    requantize_words(d, v128.load(params, 48), v128.load(params, 112), positive),
  );
  let codes = narrow_halves(add_halves(even, zpOut), add_halves(odd, zpOut));
  if (clamps) codes = min_bytes(max_bytes(codes, low), high);
  if (n >= 16) store_bytes(to, codes);
  else store_tail(to, codes, n);
}

// @ts-ignore: decorator
@inline
function three_by_three(
  src: usize, blocks: usize, dst: usize, scratch: usize, batch: i32,
  ih: i32, iw: i32, ic: i32, oh: i32, ow: i32, sh: i32, sw: i32, top: i32, left: i32,
  columns: i32, lanes: i32, zpIn: i32, zpOut: i32, lo: i32, hi: i32, positive: bool,
): void {
  const low = i8x16.splat(lo as i8);
  const high = i8x16.splat(hi as i8);
  const clamps = lo > -128 || hi < 127;
  const blockBytes = columns << 4;
  const slotBytes = ((ic + 15) >> 4) * blockBytes;
  const sums = scratch;
  scratch += 48;
  const row = ow * ic;
  const stepOut = lanes * ic;
  const step = (lanes * sw) << 4;
  // A vector of several pixels ends with the row, a vector of channels with the pixel.
  const shrink = lanes > 1 ? stepOut : 0;
  for (let n = 0; n < batch; n++) {
    let ready = -top;
    for (let oy = 0; oy < oh; oy++) {
      const at = oy * sh;
      for (ready = max(ready, at - top); ready < at - top + 3; ready++)
        fill_slot(scratch + ((ready + top) % 3) * slotBytes, scratch + 3 * slotBytes, src, ready, ih, iw, ic, left, columns, zpIn);
      let row0 = scratch + (at % 3) * slotBytes;
      let row1 = scratch + ((at + 1) % 3) * slotBytes;
      let row2 = scratch + ((at + 2) % 3) * slotBytes;
      let w = blocks;
      for (let c = 0; c < ic; c += 16) {
        let x0 = row0;
        let x1 = row1;
        let x2 = row2;
        let room = lanes > 1 ? row : ic - c;
        const end = dst + row;
        for (let to = dst + c; to < end; to += stepOut) {
          const a = window3x3(w, x0, x1, x2, sums);
          finish(a, v128.load(sums), v128.load(sums, 16), v128.load(sums, 32), w + 208, to, room, zpOut, low, high, clamps, positive);
          room -= shrink;
          x0 += step;
          x1 += step;
          x2 += step;
        }
        w += 336;
        row0 += blockBytes;
        row1 += blockBytes;
        row2 += blockBytes;
      }
      dst += row;
    }
    src += ih * iw * ic;
  }
}

/** 3x3 windows without dilation. */
export function depthwiseConv2d_i8_reduce3x3(
  src: usize, blocks: usize, dst: usize, scratch: usize, batch: i32,
  ih: i32, iw: i32, ic: i32, oh: i32, ow: i32, sh: i32, sw: i32, top: i32, left: i32,
  columns: i32, lanes: i32, zpIn: i32, zpOut: i32, lo: i32, hi: i32,
): void {
  three_by_three(src, blocks, dst, scratch, batch, ih, iw, ic, oh, ow, sh, sw, top, left, columns, lanes, zpIn, zpOut, lo, hi, false);
}

/** depthwiseConv2d_i8_reduce3x3 for lo >= zpOut. */
export function depthwiseConv2d_i8_reduce3x3_positive(
  src: usize, blocks: usize, dst: usize, scratch: usize, batch: i32,
  ih: i32, iw: i32, ic: i32, oh: i32, ow: i32, sh: i32, sw: i32, top: i32, left: i32,
  columns: i32, lanes: i32, zpIn: i32, zpOut: i32, lo: i32, hi: i32,
): void {
  three_by_three(src, blocks, dst, scratch, batch, ih, iw, ic, oh, ow, sh, sw, top, left, columns, lanes, zpIn, zpOut, lo, hi, true);
}

/** Any window. With dilation along the columns the ring is filled anew for each row of windows. */
export function depthwiseConv2d_i8_reduce(
  src: usize, blocks: usize, dst: usize, scratch: usize, batch: i32,
  ih: i32, iw: i32, ic: i32, oh: i32, ow: i32, kh: i32, kw: i32, sh: i32, sw: i32, dh: i32, dw: i32, top: i32, left: i32,
  columns: i32, lanes: i32, zpIn: i32, zpOut: i32, lo: i32, hi: i32,
): void {
  const low = i8x16.splat(lo as i8);
  const high = i8x16.splat(hi as i8);
  const blockBytes = columns << 4;
  const slotBytes = ((ic + 15) >> 4) * blockBytes;
  const line = scratch + kh * slotBytes;
  const row = ow * ic;
  const stepOut = lanes * ic;
  const step = (lanes * sw) << 4;
  const shrink = lanes > 1 ? stepOut : 0;
  const tap = dw << 4;
  for (let n = 0; n < batch; n++) {
    let ready = -top;
    for (let oy = 0; oy < oh; oy++) {
      const at = oy * sh;
      const oldest = dh == 1 ? at % kh : 0;
      if (dh == 1) {
        for (ready = max(ready, at - top); ready < at - top + kh; ready++)
          fill_slot(scratch + ((ready + top) % kh) * slotBytes, line, src, ready, ih, iw, ic, left, columns, zpIn);
      } else {
        for (let ky = 0; ky < kh; ky++)
          fill_slot(scratch + ky * slotBytes, line, src, at - top + ky * dh, ih, iw, ic, left, columns, zpIn);
      }
      let w = blocks;
      let block = scratch;
      for (let c = 0; c < ic; c += 16) {
        let x = block;
        let room = lanes > 1 ? row : ic - c;
        const end = dst + row;
        for (let to = dst + c; to < end; to += stepOut) {
          let a = v128.load(w);
          let b = v128.load(w, 16);
          let c = v128.load(w, 32);
          let d = v128.load(w, 48);
          let k = w + 64;
          for (let ky = 0, slot = oldest; ky < kh; ky++) {
            let from = x + slot * slotBytes;
            if (++slot == kh) slot = 0;
            for (let kx = 0; kx < kw; kx += 2) {
              const x0 = load_bytes(from);
              const k0 = load_bytes(k);
              let even = multiply_even(x0, k0);
              let odd = multiply_odd(x0, k0);
              if (kx + 1 < kw) {
                const x1 = load_bytes(from + tap);
                const k1 = load_bytes(k + 16);
                even = i16x8.add(even, multiply_even(x1, k1));
                odd = i16x8.add(odd, multiply_odd(x1, k1));
                k += 16;
                from += tap;
              }
              k += 16;
              from += tap;
              a = i32x4.add(a, widen_even(even));
              c = i32x4.add(c, widen_odd(even));
              b = i32x4.add(b, widen_even(odd));
              d = i32x4.add(d, widen_odd(odd));
            }
          }
          finish(a, b, c, d, k, to, room, zpOut, low, high, true, false);
          room -= shrink;
          x += step;
        }
        w += 192 + ((kh * kw) << 4);
        block += blockBytes;
      }
      dst += row;
    }
    src += ih * iw * ic;
  }
}

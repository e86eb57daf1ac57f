/**
 * The isa layer's two whole micro-kernels, portable flavour: what the C of an AOT flavour computes with the widest
 * vectors that the processor has (sdk/compile/emit-c/isa-wide.ts). Groups are of sixteen channels. constants of a
 * group: bias i32[16], multipliers [16], offsets [16], the latter f32 or f64 by form (requantize.pairdot.as.ts).
 */
import { clamp16, FLOAT32, FLOAT64, requantize32, requantize32_signed, requantize64 } from "./requantize.pairdot.as";

// @ts-ignore: decorator
@inline
function formOf(channel: i32, forms: i32, wide: i32): i32 {
  return (((wide >> (channel >> (4 + (forms >> 1)))) & 1) << 1) | (forms & 1);
}

// @ts-ignore: decorator
@inline
function groupBytes(form: i32): i32 {
  return form < FLOAT64 ? 192 : 320;
}

/** Requantizes and stores `left` of the four channels that start at lane `lane` of the group. */
function finish(sum: v128, constants: usize, lane: i32, dst: usize, left: i32, zeroPoint: i32, lo: i32, hi: i32, form: i32): void {
  let codes: v128;
  if (form < FLOAT64) {
    const magic = f32x4.splat((zeroPoint as f32) + 12582912.0);
    const at = constants + 64 + (lane << 2);
    codes = form == FLOAT32
      ? requantize32(sum, v128.load(at), v128.load(at, 64), magic)
      : requantize32_signed(sum, v128.load(at), v128.load(at, 64), magic);
  } else {
    const at = constants + 64 + (lane << 3);
    codes = requantize64(sum, at, at + 128, f64x2.splat((zeroPoint as f64) + 6755399441055744.0), form);
  }
  const narrow = i16x8.narrow_i32x4_s(codes, codes);
  let bits = i32x4.extract_lane(clamp16(narrow, narrow, i8x16.splat(lo as i8), i8x16.splat(hi as i8)), 0);
  for (let i = 0; i < min(left, 4); i++) {
    store<u8>(dst + i, bits as u8);
    bits >>>= 8;
  }
}

/**
 * dst[p, c] for p in [0, pixels), c in [0, oc). Patch of pixel p: `runs` stretches of `quads` fours of u8, `run` bytes
 * apart, from image + (p / ow) * row + (p % ow) * pixel. weights: i8 [oc / 16][runs][quads][16 channels][4], zero
 * beyond the last. Reads up to 3 bytes past a run (times a zero weight). Overflow: sums fit i32, the compiler has proved.
 */
export function tiles_u8(
  image: usize, pixel: i32, ow: i32, row: i32, pixels: i32, runs: i32, run: i32, quads: i32,
  weights: usize, constants: usize, dst: usize, oc: i32, zeroPoint: i32, lo: i32, hi: i32, forms: i32, wide: i32,
): void {
  const groupWeights = (runs * quads) << 6;
  for (let c = 0; c < oc; c += 16) {
    const form = formOf(c, forms, wide);
    for (let p = 0; p < pixels; p++) {
      const patch = image + (p / ow) * row + (p % ow) * pixel;
      for (let lane = 0; lane < 16 && c + lane < oc; lane += 4) {
        let low = i32x4.splat(0);
        let high = low;
        let w = weights + (lane << 2);
        for (let r = 0; r < runs; r++) {
          const from = patch + r * run;
          for (let a = from; a < from + (quads << 2); a += 4) {
            const x = i16x8.extend_low_i8x16_u(v128.load32_splat(a));
            low = i32x4.add(low, i32x4.dot_i16x8_s(x, v128.load8x8_s(w)));
            high = i32x4.add(high, i32x4.dot_i16x8_s(x, v128.load8x8_s(w, 8)));
            w += 64;
          }
        }
        const sum = i32x4.add(
          i8x16.shuffle(low, high, 0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27),
          i8x16.shuffle(low, high, 4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23, 28, 29, 30, 31),
        );
        finish(
          i32x4.add(sum, v128.load(constants + (lane << 2))), constants, lane,
          dst + p * oc + c + lane, oc - c - lane, zeroPoint, lo, hi, form,
        );
      }
    }
    weights += groupWeights;
    constants += groupBytes(form);
  }
}

/**
 * One output row of a depthwise convolution over the ring of pairs that interleave writes; slot: where the row's first
 * pair stands; pixel: bytes between output columns. weights: i8 [c / 16][ring][kw][16 channels][2]. c a multiple of 8.
 * May read a vector past the last column (times zero weights).
 */
export function pairs_row(
  image: usize, slot: i32, ring: i32, pairBytes: i32, pairs: i32, kw: i32, weights: usize, constants: usize, dst: usize,
  ow: i32, c: i32, pixel: i32, zeroPoint: i32, lo: i32, hi: i32, forms: i32, wide: i32,
): void {
  for (let o = 0; o < c; o += 16) {
    const form = formOf(o, forms, wide);
    for (let x = 0; x < ow; x++)
      for (let lane = 0; lane < 16 && o + lane < c; lane += 4) {
        let sum = v128.load(constants + (lane << 2));
        let w = weights + (lane << 1);
        for (let r = 0; r < pairs; r++) {
          let a = image + ((slot + r) % ring) * pairBytes + x * pixel + ((o + lane) << 2);
          for (let k = 0; k < kw; k++) {
            sum = i32x4.add(sum, i32x4.dot_i16x8_s(v128.load(a), v128.load8x8_s(w)));
            w += 32;
            a += c << 2;
          }
        }
        finish(sum, constants, lane, dst + x * c + o + lane, 4, zeroPoint, lo, hi, form);
      }
    weights += ring * kw * 32;
    constants += groupBytes(form);
  }
}

/**
 * The isa layer of the reduce family (Arm MVE), portable flavour: what each operation computes, in plain WASM SIMD.
 * The AOT flavour is isa.reduce.import.as.ts; there each is one instruction, or one hardware loop of them.
 * Addresses need no alignment unless said. Lanes are signed.
 */

/** 16 bytes (VLDRB.8). */
// @ts-ignore: decorator
@inline
export function load_bytes(from: usize): v128 {
  return v128.load(from, 0, 1);
}

/** Four bytes, sign-extended to a word each (VLDRB.S32). */
// @ts-ignore: decorator
@inline
export function load_words(from: usize): v128 {
  return i32x4.extend_low_i16x8_s(i16x8.extend_low_i8x16_s(v128.load32_zero(from, 0, 1)));
}

/** The first min(n, 4) of them, zeros behind; nothing else is read (VCTP.32, VLDRB.S32 predicated). */
// @ts-ignore: decorator
@inline
export function load_words_tail(from: usize, n: i32): v128 {
  let r = i32x4.splat(0);
  if (n > 0) r = i32x4.replace_lane(r, 0, load<i8>(from));
  if (n > 1) r = i32x4.replace_lane(r, 1, load<i8>(from, 1));
  if (n > 2) r = i32x4.replace_lane(r, 2, load<i8>(from, 2));
  if (n > 3) r = i32x4.replace_lane(r, 3, load<i8>(from, 3));
  return r;
}

/** 16 bytes (VSTRB.8). */
// @ts-ignore: decorator
@inline
export function store_bytes(to: usize, x: v128): void {
  v128.store(to, x, 0, 1);
}

/** The first min(n, 16) bytes (VCTP.8, VSTRB.8 predicated). */
// @ts-ignore: decorator
@inline
export function store_tail(to: usize, x: v128, n: i32): void {
  for (let i: i32 = 0; i < min(n, 16); i++) {
    store<i8>(to + i, i8x16.extract_lane_s(x, 0));
    x = i8x16.shuffle(x, x, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0);
  }
}

/** The low byte of each word (VSTRB.32). */
// @ts-ignore: decorator
@inline
export function store_words(to: usize, x: v128): void {
  const bytes = i8x16.shuffle(x, x, 0, 4, 8, 12, 0, 4, 8, 12, 0, 4, 8, 12, 0, 4, 8, 12);
  v128.store32_lane(to, bytes, 0, 0, 1);
}

/** The low bytes of the first min(n, 4) words (VCTP.32, VSTRB.32 predicated). */
// @ts-ignore: decorator
@inline
export function store_words_tail(to: usize, x: v128, n: i32): void {
  if (n > 0) store<i8>(to, i32x4.extract_lane(x, 0) as i8);
  if (n > 1) store<i8>(to, i32x4.extract_lane(x, 1) as i8, 1);
  if (n > 2) store<i8>(to, i32x4.extract_lane(x, 2) as i8, 2);
  if (n > 3) store<i8>(to, i32x4.extract_lane(x, 3) as i8, 3);
}

/** Products of the even bytes as halves (VMULLB.S8). */
// @ts-ignore: decorator
@inline
export function multiply_even(x: v128, y: v128): v128 {
  return i16x8.mul(i16x8.shr_s(i16x8.shl(x, 8), 8), i16x8.shr_s(i16x8.shl(y, 8), 8));
}

/** Products of the odd bytes as halves (VMULLT.S8). */
// @ts-ignore: decorator
@inline
export function multiply_odd(x: v128, y: v128): v128 {
  return i16x8.mul(i16x8.shr_s(x, 8), i16x8.shr_s(y, 8));
}

/** The even halves as words (VMOVLB.S16). */
// @ts-ignore: decorator
@inline
export function widen_even(x: v128): v128 {
  return i32x4.shr_s(i32x4.shl(x, 16), 16);
}

/** The odd halves as words (VMOVLT.S16). */
// @ts-ignore: decorator
@inline
export function widen_odd(x: v128): v128 {
  return i32x4.shr_s(x, 16);
}

/** Words of `even` and `odd` to halves, saturated and interleaved (VQMOVNB.S32, VQMOVNT.S32). */
// @ts-ignore: decorator
@inline
export function narrow_words(even: v128, odd: v128): v128 {
  const x = i16x8.narrow_i32x4_s(even, odd);
  return i16x8.shuffle(x, x, 0, 4, 1, 5, 2, 6, 3, 7);
}

/** Halves of `even` and `odd` to bytes, saturated and interleaved (VQMOVNB.S16, VQMOVNT.S16). */
// @ts-ignore: decorator
@inline
export function narrow_halves(even: v128, odd: v128): v128 {
  const x = i8x16.narrow_i16x8_s(even, odd);
  return i8x16.shuffle(x, x, 0, 8, 1, 9, 2, 10, 3, 11, 4, 12, 5, 13, 6, 14, 7, 15);
}

/** Saturating doubling multiply, high word, rounded half up (VQRDMULH.S32). */
// @ts-ignore: decorator
@inline
export function high_product(x: v128, y: v128): v128 {
  return i32x4.replace_lane(i32x4.replace_lane(i32x4.replace_lane(i32x4.splat(
    high(i32x4.extract_lane(x, 0), i32x4.extract_lane(y, 0))),
    1, high(i32x4.extract_lane(x, 1), i32x4.extract_lane(y, 1))),
    2, high(i32x4.extract_lane(x, 2), i32x4.extract_lane(y, 2))),
    3, high(i32x4.extract_lane(x, 3), i32x4.extract_lane(y, 3)));
}

/** high_product by one word (VQRDMULH.S32, vector by scalar). */
// @ts-ignore: decorator
@inline
export function high_product_by(x: v128, y: i32): v128 {
  return high_product(x, i32x4.splat(y));
}

function high(a: i32, b: i32): i32 {
  return min<i64>(((a as i64) * (b as i64) + (1 << 30)) >> 31, 0x7fffffff) as i32;
}

/** x * 2^n in each lane, rounded half up for n < 0; -32 < n < 32, no overflow to the left (VRSHL.S32). */
// @ts-ignore: decorator
@inline
export function rounding_shift(x: v128, n: v128): v128 {
  return i32x4.replace_lane(i32x4.replace_lane(i32x4.replace_lane(i32x4.splat(
    shifted(i32x4.extract_lane(x, 0), i32x4.extract_lane(n, 0))),
    1, shifted(i32x4.extract_lane(x, 1), i32x4.extract_lane(n, 1))),
    2, shifted(i32x4.extract_lane(x, 2), i32x4.extract_lane(n, 2))),
    3, shifted(i32x4.extract_lane(x, 3), i32x4.extract_lane(n, 3)));
}

/** rounding_shift by one count (VRSHL.S32 by scalar). */
// @ts-ignore: decorator
@inline
export function rounding_shift_by(x: v128, n: i32): v128 {
  return rounding_shift(x, i32x4.splat(n));
}

function shifted(x: i32, n: i32): i32 {
  return n >= 0 ? x << n : (((x as i64) + ((1 as i64) << (-1 - n))) >> -n) as i32;
}

/** x y + n in each word, wrapping (VMLAS.S32). */
// @ts-ignore: decorator
@inline
export function multiply_plus(x: v128, y: v128, n: i32): v128 {
  return i32x4.add(i32x4.mul(x, y), i32x4.splat(n));
}

/** x + n in each word (VADD.I32 by scalar). */
// @ts-ignore: decorator
@inline
export function add_words(x: v128, n: i32): v128 {
  return i32x4.add(x, i32x4.splat(n));
}

/** Larger and smaller words (VMAX.S32, VMIN.S32). */
// @ts-ignore: decorator
@inline
export function max_words(x: v128, y: v128): v128 {
  return i32x4.max_s(x, y);
}
// @ts-ignore: decorator
@inline
export function min_words(x: v128, y: v128): v128 {
  return i32x4.min_s(x, y);
}

/** Larger and smaller bytes (VMAX.S8, VMIN.S8). */
// @ts-ignore: decorator
@inline
export function max_bytes(x: v128, y: v128): v128 {
  return i8x16.max_s(x, y);
}
// @ts-ignore: decorator
@inline
export function min_bytes(x: v128, y: v128): v128 {
  return i8x16.min_s(x, y);
}

/** x + n in each half, saturated (VQADD.S16 by scalar). */
// @ts-ignore: decorator
@inline
export function add_halves(x: v128, n: i32): v128 {
  return i16x8.add_sat_s(x, i16x8.splat(n as i16));
}

function dot(x: usize, y: usize, n: i32): i32 {
  let sum: i32 = 0;
  for (let i = 0; i < n; i++) sum += (load<i8>(x + i) as i32) * (load<i8>(y + i) as i32);
  return sum;
}

/** Sum of one channel of a block of four (see dot4): every 64 bytes hold 16 weights of each. */
function dot_of_four(w: usize, x: usize, n: i32): i32 {
  let sum: i32 = 0;
  for (; n > 0; n -= 16) {
    sum += dot(w, x, min(n, 16));
    w += 64;
    x += 16;
  }
  return sum;
}

/**
 * Four sums over n bytes: `start[c] + sum_i block[c][i] * x[i]`. `block`, 4-aligned: i32 start [4], then
 * i8 [ceil(n / 16)][4][16]. Reads n bytes of x (VMLADAVA.S8 in a tail-predicated loop). n > 0.
 */
// @ts-ignore: decorator
@inline
export function dot4(block: usize, x: usize, n: i32): v128 {
  const w = block + 16;
  const sums = i32x4.replace_lane(i32x4.replace_lane(i32x4.replace_lane(i32x4.splat(
    dot_of_four(w, x, n)), 1, dot_of_four(w + 16, x, n)), 2, dot_of_four(w + 32, x, n)), 3, dot_of_four(w + 48, x, n));
  return i32x4.add(sums, v128.load(block, 0, 4));
}

/**
 * dot4 of two rows: the four sums of x0 go to sums[0..3], those of x1 to sums[4..7] (4-aligned). n is a positive
 * multiple of 16. Returns the address behind the block.
 */
// @ts-ignore: decorator
@inline
export function dot4x2(block: usize, x0: usize, x1: usize, n: i32, sums: usize): usize {
  v128.store(sums, dot4(block, x0, n), 0, 4);
  v128.store(sums, dot4(block, x1, n), 16, 4);
  return block + 16 + (n << 2);
}

/** Products of a tap of 16 channels, onto the word vectors a to d (a: channels 0, 4, 8, 12). */
// @ts-ignore: decorator
@inline
function tap(a: v128, x: v128, w: v128, vector: i32): v128 {
  const products = vector & 1 ? multiply_odd(x, w) : multiply_even(x, w);
  return i32x4.add(a, vector & 2 ? widen_odd(products) : widen_even(products));
}

function tap_sums(block: usize, x0: usize, x1: usize, x2: usize, vector: i32): v128 {
  let a = v128.load(block + (vector << 4), 0, 4);
  let w = block + 64;
  for (let t = 0; t < 9; t++) {
    a = tap(a, load_bytes((t < 3 ? x0 : t < 6 ? x1 : x2) + ((t % 3) << 4)), load_bytes(w), vector);
    w += 16;
  }
  return a;
}

/**
 * A 3x3 window over 16 channels: sums v = 0 to 3 hold the channels 4 i + v. `block`, 4-aligned: i32 start [4][4], then
 * i8 [9][16]; x0, x1, x2: i8 [3][16] of each row. The first sum is the result, the others go to sums[0..2] (16-aligned).
 * Taps 0 and 1, 2 and 3, 4 and 5, 6 and 7 must add up within 16 bits (VMULLB, VMULLT.S8, VADD.I16, VMOVLB, VMOVLT).
 */
// @ts-ignore: decorator
@inline
export function window3x3(block: usize, x0: usize, x1: usize, x2: usize, sums: usize): v128 {
  const a = tap_sums(block, x0, x1, x2, 0);
  v128.store(sums, tap_sums(block, x0, x1, x2, 1));
  v128.store(sums, tap_sums(block, x0, x1, x2, 2), 16);
  v128.store(sums, tap_sums(block, x0, x1, x2, 3), 32);
  return a;
}

/** Copies n >= 0 bytes, ascending; returns `to + n` (a tail-predicated loop of VLDRB, VSTRB). */
// @ts-ignore: decorator
@inline
export function copy_bytes(to: usize, from: usize, n: i32): usize {
  memory.copy(to, from, n);
  return to + n;
}

/** n >= 0 bytes of `value`; returns `to + n` (a tail-predicated loop of VSTRB). */
// @ts-ignore: decorator
@inline
export function fill_bytes(to: usize, value: i32, n: i32): usize {
  memory.fill(to, value as u8, n);
  return to + n;
}

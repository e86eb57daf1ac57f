/**
 * The pair-dot product of convolutions: tiles of 4 pixels x 8 channels over an i16 image, i32x4.dot_i16x8_s.
 * Pixels' patches are `runs` stretches of `pairs` i16 pairs, `run` bytes apart: rows of kw * ic contiguous values, so
 * no patch is ever copied. One pair a turn: V8 sinks pure operations, and a longer body spills every accumulator.
 */
import { clamp16, codes16, formOf, groupBytes, storeCodes } from "./requantize.pairdot.as";

/**
 * dst[p, c] for p in [0, pixels), c in [0, oc). Patch of pixel p: image + (p / ow) * row + (p % ow) * pixel bytes.
 * weights: i8 [oc / 8][runs][pairs][8 channels][2], zero beyond the last. constants: groups of requantize.as.
 * Reads up to 2 bytes past an odd run (times a zero weight). Overflow: |x - zp| <= 255 and |w| <= 128 allow 65 793
 * products; the compiler has proved the sums of the layer to fit.
 */
export function tiles_i8(
  image: usize, pixel: i32, ow: i32, row: i32, pixels: i32, runs: i32, run: i32, pairs: i32,
  weights: usize, constants: usize, dst: usize, oc: i32, zeroPoint: i32, lo: i32, hi: i32, forms: i32, wide: i32,
): void {
  const skip = row - ow * pixel;
  const next = run - (pairs << 2);
  const lowest = i8x16.splat(lo as i8);
  const highest = i8x16.splat(hi as i8);
  const groupWeights = (runs * pairs) << 4;
  for (let c = 0; c < oc; c += 8) {
    const form = formOf(c, forms, wide);
    const bias0 = v128.load(constants);
    const bias1 = v128.load(constants, 16);
    const left = oc - c;
    let at = image;
    let x = 0;
    let to = dst + c;
    for (let p = 0; p < pixels; p += 4) {
      // Pixels beyond the last repeat it: the same bytes are stored twice.
      let a0 = at;
      let a1 = a0;
      let a2 = a0;
      let a3 = a0;
      let to1 = to;
      let to2 = to;
      let to3 = to;
      if (p + 1 < pixels) {
        at += pixel;
        if (++x == ow) { x = 0; at += skip; }
        a1 = at;
        to1 += oc;
      }
      a2 = a1;
      to2 = to1;
      if (p + 2 < pixels) {
        at += pixel;
        if (++x == ow) { x = 0; at += skip; }
        a2 = at;
        to2 += oc;
      }
      a3 = a2;
      to3 = to2;
      if (p + 3 < pixels) {
        at += pixel;
        if (++x == ow) { x = 0; at += skip; }
        a3 = at;
        to3 += oc;
      }
      at += pixel;
      if (++x == ow) { x = 0; at += skip; }
      let c00 = bias0, c01 = bias1, c10 = bias0, c11 = bias1, c20 = bias0, c21 = bias1, c30 = bias0, c31 = bias1;
      let w = weights;
      for (let r = 0; r < runs; r++) {
        const end = a0 + (pairs << 2);
        while (a0 < end) {
          const w0 = v128.load8x8_s(w);
          const w1 = v128.load8x8_s(w, 8);
          const x0 = v128.load32_splat(a0);
          c00 = i32x4.add(c00, i32x4.dot_i16x8_s(x0, w0));
          c01 = i32x4.add(c01, i32x4.dot_i16x8_s(x0, w1));
          const x1 = v128.load32_splat(a1);
          c10 = i32x4.add(c10, i32x4.dot_i16x8_s(x1, w0));
          c11 = i32x4.add(c11, i32x4.dot_i16x8_s(x1, w1));
          const x2 = v128.load32_splat(a2);
          c20 = i32x4.add(c20, i32x4.dot_i16x8_s(x2, w0));
          c21 = i32x4.add(c21, i32x4.dot_i16x8_s(x2, w1));
          const x3 = v128.load32_splat(a3);
          c30 = i32x4.add(c30, i32x4.dot_i16x8_s(x3, w0));
          c31 = i32x4.add(c31, i32x4.dot_i16x8_s(x3, w1));
          w += 16;
          a0 += 4;
          a1 += 4;
          a2 += 4;
          a3 += 4;
        }
        a0 += next;
        a1 += next;
        a2 += next;
        a3 += next;
      }
      const first = clamp16(
        codes16(c00, c01, constants + 32, zeroPoint, form),
        codes16(c10, c11, constants + 32, zeroPoint, form),
        lowest, highest,
      );
      const second = clamp16(
        codes16(c20, c21, constants + 32, zeroPoint, form),
        codes16(c30, c31, constants + 32, zeroPoint, form),
        lowest, highest,
      );
      if (left >= 8) {
        v128.store64_lane(to, first, 0);
        v128.store64_lane(to1, first, 1);
        v128.store64_lane(to2, second, 0);
        v128.store64_lane(to3, second, 1);
      } else {
        storeCodes(to, first, left);
        storeCodes(to1, i8x16.shuffle(first, first, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7), left);
        storeCodes(to2, second, left);
        storeCodes(to3, i8x16.shuffle(second, second, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7), left);
      }
      to = to3 + oc;
    }
    weights += groupWeights;
    constants += groupBytes(form);
  }
}

/** One pixel: as tiles_i8 with one run, 16 channels at a time, so that a splat serves four products. */
export function vector_i8(
  image: usize, pairs: i32, weights: usize, constants: usize, dst: usize, oc: i32,
  zeroPoint: i32, lo: i32, hi: i32, forms: i32, wide: i32,
): void {
  const lowest = i8x16.splat(lo as i8);
  const highest = i8x16.splat(hi as i8);
  const groupWeights = pairs << 4;
  const end = image + (pairs << 2);
  let c = 0;
  for (; c + 8 < oc; c += 16) {
    const form = formOf(c, forms, wide);
    const form2 = formOf(c + 8, forms, wide);
    const second = constants + groupBytes(form);
    let c0 = v128.load(constants);
    let c1 = v128.load(constants, 16);
    let c2 = v128.load(second);
    let c3 = v128.load(second, 16);
    let w = weights;
    let v = weights + groupWeights;
    for (let a = image; a < end; a += 4) {
      const x = v128.load32_splat(a);
      c0 = i32x4.add(c0, i32x4.dot_i16x8_s(x, v128.load8x8_s(w)));
      c1 = i32x4.add(c1, i32x4.dot_i16x8_s(x, v128.load8x8_s(w, 8)));
      c2 = i32x4.add(c2, i32x4.dot_i16x8_s(x, v128.load8x8_s(v)));
      c3 = i32x4.add(c3, i32x4.dot_i16x8_s(x, v128.load8x8_s(v, 8)));
      w += 16;
      v += 16;
    }
    const codes = clamp16(
      codes16(c0, c1, constants + 32, zeroPoint, form),
      codes16(c2, c3, second + 32, zeroPoint, form2),
      lowest, highest,
    );
    v128.store64_lane(dst + c, codes, 0);
    storeCodes(dst + c + 8, i8x16.shuffle(codes, codes, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7), oc - c - 8);
    weights += groupWeights << 1;
    constants = second + groupBytes(form2);
  }
  if (c < oc) {
    let c0 = v128.load(constants);
    let c1 = v128.load(constants, 16);
    let w = weights;
    for (let a = image; a < end; a += 4) {
      const x = v128.load32_splat(a);
      c0 = i32x4.add(c0, i32x4.dot_i16x8_s(x, v128.load8x8_s(w)));
      c1 = i32x4.add(c1, i32x4.dot_i16x8_s(x, v128.load8x8_s(w, 8)));
      w += 16;
    }
    const codes = codes16(c0, c1, constants + 32, zeroPoint, formOf(c, forms, wide));
    storeCodes(dst + c, clamp16(codes, codes, lowest, highest), oc - c);
  }
}

/** dst[i] = src[i] - zeroPoint, i8 to i16, i in [0, n). */
export function widen(src: usize, dst: usize, n: i32, zeroPoint: i32): void {
  const zp = i16x8.splat(zeroPoint as i16);
  let i = 0;
  for (; i + 16 <= n; i += 16) {
    v128.store(dst, i16x8.sub(v128.load8x8_s(src), zp));
    v128.store(dst, i16x8.sub(v128.load8x8_s(src, 8), zp), 16);
    src += 16;
    dst += 32;
  }
  for (; i < n; i++) {
    store<i16>(dst, (load<i8>(src) as i32) - zeroPoint);
    src += 1;
    dst += 2;
  }
}

/** n i16 zeros. */
export function zeros(dst: usize, n: i32): void {
  let i = 0;
  for (; i + 8 <= n; i += 8) {
    v128.store(dst, i32x4.splat(0));
    dst += 16;
  }
  for (; i < n; i++) {
    store<i16>(dst, 0);
    dst += 2;
  }
}

/** n i16 from src down to dst < src. */
export function moveDown(dst: usize, src: usize, n: i32): void {
  let i = 0;
  for (; i + 8 <= n; i += 8) {
    v128.store(dst, v128.load(src));
    dst += 16;
    src += 16;
  }
  for (; i < n; i++) {
    store<i16>(dst, load<i16>(src));
    dst += 2;
    src += 2;
  }
}

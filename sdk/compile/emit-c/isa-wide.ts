/**
 * The isa layer's whole micro-kernels in C (portable flavour: kernels/isa/wide.as.ts): tiles of u8 x i8 products and
 * rows of i16 pairs, sixteen channels a group, in the widest vectors that the compiler may use: AVX-512 VNNI (64
 * bytes), AVX2 with or without AVX-VNNI (32), SSE2, NEON with or without SDOT, or plain lanes (16). Every path gives
 * the same bytes: products are exact in i32, and requantization is the same sequence of IEEE operations.
 */
import type { FunctionType } from "../wasm/module.ts";

/** Signatures by import name: seventeen i32 words, nothing returned; they read and write memory. */
const words: FunctionType = { params: Array(17).fill("i32"), results: [] };
export const WIDE_ISA: Readonly<Record<string, FunctionType>> = {
  tiles_u8: words,
  pairs_row: words,
};

const PRELUDE = `#ifndef WIDE
#if defined(__AVX512VNNI__) && defined(__AVX512BW__)
#include <immintrin.h>
#define WIDE 64
#elif defined(__AVX2__)
#include <immintrin.h>
#define WIDE 32
#else
#if defined(__ARM_NEON)
#include <arm_neon.h>
#endif
#define WIDE 16
#endif
#define LANES (WIDE / 4)
typedef i32 wi32 __attribute__((vector_size(WIDE)));
typedef f32 wf32 __attribute__((vector_size(WIDE)));
typedef f64 wf64 __attribute__((vector_size(WIDE)));
typedef i64 wi64 __attribute__((vector_size(WIDE)));
typedef i16 wi16 __attribute__((vector_size(WIDE)));
typedef i8 wi8 __attribute__((vector_size(WIDE / 2)));
typedef i8 wcodes __attribute__((vector_size(WIDE / 4)));
typedef i32 whalf __attribute__((vector_size(WIDE / 2)));
typedef i32 m_wi32 __attribute__((vector_size(WIDE), may_alias, aligned(1)));
typedef f32 m_wf32 __attribute__((vector_size(WIDE), may_alias, aligned(1)));
typedef f64 m_wf64 __attribute__((vector_size(WIDE), may_alias, aligned(1)));
typedef i8 m_wi8 __attribute__((vector_size(WIDE / 2), may_alias, aligned(1)));
#define LOAD(type, p) (*(const type *)(p))

/* Constants of the vectors of one tile: addresses of bias, multipliers and offsets. */
struct wide {
    const u8 *image;
    u32 pixel, ow, row, runs, run, length;
    const u8 *weights;
    u32 step;
    const u8 *bias[4], *multipliers[4], *offsets[4];
    u32 form[4];
    u8 *dst;
    u32 oc;
    i32 left, lo, hi, zero_point;
};

/* acc + the four products of each lane, u8 by i8. */
INLINE wi32 wide_dot4(wi32 acc, wi32 x, wi32 w)
{
#if WIDE == 64
    return (wi32)_mm512_dpbusd_epi32((__m512i)acc, (__m512i)x, (__m512i)w);
#elif WIDE == 32 && defined(__AVXVNNI__)
    return (wi32)_mm256_dpbusd_avx_epi32((__m256i)acc, (__m256i)x, (__m256i)w);
#elif WIDE == 32
    const __m256i even = _mm256_madd_epi16(_mm256_and_si256((__m256i)x, _mm256_set1_epi16(255)), _mm256_srai_epi16(_mm256_slli_epi16((__m256i)w, 8), 8));
    const __m256i odd = _mm256_madd_epi16(_mm256_srli_epi16((__m256i)x, 8), _mm256_srai_epi16((__m256i)w, 8));
    return acc + (wi32)even + (wi32)odd;
#elif defined(__SSE2__)
    const __m128i even = _mm_madd_epi16(_mm_and_si128((__m128i)x, _mm_set1_epi16(255)), _mm_srai_epi16(_mm_slli_epi16((__m128i)w, 8), 8));
    const __m128i odd = _mm_madd_epi16(_mm_srli_epi16((__m128i)x, 8), _mm_srai_epi16((__m128i)w, 8));
    return acc + (wi32)even + (wi32)odd;
#elif defined(__ARM_FEATURE_DOTPROD)
    /* wide_splat4 gives the codes without their 128, which wide_bias adds. */
    return (wi32)vdotq_s32((int32x4_t)acc, (int8x16_t)x, (int8x16_t)w);
#elif defined(__ARM_NEON)
    /* 255 * 128 fits i16. */
    const int16x8_t even = vmulq_s16((int16x8_t)vandq_u16((uint16x8_t)x, vdupq_n_u16(255)), vshrq_n_s16(vshlq_n_s16((int16x8_t)w, 8), 8));
    const int16x8_t odd = vmulq_s16((int16x8_t)vshrq_n_u16((uint16x8_t)x, 8), vshrq_n_s16((int16x8_t)w, 8));
    return (wi32)vpadalq_s16(vpadalq_s16((int32x4_t)acc, even), odd);
#else
    const u8x16 a = (u8x16)x;
    const i8x16 b = (i8x16)w;
    wi32 r = acc;
    for (int i = 0; i < 16; i++) r[i / 4] += (i32)a[i] * (i32)b[i];
    return r;
#endif
}

INLINE wi32 wide_splat4(const u8 *p)
{
    i32 x;
    memcpy(&x, p, 4);
#if WIDE == 64
    return (wi32)_mm512_set1_epi32(x);
#elif WIDE == 32
    return (wi32)_mm256_set1_epi32(x);
#elif defined(__ARM_FEATURE_DOTPROD)
    x ^= (i32)0x80808080u;
    return (wi32){ x, x, x, x };
#else
    return (wi32){ x, x, x, x };
#endif
}

/* The bias of vector v; where the dot product is of signed bytes, with 128 times the sum of the weights. */
INLINE wi32 wide_bias(const struct wide *t, int v)
{
    wi32 r = LOAD(m_wi32, t->bias[v]);
#if !defined(__SSE2__) && defined(__ARM_FEATURE_DOTPROD)
    const wi32 half = { 0x40404040, 0x40404040, 0x40404040, 0x40404040 };
    const u8 *w = t->weights + (u32)v * t->step;
    for (u32 k = 0; k < t->runs * t->length; k += 4, w += 64) r = wide_dot4(wide_dot4(r, half, LOAD(m_wi32, w)), half, LOAD(m_wi32, w));
#endif
    return r;
}

/* acc + the two products of each lane, i16 by i16. */
INLINE wi32 wide_dot2(wi32 acc, wi32 x, wi16 w)
{
#if WIDE == 64
    return (wi32)_mm512_dpwssd_epi32((__m512i)acc, (__m512i)x, (__m512i)w);
#elif WIDE == 32 && defined(__AVXVNNI__)
    return (wi32)_mm256_dpwssd_avx_epi32((__m256i)acc, (__m256i)x, (__m256i)w);
#elif WIDE == 32
    return acc + (wi32)_mm256_madd_epi16((__m256i)x, (__m256i)w);
#elif defined(__SSE2__)
    return acc + (wi32)_mm_madd_epi16((__m128i)x, (__m128i)w);
#elif defined(__ARM_NEON) && defined(__aarch64__)
    const int32x4_t low = vmull_s16(vget_low_s16((int16x8_t)x), vget_low_s16((int16x8_t)w));
    const int32x4_t high = vmull_high_s16((int16x8_t)x, (int16x8_t)w);
    return acc + (wi32)vpaddq_s32(low, high);
#else
    const i16x8 a = (i16x8)x;
    const i16x8 b = (i16x8)w;
    wi32 r = acc;
    for (int i = 0; i < 8; i++) r[i / 2] += (i32)a[i] * (i32)b[i];
    return r;
#endif
}

INLINE wi16 wide_weights2(const u8 *p)
{
#if WIDE == 64
    return (wi16)_mm512_cvtepi8_epi16(_mm256_loadu_si256((const __m256i *)(const void *)p));
#elif WIDE == 32
    return (wi16)_mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)(const void *)p));
#else
    return __builtin_convertvector((wi8)LOAD(m_wi8, p), wi16);
#endif
}

INLINE wi32 wide_codes(const struct wide *t, int v, wi32 sum)
{
    const u8 *m = t->multipliers[v];
    const u8 *o = t->offsets[v];
    const u32 form = t->form[v];
    if (form < 2) {
        const wf32 product = __builtin_convertvector(sum, wf32) * (wf32)LOAD(m_wf32, m);
        wf32 offset = (wf32)LOAD(m_wf32, o);
        if (form & 1) offset = (wf32)(((wi32)product & (i32)0x80000000u) | (wi32)offset);
        return (wi32)(product + offset + (12582912.0f + (f32)t->zero_point)) - 0x4b400000;
    }
    whalf half[2];
    memcpy(half, &sum, WIDE);
    for (int i = 0; i < 2; i++) {
        const wf64 product = __builtin_convertvector(half[i], wf64) * (wf64)LOAD(m_wf64, m + i * WIDE);
        wf64 offset = (wf64)LOAD(m_wf64, o + i * WIDE);
        if (form & 1) offset = (wf64)(((wi64)product & (i64)0x8000000000000000u) | (wi64)offset);
        half[i] = __builtin_convertvector((wi64)(product + offset + (6755399441055744.0 + (f64)t->zero_point)), whalf);
    }
    memcpy(&sum, half, WIDE);
    return sum;
}

/* Requantizes, clamps and stores the channels of vector v that exist. */
INLINE void wide_finish(const struct wide *t, int v, wi32 sum, u8 *dst)
{
    const wi32 codes = wide_codes(t, v, sum);
    const i32 left = t->left - v * LANES;
#if WIDE == 64
    const __m128i bytes = _mm_min_epi8(_mm_max_epi8(_mm512_cvtsepi32_epi8((__m512i)codes), _mm_set1_epi8((char)t->lo)), _mm_set1_epi8((char)t->hi));
#else
    const wi32 low = codes < t->lo;
    const wi32 raised = (low & t->lo) | (codes & ~low);
    const wi32 high = raised > t->hi;
    const wcodes bytes = __builtin_convertvector((high & t->hi) | (raised & ~high), wcodes);
#endif
    dst += v * LANES;
    if (left >= LANES) memcpy(dst, &bytes, LANES);
    else if (LANES > 8 && left == 8) memcpy(dst, &bytes, 8);
    else {
        u8 each[LANES];
        memcpy(each, &bytes, LANES);
        for (i32 i = 0; i < left; i++) dst[i] = each[i];
    }
}

/* Where the constants of a group's vectors are; returns its bytes. */
INLINE u32 wide_constants(struct wide *t, int v, const u8 *constants, u32 part, u32 form)
{
    const u32 wide = form < 2 ? 1 : 2;
    t->form[v] = form;
    t->bias[v] = constants + part * WIDE;
    t->multipliers[v] = constants + 64 + part * WIDE * wide;
    t->offsets[v] = constants + 64 + 64 * wide + part * WIDE * wide;
    return 64 + 128 * wide;
}

INLINE u32 wide_form(u32 channel, u32 forms, u32 wide)
{
    return (((wide >> (channel >> (4 + (forms >> 1)))) & 1) << 1) | (forms & 1);
}
#endif`;

const range = (n: number): readonly number[] => Array.from({ length: n }, (_, i) => i);
const indent = (n: number, lines: readonly string[]): string => lines.map((l) => " ".repeat(n) + l).join("\n");

/** Pixel pointers of a tile; those beyond the last pixel repeat it. */
const advance = (pixels: number): string =>
  indent(
    8,
    range(pixels).flatMap((i) => [
      ...(i > 0 ? [`if (p + ${i} < last) { NEXT_PIXEL }`] : []),
      `const u8 *a${i} = at;`,
      `u8 *const d${i} = to;`,
    ]),
  );

/** Pixels [first, last) of vectors * LANES channels, `pixels` at a time. */
function tile(pixels: number, vectors: number): string {
  const [ps, vs] = [range(pixels), range(vectors)];
  return `static void wide_tiles_${pixels}x${vectors}(const struct wide *t, u32 first, u32 last)
{
    const u32 pixel = t->pixel, ow = t->ow, runs = t->runs, run = t->run, length = t->length, step = t->step, oc = t->oc;
    const i32 skip = (i32)(t->row - ow * pixel);
    u32 x = first % ow;
    const u8 *at = t->image + first / ow * t->row + x * pixel;
    u8 *to = t->dst + first * oc;
${indent(
  4,
  vs.map((v) => `const wi32 b${v} = wide_bias(t, ${v});`),
)}
    for (u32 p = first; p < last; p += ${pixels}) {
${advance(pixels)}
        NEXT_PIXEL
${indent(
  8,
  ps.map((p) => `wi32 ${vs.map((v) => `c${p}_${v} = b${v}`).join(", ")};`),
)}
        const u8 *w = t->weights;
        for (u32 r = 0; r < runs; r++) {
            for (u32 k = 0; k < length; k += 4, w += 64) {
${indent(
  16,
  vs.map((v) => `const wi32 w${v} = LOAD(m_wi32, w + ${v} * step);`),
)}
${indent(
  16,
  ps.flatMap((p) => [
    `const wi32 x${p} = wide_splat4(a${p} + k);`,
    ...vs.map((v) => `c${p}_${v} = wide_dot4(c${p}_${v}, x${p}, w${v});`),
  ]),
)}
            }
${indent(
  12,
  ps.map((p) => `a${p} += run;`),
)}
        }
${indent(
  8,
  ps.flatMap((p) => vs.map((v) => `wide_finish(t, ${v}, c${p}_${v}, d${p});`)),
)}
    }
}`;
}

/** Columns [first, last) of one output row of pairs, `pixels` at a time. */
function pairs(pixels: number, vectors: number): string {
  const [ps, vs] = [range(pixels), range(vectors)];
  return `static u32 wide_pairs_${pixels}x${vectors}(const struct wide *t, u32 slot, u32 ring, u32 bytes, u32 first, u32 last)
{
    const u32 column = t->oc * 4, pairs = t->runs, kw = t->length;
    u32 p = first;
    for (; p < last; p += ${pixels}) {
${indent(
  8,
  ps.flatMap((i) => [
    `const u32 x${i} = ${i === 0 ? "p" : `p + ${i} < last ? p + ${i} : last - 1`};`,
    `const u8 *const a${i} = t->image + x${i} * t->pixel;`,
  ]),
)}
${indent(
  8,
  vs.map((v) => `const wi32 b${v} = LOAD(m_wi32, t->bias[${v}]);`),
)}
${indent(
  8,
  ps.map((i) => `wi32 ${vs.map((v) => `c${i}_${v} = b${v}`).join(", ")};`),
)}
        const u8 *w = t->weights;
        u32 s = slot;
        for (u32 r = 0; r < pairs; r++) {
            u32 at = s * bytes;
            if (++s == ring) s = 0;
            for (u32 k = 0; k < kw; k++, at += column, w += 32) {
${indent(
  16,
  vs.map((v) => `const wi16 w${v} = wide_weights2(w + ${v} * (WIDE / 2));`),
)}
${indent(
  16,
  ps.flatMap((i) =>
    vs.map((v) => `c${i}_${v} = wide_dot2(c${i}_${v}, LOAD(m_wi32, a${i} + at + ${v} * WIDE), w${v});`),
  ),
)}
            }
        }
${indent(
  8,
  ps.flatMap((i) => vs.map((v) => `wide_finish(t, ${v}, c${i}_${v}, t->dst + x${i} * t->oc);`)),
)}
    }
    return p;
}`;
}

/** Tiles by vector width: pixels x vectors that fit the registers (32 of 64 bytes, 16 of 32, 16 or 32 of 16). */
const TILES = `#define NEXT_PIXEL { at += pixel; to += oc; if (++x == ow) { x = 0; at += skip; } }
#if WIDE == 64
${[tile(6, 4), tile(1, 4), tile(8, 2), tile(1, 2), tile(8, 1), tile(1, 1)].join("\n\n")}
#elif WIDE == 32
${[tile(4, 2), tile(1, 2)].join("\n\n")}
#elif defined(__aarch64__)
${[tile(4, 4), tile(1, 4)].join("\n\n")}
#else
${[tile(2, 4), tile(1, 4)].join("\n\n")}
#endif
/* Whole tiles, then a tile with repeated pixels, or single pixels where they are few. */
#define TILES(name, pixels_of_tile, single, t, pixels) do { \\
    const u32 whole = (pixels) - (pixels) % (pixels_of_tile); \\
    const u32 most = (pixels) - whole <= (pixels_of_tile) / 4 ? whole : (pixels); \\
    if (most > 0) name(t, 0, most); \\
    if (most < (pixels)) single(t, most, pixels); \\
} while (0)`;

const PAIRS = `#if WIDE == 64
${[pairs(6, 1), pairs(3, 1)].join("\n\n")}
#define PAIRS_BIG wide_pairs_6x1
#define PAIRS_SMALL wide_pairs_3x1
#elif WIDE == 32
${[pairs(4, 2), pairs(3, 2)].join("\n\n")}
#define PAIRS_BIG wide_pairs_4x2
#define PAIRS_SMALL wide_pairs_3x2
#else
${[pairs(2, 4), pairs(1, 4)].join("\n\n")}
#define PAIRS_BIG wide_pairs_2x4
#define PAIRS_SMALL wide_pairs_1x4
#endif`;

/** C of the two functions by name, for `helperClosure`; the address base comes first. */
export const WIDE_HELPERS: Readonly<Record<string, string>> = {
  isa_tiles_u8: `${PRELUDE}

${TILES}

static void isa_tiles_u8(u8 *base, u32 image, u32 pixel, u32 ow, u32 row, u32 pixels, u32 runs, u32 run, u32 quads,
    u32 weights, u32 constants, u32 dst, u32 oc, u32 zero_point, u32 lo, u32 hi, u32 forms, u32 wide)
{
    const u32 group = runs * quads * 64;
    struct wide t = {
        .image = base + image, .pixel = pixel, .ow = ow, .row = row, .runs = runs, .run = run, .length = quads * 4,
        .weights = base + weights, .oc = oc, .lo = (i32)lo, .hi = (i32)hi, .zero_point = (i32)zero_point,
    };
    const u8 *k = base + constants;
    for (u32 c = 0; c < oc;) {
        t.dst = base + dst + c;
        t.left = (i32)(oc - c);
#if WIDE == 64
        const u32 groups = (oc - c + 15) / 16;
        const u32 vectors = groups >= 4 ? 4 : groups >= 2 ? 2 : 1;
        t.step = group;
        for (u32 v = 0; v < vectors; v++) k += wide_constants(&t, (int)v, k, 0, wide_form(c + v * 16, forms, wide));
        if (vectors == 4) TILES(wide_tiles_6x4, 6, wide_tiles_1x4, &t, pixels);
        else if (vectors == 2) TILES(wide_tiles_8x2, 8, wide_tiles_1x2, &t, pixels);
        else TILES(wide_tiles_8x1, 8, wide_tiles_1x1, &t, pixels);
#else
        const u32 vectors = 1;
        t.step = WIDE;
        u32 bytes = 0;
        for (u32 v = 0; v < 64 / WIDE; v++) bytes = wide_constants(&t, (int)v, k, v, wide_form(c, forms, wide));
        k += bytes;
#if WIDE == 32
        TILES(wide_tiles_4x2, 4, wide_tiles_1x2, &t, pixels);
#elif defined(__aarch64__)
        TILES(wide_tiles_4x4, 4, wide_tiles_1x4, &t, pixels);
#else
        TILES(wide_tiles_2x4, 2, wide_tiles_1x4, &t, pixels);
#endif
#endif
        t.weights += vectors * group;
        c += vectors * 16;
    }
}`,
  isa_pairs_row: `${PRELUDE}

${PAIRS}

static void isa_pairs_row(u8 *base, u32 image, u32 slot, u32 ring, u32 bytes, u32 pairs, u32 kw, u32 weights,
    u32 constants, u32 dst, u32 ow, u32 c, u32 pixel, u32 zero_point, u32 lo, u32 hi, u32 forms, u32 wide)
{
    struct wide t = {
        .pixel = pixel, .runs = pairs, .length = kw, .weights = base + weights, .oc = c, .lo = (i32)lo, .hi = (i32)hi,
        .zero_point = (i32)zero_point,
    };
    const u8 *k = base + constants;
    for (u32 o = 0; o < c; o += 16) {
        u32 size = 0;
        for (u32 v = 0; v < 64 / WIDE; v++) size = wide_constants(&t, (int)v, k, v, wide_form(o, forms, wide));
        k += size;
        t.image = base + image + o * 4;
        t.dst = base + dst + o;
        t.left = (i32)(c - o);
        u32 x = 0;
        if (ow > 3) x = PAIRS_BIG(&t, slot, ring, bytes, 0, ow % 6 == 0 || ow % 6 > 3 ? ow : ow - ow % 6);
        if (x < ow) PAIRS_SMALL(&t, slot, ring, bytes, x, ow);
        t.weights += ring * kw * 32;
    }
}`,
};

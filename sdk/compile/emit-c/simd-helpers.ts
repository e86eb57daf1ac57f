/** Vector types and helper functions of emitted C that has SIMD. The generic forms compile on every machine. */
const SHAPES = ["u8x16", "i8x16", "u16x8", "i16x8", "u32x4", "i32x4", "u64x2", "i64x2", "f32x4", "f64x2"] as const;

export const SIMD_PRELUDE = `#if defined(__SSE2__)
#include <emmintrin.h>
#endif
#if defined(__SSE4_1__)
#include <smmintrin.h>
#endif
${SHAPES.map((shape) => `typedef ${shape.split("x")[0]} ${shape} __attribute__((vector_size(16)));`).join("\n")}
typedef u8 u8x8 __attribute__((vector_size(8)));
typedef i8 i8x8 __attribute__((vector_size(8)));
typedef u16 u16x4 __attribute__((vector_size(8)));
typedef i16 i16x4 __attribute__((vector_size(8)));
typedef u32 u32x2 __attribute__((vector_size(8)));
typedef i32 i32x2 __attribute__((vector_size(8)));
typedef f32 f32x2 __attribute__((vector_size(8)));
typedef u32x4 v128;
typedef u32x4 m_v128 __attribute__((may_alias));
typedef u32x4 m_v128_u __attribute__((may_alias, aligned(1)));
#define V128(a, b, c, d) ((v128){ a, b, c, d })
#define SELECT(mask, a, b) v128_bitselect(a, b, (v128)(mask))
#if defined(__clang__) || __GNUC__ >= 12
#define SHUFFLE8(a, b, ...) ((v128)__builtin_shufflevector((u8x16)(a), (u8x16)(b), __VA_ARGS__))
#else
#define SHUFFLE8(a, b, ...) ((v128)__builtin_shuffle((u8x16)(a), (u8x16)(b), (u8x16){ __VA_ARGS__ }))
#endif
INLINE v128 v128_bitselect(v128 a, v128 b, v128 mask)
{
    return (a & mask) | (b & ~mask);
}`;

const fn = (head: string, ...body: readonly string[]) =>
  `INLINE ${head}\n{\n${body.map((line) => `    ${line}`).join("\n")}\n}`;

/** A function that computes each lane of `shape` from lanes of its operands. */
function lanewise(name: string, params: readonly [string, string][], shape: string, value: string): string {
  const count = Number(shape.split("x")[1]);
  return fn(
    `v128 ${name}(${params.map((_, i) => `v128 ${"abc"[i]}`).join(", ")})`,
    ...params.map(([type], i) => `const ${type} ${params[i]![1]} = (${type})${"abc"[i]};`),
    `${shape} r;`,
    `for (int i = 0; i < ${count}; i++) r[i] = ${value};`,
    "return (v128)r;",
  );
}

function integerShape(bits: 8 | 16 | 32 | 64): Record<string, string> {
  const lanes = 128 / bits;
  const shape = `i${bits}x${lanes}`;
  const u = `u${bits}x${lanes}`;
  const scalar = bits === 64 ? "u64" : "u32";
  const narrow = bits < 32;
  const out: Record<string, string> = {
    [`${shape}_splat`]: fn(
      `v128 ${shape}_splat(${scalar} a)`,
      ...(narrow ? [`const u${bits} x = (u${bits})a;`] : []),
      `return (v128)(${u}){ ${Array(lanes)
        .fill(narrow ? "x" : "a")
        .join(", ")} };`,
    ),
    [`${shape}_abs`]: fn(
      `v128 ${shape}_abs(v128 a)`,
      `const v128 sign = (v128)((${shape})a < 0);`,
      `return (v128)((${u})(a ^ sign) - (${u})sign);`,
    ),
    [`${shape}_shl`]: fn(
      `v128 ${shape}_shl(v128 a, u32 n)`,
      `return (v128)((${u})a << ${narrow ? `(u${bits})n` : "n"});`,
    ),
    [`${shape}_shr_s`]: fn(`v128 ${shape}_shr_s(v128 a, u32 n)`, `return (v128)((${shape})a >> (i${bits})n);`),
    [`${shape}_shr_u`]: fn(
      `v128 ${shape}_shr_u(v128 a, u32 n)`,
      `return (v128)((${u})a >> ${narrow ? `(u${bits})n` : "n"});`,
    ),
    [`${shape}_all_true`]: fn(
      `u32 ${shape}_all_true(v128 a)`,
      `const ${u} x = (${u})a;`,
      "u32 r = 1;",
      `for (int i = 0; i < ${lanes}; i++) r &= (u32)(x[i] != 0);`,
      "return r;",
    ),
    [`${shape}_bitmask`]: fn(
      `u32 ${shape}_bitmask(v128 a)`,
      `const ${u} x = (${u})a;`,
      "u32 r = 0;",
      `for (int i = 0; i < ${lanes}; i++) r |= (u32)(x[i] >> ${bits - 1}) << i;`,
      "return r;",
    ),
    [`${shape}_replace`]: fn(
      `v128 ${shape}_replace(v128 a, int i, ${scalar} x)`,
      `${u} r = (${u})a;`,
      `r[i] = (u${bits})x;`,
      "return (v128)r;",
    ),
  };
  if (narrow) {
    out[`${shape}_extract_s`] = fn(
      `u32 ${shape}_extract_s(v128 a, int i)`,
      `const ${shape} x = (${shape})a;`,
      "return (u32)(i32)x[i];",
    );
    out[`${shape}_extract_u`] = fn(
      `u32 ${shape}_extract_u(v128 a, int i)`,
      `const ${u} x = (${u})a;`,
      "return (u32)x[i];",
    );
  } else
    out[`${shape}_extract`] = fn(
      `${scalar} ${shape}_extract(v128 a, int i)`,
      `const ${u} x = (${u})a;`,
      "return x[i];",
    );
  return out;
}

function floatShape(bits: 32 | 64): Record<string, string> {
  const lanes = 128 / bits;
  const shape = `f${bits}x${lanes}`;
  const f = `f${bits}`;
  const i = `i${bits}x${lanes}`;
  const u = `u${bits}x${lanes}`;
  const sign = bits === 32 ? "0x80000000u" : "0x8000000000000000u";
  const each = (name: string) => lanewise(`${shape}_${name}`, [[shape, "x"]], shape, `${f}_${name}(x[i])`);
  return {
    [`${shape}_splat`]: fn(
      `v128 ${shape}_splat(${f} a)`,
      `return (v128)(${shape}){ ${Array(lanes).fill("a").join(", ")} };`,
    ),
    [`${shape}_extract`]: fn(`${f} ${shape}_extract(v128 a, int i)`, `const ${shape} x = (${shape})a;`, "return x[i];"),
    [`${shape}_replace`]: fn(
      `v128 ${shape}_replace(v128 a, int i, ${f} x)`,
      `${shape} r = (${shape})a;`,
      "r[i] = x;",
      "return (v128)r;",
    ),
    [`${shape}_abs`]: fn(`v128 ${shape}_abs(v128 a)`, `return (v128)((${u})a & ~${sign});`),
    [`${shape}_ceil`]: each("ceil"),
    [`${shape}_floor`]: each("floor"),
    [`${shape}_trunc`]: each("trunc"),
    [`${shape}_sqrt`]: each("sqrt"),
    [`${shape}_nearest`]: fn(
      `v128 ${shape}_nearest(v128 a)`,
      `const ${u} sign = (${u})a & ${sign};`,
      `const ${u} size = (${u})a & ~${sign};`,
      `const ${f} whole = ${bits === 32 ? "8388608.0f" : "4503599627370496.0"};`,
      `const ${shape} r = ((${shape})size + whole) - whole;`,
      `const ${i} small = (${shape})size < whole;`,
      `return SELECT(small, (v128)((${u})r | sign), a);`,
    ),
    // Equal operands differ at most in the sign of zero; unordered ones give NaN.
    ...Object.fromEntries(
      [
        ["min", "<", "|"],
        ["max", ">", "&"],
      ].map(([name, order, zero]) => [
        `${shape}_${name}`,
        fn(
          `v128 ${shape}_${name}(v128 a, v128 b)`,
          `const ${shape} x = (${shape})a;`,
          `const ${shape} y = (${shape})b;`,
          `const v128 r = SELECT(x ${order} y, a, b);`,
          `const v128 s = SELECT(x == y, a ${zero} b, r);`,
          "return SELECT((x == x) & (y == y), s, (v128)(x + y));",
        ),
      ]),
    ),
  };
}

/** Sign or zero extension of one half; `wide` has half the lanes of `narrow`. */
function extensions(wideBits: 16 | 32 | 64): Record<string, string> {
  const lanes = 128 / wideBits;
  const wide = `i${wideBits}x${lanes}`;
  const out: Record<string, string> = {};
  for (const sign of ["s", "u"])
    for (const half of ["low", "high"]) {
      const letter = sign === "s" ? "i" : "u";
      const part = `${letter}${wideBits / 2}x${lanes}`;
      const name = `${wide}_extend_${half}_${sign}`;
      const source = half === "high" ? "_mm_srli_si128((__m128i)a, 8)" : "(__m128i)a";
      out[name] = fn(
        `v128 ${name}(v128 a)`,
        "#if defined(__SSE4_1__)",
        `return (v128)_mm_cvtep${letter}${wideBits / 2}_epi${wideBits}(${source});`,
        "#else",
        `${part} x;`,
        `memcpy(&x, (const u8 *)&a${half === "high" ? " + 8" : ""}, 8);`,
        `return (v128)__builtin_convertvector(x, ${letter}${wideBits}x${lanes});`,
        "#endif",
      ).replace(/^ {4}#/gm, "#");
    }
  for (const sign of ["s", "u"] as const) {
    if (wideBits === 64) continue;
    const letter = sign === "s" ? "i" : "u";
    const shape = `${letter}${wideBits}x${lanes}`;
    const narrow = `${letter}${wideBits / 2}x${lanes * 2}`;
    const name = `${wide}_extadd_${sign}`;
    const cast = wideBits === 16 ? `(${letter}16)` : "";
    out[name] = lanewise(name, [[narrow, "x"]], shape, `${cast}((${letter}32)x[2 * i] + (${letter}32)x[2 * i + 1])`);
  }
  return out;
}

/** packs… of SSE2 where it is exact, lanes elsewhere. */
function narrowing(narrowBits: 8 | 16, sign: "s" | "u"): Record<string, string> {
  const lanes = 128 / narrowBits;
  const name = `i${narrowBits}x${lanes}_narrow_${sign}`;
  const wide = `i${narrowBits * 2}x${lanes / 2}`;
  const [low, high] = sign === "s" ? [-(2 ** (narrowBits - 1)), 2 ** (narrowBits - 1) - 1] : [0, 2 ** narrowBits - 1];
  const letter = sign === "s" ? "i" : "u";
  const intrinsic = { "8s": "_mm_packs_epi16", "8u": "_mm_packus_epi16", "16s": "_mm_packs_epi32", "16u": undefined }[
    `${narrowBits}${sign}` as const
  ];
  const generic = [
    `const ${wide} x = (${wide})a;`,
    `const ${wide} y = (${wide})b;`,
    `${letter}${narrowBits}x${lanes} r;`,
    `for (int i = 0; i < ${lanes}; i++) {`,
    `    const i32 v = i < ${lanes / 2} ? x[i & ${lanes / 2 - 1}] : y[i & ${lanes / 2 - 1}];`,
    `    r[i] = (${letter}${narrowBits})(v < ${low} ? ${low} : v > ${high} ? ${high} : v);`,
    "}",
    "return (v128)r;",
  ];
  const body = intrinsic
    ? [`#if defined(__SSE2__)`, `return (v128)${intrinsic}((__m128i)a, (__m128i)b);`, "#else", ...generic, "#endif"]
    : generic;
  return { [name]: fn(`v128 ${name}(v128 a, v128 b)`, ...body).replace(/^ {4}#/gm, "#") };
}

function saturating(bits: 8 | 16): Record<string, string> {
  const lanes = 128 / bits;
  const out: Record<string, string> = {};
  const shape = `i${bits}x${lanes}`;
  for (const [op, sym] of [
    ["add", "+"],
    ["sub", "-"],
  ] as const)
    for (const sign of ["s", "u"] as const) {
      const letter = sign === "s" ? "i" : "u";
      const [low, high] = sign === "s" ? [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1] : [0, 2 ** bits - 1];
      const name = `${shape}_${op}_sat_${sign}`;
      const type = `${letter}${bits}x${lanes}`;
      out[name] = fn(
        `v128 ${name}(v128 a, v128 b)`,
        `const ${type} x = (${type})a;`,
        `const ${type} y = (${type})b;`,
        `${type} r;`,
        `for (int i = 0; i < ${lanes}; i++) {`,
        `    const i32 v = (i32)x[i] ${sym} (i32)y[i];`,
        `    r[i] = (${letter}${bits})(v < ${low} ? ${low} : v > ${high} ? ${high} : v);`,
        "}",
        "return (v128)r;",
      );
    }
  const u = `u${bits}x${lanes}`;
  out[`${shape}_avgr_u`] = lanewise(
    `${shape}_avgr_u`,
    [
      [u, "x"],
      [u, "y"],
    ],
    u,
    `(u${bits})(((u32)x[i] + (u32)y[i] + 1u) >> 1)`,
  );
  return out;
}

function memoryHelpers(): Record<string, string> {
  const out: Record<string, string> = {};
  for (const bits of [8, 16, 32, 64] as const) {
    const lanes = 128 / bits;
    const u = `u${bits}`;
    const shape = `${u}x${lanes}`;
    out[`load${bits}_splat`] = fn(
      `v128 load${bits}_splat(${u} x)`,
      `return (v128)(${shape}){ ${Array(lanes).fill("x").join(", ")} };`,
    );
    out[`load${bits}_lane`] = fn(
      `v128 load${bits}_lane(v128 a, int i, ${u} x)`,
      `${shape} r = (${shape})a;`,
      "r[i] = x;",
      "return (v128)r;",
    );
    out[`u${bits}_lane`] = fn(`${u} u${bits}_lane(v128 a, int i)`, `const ${shape} x = (${shape})a;`, "return x[i];");
  }
  out.load32_zero = fn("v128 load32_zero(u32 x)", "return (v128){ x, 0, 0, 0 };");
  out.load64_zero = fn("v128 load64_zero(u64 x)", "return (v128)(u64x2){ x, 0 };");
  for (const [name, part, wide] of [
    ["load8x8", "8x8", "16x8"],
    ["load16x4", "16x4", "32x4"],
    ["load32x2", "32x2", "64x2"],
  ] as const)
    for (const sign of ["s", "u"] as const) {
      const letter = sign === "s" ? "i" : "u";
      out[`${name}_${sign}`] = fn(
        `v128 ${name}_${sign}(u64 x)`,
        `${letter}${part} half;`,
        "memcpy(&half, &x, 8);",
        `return (v128)__builtin_convertvector(half, ${letter}${wide});`,
      );
    }
  return out;
}

export const SIMD_HELPERS: Readonly<Record<string, string>> = {
  ...integerShape(8),
  ...integerShape(16),
  ...integerShape(32),
  ...integerShape(64),
  ...floatShape(32),
  ...floatShape(64),
  ...extensions(16),
  ...extensions(32),
  ...extensions(64),
  ...narrowing(8, "s"),
  ...narrowing(8, "u"),
  ...narrowing(16, "s"),
  ...narrowing(16, "u"),
  ...saturating(8),
  ...saturating(16),
  ...memoryHelpers(),
  v128_any_true: fn("u32 v128_any_true(v128 a)", "const u64x2 x = (u64x2)a;", "return (u32)((x[0] | x[1]) != 0);"),
  i8x16_swizzle: lanewise(
    "i8x16_swizzle",
    [
      ["u8x16", "x"],
      ["u8x16", "s"],
    ],
    "u8x16",
    "s[i] < 16 ? x[s[i] & 15] : 0",
  ),
  i8x16_popcnt: lanewise("i8x16_popcnt", [["u8x16", "x"]], "u8x16", "(u8)i32_popcnt(x[i])"),
  i16x8_q15mulr_sat_s: fn(
    "v128 i16x8_q15mulr_sat_s(v128 a, v128 b)",
    "const i16x8 x = (i16x8)a;",
    "const i16x8 y = (i16x8)b;",
    "i16x8 r;",
    "for (int i = 0; i < 8; i++) {",
    "    const i32 v = ((i32)x[i] * (i32)y[i] + 0x4000) >> 15;",
    "    r[i] = (i16)(v > 32767 ? 32767 : v);",
    "}",
    "return (v128)r;",
  ),
  i32x4_dot_i16x8_s: `INLINE v128 i32x4_dot_i16x8_s(v128 a, v128 b)
{
#if defined(__SSE2__)
    return (v128)_mm_madd_epi16((__m128i)a, (__m128i)b);
#else
    const i16x8 x = (i16x8)a;
    const i16x8 y = (i16x8)b;
    u32x4 r;
    for (int i = 0; i < 4; i++) r[i] = (u32)((i32)x[2 * i] * (i32)y[2 * i]) + (u32)((i32)x[2 * i + 1] * (i32)y[2 * i + 1]);
    return r;
#endif
}`,
  f32x4_demote_f64x2_zero: fn(
    "v128 f32x4_demote_f64x2_zero(v128 a)",
    "const f64x2 x = (f64x2)a;",
    "return (v128)(f32x4){ (f32)x[0], (f32)x[1], 0, 0 };",
  ),
  f64x2_promote_low: fn(
    "v128 f64x2_promote_low(v128 a)",
    "const f32x4 x = (f32x4)a;",
    "return (v128)(f64x2){ (f64)x[0], (f64)x[1] };",
  ),
  f64x2_convert_low_s: fn(
    "v128 f64x2_convert_low_s(v128 a)",
    "const i32x4 x = (i32x4)a;",
    "return (v128)(f64x2){ (f64)x[0], (f64)x[1] };",
  ),
  f64x2_convert_low_u: fn("v128 f64x2_convert_low_u(v128 a)", "return (v128)(f64x2){ (f64)a[0], (f64)a[1] };"),
  i32x4_trunc_sat_f32x4_s: `INLINE v128 i32x4_trunc_sat_f32x4_s(v128 a)
{
    const f32x4 x = (f32x4)a;
#if defined(__SSE2__)
    /* cvttps gives 0x80000000 for what does not fit: flipped where too high, and NaN is made 0 before. */
    const v128 number = a & (v128)(x == x);
    return (v128)_mm_cvttps_epi32((__m128)number) ^ (v128)(x >= 2147483648.0f);
#else
    u32x4 r;
    for (int i = 0; i < 4; i++) r[i] = i32_trunc_sat_f32_s(x[i]);
    return r;
#endif
}`,
  i32x4_trunc_sat_f32x4_u: lanewise("i32x4_trunc_sat_f32x4_u", [["f32x4", "x"]], "u32x4", "i32_trunc_sat_f32_u(x[i])"),
  i32x4_trunc_sat_f64x2_s_zero: fn(
    "v128 i32x4_trunc_sat_f64x2_s_zero(v128 a)",
    "const f64x2 x = (f64x2)a;",
    "return (v128){ i32_trunc_sat_f64_s(x[0]), i32_trunc_sat_f64_s(x[1]), 0, 0 };",
  ),
  i32x4_trunc_sat_f64x2_u_zero: fn(
    "v128 i32x4_trunc_sat_f64x2_u_zero(v128 a)",
    "const f64x2 x = (f64x2)a;",
    "return (v128){ i32_trunc_sat_f64_u(x[0]), i32_trunc_sat_f64_u(x[1]), 0, 0 };",
  ),
};

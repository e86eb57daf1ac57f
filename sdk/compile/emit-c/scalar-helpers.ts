/**
 * Scalar helper functions of emitted C, by name. Each is one `INLINE` function; `helperClosure` adds those that a
 * text calls. A helper traps (`__builtin_trap`) exactly where WebAssembly traps.
 */
const integer = (bits: 32 | 64): Record<string, string> => {
  const u = `u${bits}`;
  const i = `i${bits}`;
  const suffix = bits === 64 ? "ll" : "";
  const min = bits === 64 ? "0x8000000000000000u" : "0x80000000u";
  return {
    [`${i}_div_s`]: `INLINE ${u} ${i}_div_s(${u} a, ${u} b)
{
    if (b == 0 || (a == ${min} && ~b == 0)) __builtin_trap();
    return (${u})((${i})a / (${i})b);
}`,
    [`${i}_div_u`]: `INLINE ${u} ${i}_div_u(${u} a, ${u} b)
{
    if (b == 0) __builtin_trap();
    return a / b;
}`,
    [`${i}_rem_s`]: `INLINE ${u} ${i}_rem_s(${u} a, ${u} b)
{
    if (b == 0) __builtin_trap();
    return ~b == 0 ? 0 : (${u})((${i})a % (${i})b);
}`,
    [`${i}_rem_u`]: `INLINE ${u} ${i}_rem_u(${u} a, ${u} b)
{
    if (b == 0) __builtin_trap();
    return a % b;
}`,
    [`${i}_rotl`]: `INLINE ${u} ${i}_rotl(${u} a, ${u} n)
{
    return (a << (n & ${bits - 1})) | (a >> ((0 - n) & ${bits - 1}));
}`,
    [`${i}_rotr`]: `INLINE ${u} ${i}_rotr(${u} a, ${u} n)
{
    return (a >> (n & ${bits - 1})) | (a << ((0 - n) & ${bits - 1}));
}`,
    [`${i}_clz`]: `INLINE ${u} ${i}_clz(${u} a)
{
    return a == 0 ? ${bits} : (${u})__builtin_clz${suffix}(a);
}`,
    [`${i}_ctz`]: `INLINE ${u} ${i}_ctz(${u} a)
{
    return a == 0 ? ${bits} : (${u})__builtin_ctz${suffix}(a);
}`,
  };
};

const float = (bits: 32 | 64): Record<string, string> => {
  const f = `f${bits}`;
  const u = `u${bits}`;
  const i = `i${bits}`;
  const s = bits === 32 ? "f" : "";
  // Beyond 2^(mantissa bits) every value is an integer.
  const whole = bits === 32 ? "8388608.0f" : "4503599627370496.0";
  const vsqrt = bits === 32 ? 4 : 8;
  const mantissa = bits === 32 ? 23 : 52;
  const bias = bits === 32 ? 127 : 1023;
  /** Of a square root: those of a significand and one to round by. */
  const digits = mantissa + 2;
  const one = bits === 32 ? "0x800000u" : "0x10000000000000u";
  const infinite = bits === 32 ? "0x7f800000u" : "0x7ff0000000000000u";
  const quiet = bits === 32 ? "0x7fc00000u" : "0x7ff8000000000000u";
  return {
    [`${f}_bits`]: `INLINE ${u} ${f}_bits(${f} a)
{
    ${u} bits;
    memcpy(&bits, &a, sizeof bits);
    return bits;
}`,
    [`${f}_from`]: `INLINE ${f} ${f}_from(${u} bits)
{
    ${f} a;
    memcpy(&a, &bits, sizeof a);
    return a;
}`,
    [`${f}_trunc`]: `INLINE ${f} ${f}_trunc(${f} a)
{
    if (!(__builtin_fabs${s}(a) < ${whole})) return a;
    return __builtin_copysign${s}((${f})(${i})a, a);
}`,
    [`${f}_floor`]: `INLINE ${f} ${f}_floor(${f} a)
{
    const ${f} t = ${f}_trunc(a);
    return __builtin_copysign${s}(t > a ? t - 1 : t, a);
}`,
    [`${f}_ceil`]: `INLINE ${f} ${f}_ceil(${f} a)
{
    const ${f} t = ${f}_trunc(a);
    return __builtin_copysign${s}(t < a ? t + 1 : t, a);
}`,
    [`${f}_nearest`]: `/* Half to even: adding 2^${bits === 32 ? 23 : 52} leaves no room for a fraction. */
INLINE ${f} ${f}_nearest(${f} a)
{
    const ${f} whole = __builtin_copysign${s}(${whole}, a);
    if (!(__builtin_fabs${s}(a) < ${whole})) return a;
    return __builtin_copysign${s}((a + whole) - whole, a);
}`,
    [`${f}_sqrt`]: `/* Instructions by name: __builtin_sqrt may call libm. Elsewhere a digit at a time: a root of ${digits} bits, which no tie has. */
INLINE ${f} ${f}_sqrt(${f} a)
{
#if defined(__SSE2__)
    __asm__("sqrts${bits === 32 ? "s" : "d"} %1, %0" : "=x"(a) : "x"(a));
    return a;
#elif defined(__aarch64__)
    __asm__("fsqrt %${bits === 32 ? "s" : "d"}0, %${bits === 32 ? "s" : "d"}1" : "=w"(a) : "w"(a));
    return a;
#elif defined(__ARM_FP) && (__ARM_FP & ${vsqrt})
    __asm__("vsqrt.f${bits} %${bits === 32 ? "" : "P"}0, %${bits === 32 ? "" : "P"}1" : "=${bits === 32 ? "t" : "w"}"(a) : "${bits === 32 ? "t" : "w"}"(a));
    return a;
#else
    ${u} x = ${f}_bits(a);
    if ((x << 1) == 0 || x == ${infinite}) return a;
    if (x > ${infinite}) return ${f}_from(${quiet});
    i32 exponent = (i32)(x >> ${mantissa});
    x &= ${one} - 1;
    if (exponent > 0) x |= ${one};
    else for (exponent = 1; x < ${one}; exponent--) x <<= 1;
    /* In [1, 4) with two bits before the point. */
    x <<= ${bits - 2 - mantissa} + (~exponent & 1);
    ${u} root = 0, rest = 0;
    for (i32 i = 0; i < ${digits}; i++) {
        rest = (rest << 2) | (x >> ${bits - 2});
        x <<= 2;
        root <<= 1;
        if (rest > (root << 1)) {
            rest -= (root << 1) | 1;
            root |= 1;
        }
    }
    return ${f}_from(((${u})((exponent + ${bias}) / 2 - 1) << ${mantissa}) + ((root + 1) >> 1));
#endif
}`,
    [`${f}_min`]: `INLINE ${f} ${f}_min(${f} a, ${f} b)
{
    if (a < b) return a;
    if (b < a) return b;
    return a == b ? ${f}_from(${f}_bits(a) | ${f}_bits(b)) : a + b;
}`,
    [`${f}_max`]: `INLINE ${f} ${f}_max(${f} a, ${f} b)
{
    if (a > b) return a;
    if (b > a) return b;
    return a == b ? ${f}_from(${f}_bits(a) & ${f}_bits(b)) : a + b;
}`,
  };
};

/** Float to integer: [lowest accepted comparison, first value too high] per source and result. */
function truncations(): Record<string, string> {
  const out: Record<string, string> = {};
  const power = { 31: "2147483648.0", 32: "4294967296.0", 63: "9223372036854775808.0", 64: "18446744073709551616.0" };
  for (const bits of [32, 64] as const)
    for (const source of ["f32", "f64"] as const)
      for (const sign of ["s", "u"] as const) {
        const suffix = source === "f32" ? "f" : "";
        const high = power[(sign === "s" ? bits - 1 : bits) as keyof typeof power] + suffix;
        const exact = source === "f64" && bits === 32;
        const low = sign === "u" ? `a > -1.0${suffix}` : exact ? "a > -2147483649.0" : `a >= -${high}`;
        const cast = sign === "s" ? `(u${bits})(i${bits})a` : `(u${bits})a`;
        const [least, most] =
          sign === "u"
            ? ["0", bits === 32 ? "0xffffffffu" : "0xffffffffffffffffu"]
            : bits === 32
              ? ["0x80000000u", "0x7fffffffu"]
              : ["0x8000000000000000u", "0x7fffffffffffffffu"];
        out[`i${bits}_trunc_${source}_${sign}`] = `INLINE u${bits} i${bits}_trunc_${source}_${sign}(${source} a)
{
    if (!(${low} && a < ${high})) __builtin_trap();
    return ${cast};
}`;
        out[`i${bits}_trunc_sat_${source}_${sign}`] = `INLINE u${bits} i${bits}_trunc_sat_${source}_${sign}(${source} a)
{
    if (!(${low})) return a != a ? 0 : ${least};
    return a < ${high} ? ${cast} : ${most};
}`;
      }
  return out;
}

export const SCALAR_HELPERS: Readonly<Record<string, string>> = {
  ...integer(32),
  ...integer(64),
  i32_popcnt: `INLINE u32 i32_popcnt(u32 a)
{
    a -= (a >> 1) & 0x55555555u;
    a = (a & 0x33333333u) + ((a >> 2) & 0x33333333u);
    return (((a + (a >> 4)) & 0x0f0f0f0fu) * 0x01010101u) >> 24;
}`,
  i64_popcnt: `INLINE u64 i64_popcnt(u64 a)
{
    return (u64)i32_popcnt((u32)a) + (u64)i32_popcnt((u32)(a >> 32));
}`,
  ...float(32),
  ...float(64),
  ...truncations(),
};

/** The helpers that `text` calls, callees first, in a fixed order. */
export function helperClosure(text: string, helpers: Readonly<Record<string, string>>): string[] {
  const order: string[] = [];
  const seen = new Set<string>();
  const visit = (source: string) => {
    for (const [, name] of source.matchAll(/\b([a-z]\w+)\(/g)) {
      const helper = name === undefined ? undefined : helpers[name];
      if (!helper || !name || seen.has(name)) continue;
      seen.add(name);
      visit(helper.slice(helper.indexOf("\n{")));
      order.push(name);
    }
  };
  visit(text);
  return order.map((name) => helpers[name]!);
}

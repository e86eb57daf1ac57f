/**
 * C for the SIMD instructions, over GCC and Clang vector extensions. A v128 is four u32 lanes; a cast to another
 * vector type is free. As in SCALAR_OPS, lanes are unsigned where they wrap and signed where the sign matters.
 */
import type { SimdOp } from "./scalar-ops.ts";

const cast = (type: string, operator: string) => `(v128)((${type})$0 ${operator} (${type})$1)`;
const signs = (shape: string) => ({ s: `i${shape}`, u: `u${shape}` }) as const;

/** Rows that integer shapes with all comparisons share. */
function compare<S extends "i8x16" | "i16x8" | "i32x4">(shape: S) {
  const { s, u } = signs(shape.slice(1));
  return {
    [`${shape}.eq`]: cast(s, "=="),
    [`${shape}.ne`]: cast(s, "!="),
    [`${shape}.lt_s`]: cast(s, "<"),
    [`${shape}.lt_u`]: cast(u, "<"),
    [`${shape}.gt_s`]: cast(s, ">"),
    [`${shape}.gt_u`]: cast(u, ">"),
    [`${shape}.le_s`]: cast(s, "<="),
    [`${shape}.le_u`]: cast(u, "<="),
    [`${shape}.ge_s`]: cast(s, ">="),
    [`${shape}.ge_u`]: cast(u, ">="),
    [`${shape}.min_s`]: `SELECT((${s})$0 < (${s})$1, $0, $1)`,
    [`${shape}.min_u`]: `SELECT((${u})$0 < (${u})$1, $0, $1)`,
    [`${shape}.max_s`]: `SELECT((${s})$0 > (${s})$1, $0, $1)`,
    [`${shape}.max_u`]: `SELECT((${u})$0 > (${u})$1, $0, $1)`,
  } as Record<`${S}.${"eq" | "ne" | `${"lt" | "gt" | "le" | "ge" | "min" | "max"}_${"s" | "u"}`}`, string>;
}

function integers<S extends "i8x16" | "i16x8" | "i32x4" | "i64x2">(shape: S) {
  const { u } = signs(shape.slice(1));
  const mask = Number(/\d+/.exec(shape)![0]) - 1;
  return {
    [`${shape}.splat`]: `${shape}_splat($0)`,
    [`${shape}.add`]: cast(u, "+"),
    [`${shape}.sub`]: cast(u, "-"),
    [`${shape}.neg`]: `(v128)(-(${u})$0)`,
    [`${shape}.abs`]: `${shape}_abs($0)`,
    [`${shape}.shl`]: `${shape}_shl($0, $1 & ${mask})`,
    [`${shape}.shr_s`]: `${shape}_shr_s($0, $1 & ${mask})`,
    [`${shape}.shr_u`]: `${shape}_shr_u($0, $1 & ${mask})`,
    [`${shape}.all_true`]: `${shape}_all_true($0)`,
    [`${shape}.bitmask`]: `${shape}_bitmask($0)`,
  } as Record<
    `${S}.${"splat" | "add" | "sub" | "neg" | "abs" | "shl" | "shr_s" | "shr_u" | "all_true" | "bitmask"}`,
    string
  >;
}

function saturating<S extends "i8x16" | "i16x8">(shape: S) {
  const names = ["add_sat_s", "add_sat_u", "sub_sat_s", "sub_sat_u", "avgr_u"] as const;
  return Object.fromEntries(names.map((name) => [`${shape}.${name}`, `${shape}_${name}($0, $1)`])) as Record<
    `${S}.${(typeof names)[number]}`,
    string
  >;
}

function widening<W extends "i16x8" | "i32x4" | "i64x2", N extends "i8x16" | "i16x8" | "i32x4">(wide: W, narrow: N) {
  const rows: Record<string, string> = {};
  for (const sign of ["s", "u"])
    for (const half of ["low", "high"]) {
      rows[`${wide}.extend_${half}_${narrow}_${sign}`] = `${wide}_extend_${half}_${sign}($0)`;
      rows[`${wide}.extmul_${half}_${narrow}_${sign}`] =
        `(v128)((u${wide.slice(1)})${wide}_extend_${half}_${sign}($0) * (u${wide.slice(1)})${wide}_extend_${half}_${sign}($1))`;
    }
  return rows as Record<`${W}.${"extend" | "extmul"}_${"low" | "high"}_${N}_${"s" | "u"}`, string>;
}

function floats<S extends "f32x4" | "f64x2">(shape: S) {
  const infix = {
    eq: "==",
    ne: "!=",
    lt: "<",
    gt: ">",
    le: "<=",
    ge: ">=",
    add: "+",
    sub: "-",
    mul: "*",
    div: "/",
  } as const;
  const rows: Record<string, string> = Object.fromEntries(
    Object.entries(infix).map(([name, operator]) => [`${shape}.${name}`, cast(shape, operator)]),
  );
  for (const name of ["ceil", "floor", "trunc", "nearest", "sqrt", "abs"] as const)
    rows[`${shape}.${name}`] = `${shape}_${name}($0)`;
  for (const name of ["min", "max"] as const) rows[`${shape}.${name}`] = `${shape}_${name}($0, $1)`;
  rows[`${shape}.neg`] = `(v128)(-(${shape})$0)`;
  rows[`${shape}.pmin`] = `SELECT((${shape})$1 < (${shape})$0, $1, $0)`;
  rows[`${shape}.pmax`] = `SELECT((${shape})$0 < (${shape})$1, $1, $0)`;
  rows[`${shape}.splat`] = `${shape}_splat($0)`;
  type Name =
    | keyof typeof infix
    | "ceil"
    | "floor"
    | "trunc"
    | "nearest"
    | "sqrt"
    | "abs"
    | "neg"
    | "min"
    | "max"
    | "pmin"
    | "pmax"
    | "splat";
  return rows as Record<`${S}.${Name}`, string>;
}

export const SIMD_OPS: Readonly<Record<SimdOp, string>> = {
  ...compare("i8x16"),
  ...compare("i16x8"),
  ...compare("i32x4"),
  ...integers("i8x16"),
  ...integers("i16x8"),
  ...integers("i32x4"),
  ...integers("i64x2"),
  ...saturating("i8x16"),
  ...saturating("i16x8"),
  ...widening("i16x8", "i8x16"),
  ...widening("i32x4", "i16x8"),
  ...widening("i64x2", "i32x4"),
  ...floats("f32x4"),
  ...floats("f64x2"),
  "i64x2.eq": cast("i64x2", "=="),
  "i64x2.ne": cast("i64x2", "!="),
  "i64x2.lt_s": cast("i64x2", "<"),
  "i64x2.gt_s": cast("i64x2", ">"),
  "i64x2.le_s": cast("i64x2", "<="),
  "i64x2.ge_s": cast("i64x2", ">="),
  "i16x8.mul": cast("u16x8", "*"),
  "i32x4.mul": cast("u32x4", "*"),
  "i64x2.mul": cast("u64x2", "*"),
  "i8x16.swizzle": "i8x16_swizzle($0, $1)",
  "i8x16.popcnt": "i8x16_popcnt($0)",
  "i8x16.narrow_i16x8_s": "i8x16_narrow_s($0, $1)",
  "i8x16.narrow_i16x8_u": "i8x16_narrow_u($0, $1)",
  "i16x8.narrow_i32x4_s": "i16x8_narrow_s($0, $1)",
  "i16x8.narrow_i32x4_u": "i16x8_narrow_u($0, $1)",
  "i16x8.extadd_pairwise_i8x16_s": "i16x8_extadd_s($0)",
  "i16x8.extadd_pairwise_i8x16_u": "i16x8_extadd_u($0)",
  "i32x4.extadd_pairwise_i16x8_s": "i32x4_extadd_s($0)",
  "i32x4.extadd_pairwise_i16x8_u": "i32x4_extadd_u($0)",
  "i16x8.q15mulr_sat_s": "i16x8_q15mulr_sat_s($0, $1)",
  "i32x4.dot_i16x8_s": "i32x4_dot_i16x8_s($0, $1)",
  "v128.not": "~$0",
  "v128.and": "$0 & $1",
  "v128.andnot": "$0 & ~$1",
  "v128.or": "$0 | $1",
  "v128.xor": "$0 ^ $1",
  "v128.bitselect": "v128_bitselect($0, $1, $2)",
  "v128.any_true": "v128_any_true($0)",
  "f32x4.demote_f64x2_zero": "f32x4_demote_f64x2_zero($0)",
  "f64x2.promote_low_f32x4": "f64x2_promote_low($0)",
  "i32x4.trunc_sat_f32x4_s": "i32x4_trunc_sat_f32x4_s($0)",
  "i32x4.trunc_sat_f32x4_u": "i32x4_trunc_sat_f32x4_u($0)",
  "i32x4.trunc_sat_f64x2_s_zero": "i32x4_trunc_sat_f64x2_s_zero($0)",
  "i32x4.trunc_sat_f64x2_u_zero": "i32x4_trunc_sat_f64x2_u_zero($0)",
  "f32x4.convert_i32x4_s": "(v128)__builtin_convertvector((i32x4)$0, f32x4)",
  "f32x4.convert_i32x4_u": "(v128)__builtin_convertvector($0, f32x4)",
  "f64x2.convert_low_i32x4_s": "f64x2_convert_low_s($0)",
  "f64x2.convert_low_i32x4_u": "f64x2_convert_low_u($0)",
};

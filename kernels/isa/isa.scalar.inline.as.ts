/** The scalar family's instructions, portable flavour: what each computes. The AOT flavour is isa.scalar.import.as.ts. */

/** acc + x * w; wraps (ARM MLA). */
// @ts-ignore: decorator
@inline
export function mla(acc: i32, x: i32, w: i32): i32 {
  return acc + x * w;
}

/** acc + x * w in 64 bits; wraps (ARM SMLAL). */
// @ts-ignore: decorator
@inline
export function smlal(acc: i64, x: i32, w: i32): i64 {
  return acc + (x as i64) * (w as i64);
}

/** The nearest i8 (ARM SSAT #8). */
// @ts-ignore: decorator
@inline
export function sat8(y: i32): i32 {
  return min(max(y, -128), 127);
}

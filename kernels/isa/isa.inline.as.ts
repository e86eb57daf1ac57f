/** The isa layer, portable flavour: what each instruction computes. The AOT flavour is isa.import.as.ts. */

/** acc + x.low * y.low + x.high * y.high, signed 16-bit halves (ARM SMLAD; wraps). */
// @ts-ignore: decorator
@inline
export function smlad(x: i32, y: i32, acc: i32): i32 {
  return acc + ((x << 16) >> 16) * ((y << 16) >> 16) + (x >> 16) * (y >> 16);
}

/** Sign-extended bytes 0 and 2 as two halves (ARM SXTB16). */
// @ts-ignore: decorator
@inline
export function sxtb16(x: i32): i32 {
  return (((x << 24) >> 24) & 0xffff) | (((x << 8) >> 24) << 16);
}

/** Sign-extended bytes 1 and 3 as two halves (ARM SXTB16 with ROR #8). */
// @ts-ignore: decorator
@inline
export function sxtb16_ror8(x: i32): i32 {
  return (((x << 16) >> 24) & 0xffff) | ((x >> 24) << 16);
}

/** acc + x.low * y.low, signed 16-bit halves (ARM SMLABB). */
// @ts-ignore: decorator
@inline
export function smlabb(x: i32, y: i32, acc: i32): i32 {
  return acc + ((x << 16) >> 16) * ((y << 16) >> 16);
}

/** acc + x.high * y.high, signed 16-bit halves (ARM SMLATT). */
// @ts-ignore: decorator
@inline
export function smlatt(x: i32, y: i32, acc: i32): i32 {
  return acc + (x >> 16) * (y >> 16);
}

/** Upper word of x * y + acc * 2^32 (ARM SMMLA; wraps). */
// @ts-ignore: decorator
@inline
export function smmla(x: i32, y: i32, acc: i32): i32 {
  return ((((x as i64) * (y as i64)) >> 32) as i32) + acc;
}

/** x.low in the low half, y.low in the high one (ARM PKHBT with LSL #16). */
// @ts-ignore: decorator
@inline
export function pkhbt(x: i32, y: i32): i32 {
  return (x & 0xffff) | (y << 16);
}

/** x saturated to [-128, 127] (ARM SSAT). */
// @ts-ignore: decorator
@inline
export function ssat8(x: i32): i32 {
  return min(max(x, -128), 127);
}

/** x >> 8 saturated to [-128, 127] (ARM SSAT with ASR #8). */
// @ts-ignore: decorator
@inline
export function ssat8_asr8(x: i32): i32 {
  return ssat8(x >> 8);
}

/** x >> 22 saturated to [-128, 127] (ARM SSAT with ASR #22). */
// @ts-ignore: decorator
@inline
export function ssat8_asr22(x: i32): i32 {
  return ssat8(x >> 22);
}

export { pairs_row, tiles_u8 } from "./wide.as";

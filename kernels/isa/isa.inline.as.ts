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

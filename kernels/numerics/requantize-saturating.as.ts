import { requantize } from "./requantize.as";

/** As requantize, but a value that a left shift would push out of 32 bits saturates instead of wrapping. */
// @ts-ignore: decorator
@inline
export function requantizeSaturating(acc: i32, m: i32, shift: i32): i32 {
  if (shift <= 0) return requantize(acc, m, shift);
  const most = i32.MAX_VALUE >> shift;
  return requantize(min(max(acc, -most), most), m, shift);
}

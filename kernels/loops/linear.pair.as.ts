/** linear_i8 of loops/linear.as.ts, pair family: shift and saturation are one instruction (SSAT). dst may be an operand. */
import { ssat8_asr22 } from "../isa/isa";

// @ts-ignore: decorator
@inline
function code(a: i32, b: i32, ma: i32, mb: i32, r: i32): i8 {
  return ssat8_asr22(a * ma + r + b * mb) as i8;
}

export function linear_i8(a: usize, b: usize, dst: usize, ma: i32, mb: i32, r: i32, n: i32): void {
  const end = a + n;
  for (const stop = a + (n & ~7); a < stop; a += 8, b += 8, dst += 8) {
    store<i8>(dst, code(load<i8>(a), load<i8>(b), ma, mb, r));
    store<i8>(dst, code(load<i8>(a, 1), load<i8>(b, 1), ma, mb, r), 1);
    store<i8>(dst, code(load<i8>(a, 2), load<i8>(b, 2), ma, mb, r), 2);
    store<i8>(dst, code(load<i8>(a, 3), load<i8>(b, 3), ma, mb, r), 3);
    store<i8>(dst, code(load<i8>(a, 4), load<i8>(b, 4), ma, mb, r), 4);
    store<i8>(dst, code(load<i8>(a, 5), load<i8>(b, 5), ma, mb, r), 5);
    store<i8>(dst, code(load<i8>(a, 6), load<i8>(b, 6), ma, mb, r), 6);
    store<i8>(dst, code(load<i8>(a, 7), load<i8>(b, 7), ma, mb, r), 7);
  }
  for (; a < end; a++, b++, dst++) store<i8>(dst, code(load<i8>(a), load<i8>(b), ma, mb, r));
}

import { pkhbt, sxtb16, sxtb16_ror8 } from "./isa";

/**
 * `run` codes from `from` as i16 pairs, a pair every `step` bytes from `to`; returns where the next pair goes.
 * wordwise: run a multiple of 4 and from 4-aligned, four codes a load, in the order 0 2 1 3; else two by two, an odd
 * last code with a partner whose weight is 0.
 */
// @ts-ignore: decorator
@inline
export function widen(to: usize, from: usize, run: i32, wordwise: i32, step: i32): usize {
  if (wordwise) {
    const end = from + run;
    if (run & 4) {
      const four = load<i32>(from);
      store<i32>(to, sxtb16(four));
      store<i32>(to + step, sxtb16_ror8(four));
      to += step << 1;
      from += 4;
    }
    for (; from < end; from += 8) {
      const four = load<i32>(from), next = load<i32>(from, 4);
      store<i32>(to, sxtb16(four));
      store<i32>(to + step, sxtb16_ror8(four));
      store<i32>(to + step * 2, sxtb16(next));
      store<i32>(to + step * 3, sxtb16_ror8(next));
      to += step << 2;
    }
  } else {
    for (const end = from + (run & ~1); from < end; from += 2) {
      store<i32>(to, pkhbt(load<i8>(from), load<i8>(from, 1)));
      to += step;
    }
    if (run & 1) {
      store<i32>(to, load<i8>(from));
      to += step;
    }
  }
  return to;
}

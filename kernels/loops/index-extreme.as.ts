import { exceeds } from "./reduce.as";

/**
 * dst i32 [outer, inner]: where along src [outer, count, inner] the largest (or smallest) value is, the first of equal
 * ones. A NaN is chosen only where there is nothing else. dst must not alias src.
 */
// @ts-ignore: decorator
@inline
export function index_extreme<T>(src: usize, dst: usize, outer: i32, count: i32, inner: i32, largest: bool): void {
  const size = sizeof<T>() as i32;
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < inner; i++) {
      let x = src + i * size;
      let best = load<T>(x);
      let at = 0;
      for (let k = 1; k < count; k++) {
        x += inner * size;
        const value = load<T>(x);
        if (exceeds<T>(value, best, largest) || (isFloat<T>() && best != best && value == value)) {
          best = value;
          at = k;
        }
      }
      store<i32>(dst, at);
      dst += 4;
    }
    src += count * inner * size;
  }
}

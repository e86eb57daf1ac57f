import { index_extreme } from "../loops/index-extreme.as";

/** f32 to int32: index_extreme. */
export function argMin_f32(src: usize, dst: usize, outer: i32, count: i32, inner: i32): void {
  index_extreme<f32>(src, dst, outer, count, inner, false);
}

/** int8 to int32: index_extreme. */
export function argMin_i8(src: usize, dst: usize, outer: i32, count: i32, inner: i32): void {
  index_extreme<i8>(src, dst, outer, count, inner, false);
}

/** int16 to int32: index_extreme. */
export function argMin_i16(src: usize, dst: usize, outer: i32, count: i32, inner: i32): void {
  index_extreme<i16>(src, dst, outer, count, inner, false);
}

/** int32 to int32: index_extreme. */
export function argMin_i32(src: usize, dst: usize, outer: i32, count: i32, inner: i32): void {
  index_extreme<i32>(src, dst, outer, count, inner, false);
}

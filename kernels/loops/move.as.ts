import { reduceOffset } from "./reduce.as";

/** `count` elements of T at every `stride` bytes of src, side by side at dst. Returns the end of dst. */
// @ts-ignore: decorator
@inline
function gatherRow<T>(src: usize, dst: usize, count: i32, stride: i32): usize {
  for (const stop = dst + count * (sizeof<T>() as i32); dst < stop; dst += sizeof<T>()) {
    store<T>(dst, load<T>(src));
    src += stride;
  }
  return dst;
}

/**
 * Strided copy of elements of 1, 2 or 4 bytes (strided.ts has the formula): `groups` groups, placed by the table of
 * outer dimensions, of `rows` rows, `rowStride` apart, of `inner` elements, `stride` apart; strides and `start` are
 * bytes. width 0: a row is `inner` contiguous bytes. dst must not alias src.
 */
export function move(
  src: usize, dst: usize, table: usize, outer: i32, groups: i32, rows: i32, rowStride: i32, inner: i32, stride: i32, start: i32, width: i32,
): void {
  src += start;
  for (let g = 0; g < groups; g++) {
    let row = src + reduceOffset(table, outer, g);
    for (let r = 0; r < rows; r++) {
      if (width == 0) {
        memory.copy(dst, row, inner);
        dst += inner;
      } else if (width == 1) dst = gatherRow<u8>(row, dst, inner, stride);
      else dst = width == 2 ? gatherRow<u16>(row, dst, inner, stride) : gatherRow<u32>(row, dst, inner, stride);
      row += rowStride;
    }
  }
}

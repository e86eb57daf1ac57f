/**
 * Any dtype: dst [count, inner bytes] = src at count tuples of `depth` indices i32; table: i32 [depth] { dim, stride in
 * bytes }. Indices outside [0, dim) are clamped, so that no value leads outside src. dst must not alias.
 */
export function gatherNd_bytes(src: usize, indices: usize, dst: usize, table: usize, count: i32, depth: i32, inner: i32): void {
  for (let k = 0; k < count; k++) {
    let x = src;
    for (let d = 0; d < depth; d++) {
      const entry = table + (d << 3);
      x += max(0, min(load<i32>(entry) - 1, load<i32>(indices))) * load<i32>(entry, 4);
      indices += 4;
    }
    memory.copy(dst, x, inner);
    dst += inner;
  }
}

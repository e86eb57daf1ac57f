/**
 * Any dtype: dst [batches, outer, count, inner bytes] = src [batches, outer, dim, inner] at indices i32
 * [batches, count]. Indices outside [0, dim) are clamped, so that no value leads outside src. dst must not alias.
 */
export function gather_bytes(src: usize, indices: usize, dst: usize, batches: i32, outer: i32, dim: i32, count: i32, inner: i32): void {
  for (let b = 0; b < batches; b++) {
    for (let o = 0; o < outer; o++) {
      for (let k = 0; k < count; k++) {
        const at = max(0, min(dim - 1, load<i32>(indices + (k << 2))));
        memory.copy(dst, src + at * inner, inner);
        dst += inner;
      }
      src += dim * inner;
    }
    indices += count << 2;
  }
}

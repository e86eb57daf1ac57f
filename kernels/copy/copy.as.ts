/** Copies n bytes: the end-of-call commit of an update that could not be made in place. */
export function copy(dst: usize, src: usize, n: i32, begin: i32, end: i32): void {
  if (begin < end) memory.copy(dst, src, n);
}

/** bool: dst = 1 where src is 0, else 0; elements [begin, end); dst may be src. */
export function logicalNot_bool(src: usize, dst: usize, begin: i32, end: i32): void {
  for (let i = begin; i < end; i++) store<u8>(dst + i, (load<u8>(src + i) == 0) as u8);
}

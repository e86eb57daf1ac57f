/** f32: nearest whole number, ties to even, elements [begin, end); dst may be src. */
export function round_f32(src: usize, dst: usize, begin: i32, end: i32): void {
  for (let i = begin; i < end; i++) {
    const x = load<f32>(src + (i << 2));
    store<f32>(dst + (i << 2), nearest<f32>(x));
  }
}

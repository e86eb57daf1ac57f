/** f32: largest whole number not above src, elements [begin, end); dst may be src. */
export function floor_f32(src: usize, dst: usize, begin: i32, end: i32): void {
  for (let i = begin; i < end; i++) {
    const x = load<f32>(src + (i << 2));
    store<f32>(dst + (i << 2), floor<f32>(x));
  }
}

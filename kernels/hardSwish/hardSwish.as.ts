/** f32: src * min(max(src + 3, 0), 6) / 6, elements [begin, end); dst may be src. */
export function hardSwish_f32(src: usize, dst: usize, begin: i32, end: i32): void {
  for (let i = begin; i < end; i++) {
    const x = load<f32>(src + (i << 2));
    store<f32>(dst + (i << 2), x * min<f32>(max<f32>(x + <f32>3, 0), 6) / <f32>6);
  }
}

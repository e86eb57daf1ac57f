/** dst = (src - mean[c]) / deviation[c], c the element mod `channels`, elements [begin, end); dst may be src. */
export function standardize_f32(src: usize, dst: usize, mean: usize, deviation: usize, channels: i32, begin: i32, end: i32): void {
  let c = begin % channels;
  for (let i = begin; i < end; i++) {
    store<f32>(dst + (i << 2), (load<f32>(src + (i << 2)) - load<f32>(mean + (c << 2))) / load<f32>(deviation + (c << 2)));
    if (++c == channels) c = 0;
  }
}

/** dst[n] = 1 where the first largest of `classes` logits is the label, else 0; samples [begin, end). */
export function accuracy_f32(logits: usize, labels: usize, dst: usize, classes: i32, begin: i32, end: i32): void {
  for (let n = begin; n < end; n++) {
    const x = logits + ((n * classes) << 2);
    let best = 0;
    for (let c = 1; c < classes; c++) if (load<f32>(x + (c << 2)) > load<f32>(x + (best << 2))) best = c;
    store<f32>(dst + (n << 2), (best == load<i32>(labels + (n << 2))) as i32 as f32);
  }
}

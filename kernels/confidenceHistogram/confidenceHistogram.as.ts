/**
 * One sample an inference. p: i8 [classes], softmax codes of scale 1/256 and zero point -128.
 * counts: u32 [16]; bin = (top code + 128) / 16. Counts wrap at 2^32.
 */
export function confidenceHistogram_i8(p: usize, counts: usize, classes: i32): void {
  let top: i32 = -128;
  for (let c = 0; c < classes; c++) top = max(top, load<i8>(p + c) as i32);
  const at = counts + (((top + 128) >> 4) << 2);
  store<u32>(at, load<u32>(at) + 1);
}

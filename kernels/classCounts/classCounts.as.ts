/** One sample an inference: counts the first index of the largest code. x: i8 [classes]; counts: u32 [classes]. */
export function classCounts_i8(x: usize, counts: usize, classes: i32): void {
  let best = 0;
  for (let c = 1; c < classes; c++) if (load<i8>(x + c) > load<i8>(x + best)) best = c;
  const at = counts + (best << 2);
  store<u32>(at, load<u32>(at) + 1);
}

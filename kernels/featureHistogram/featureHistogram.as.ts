/**
 * One sample an inference. x: i8 [steps, channels]. counts: u32 [features, bins]. edges: i8 [features, bins - 1],
 * ascending. bin = number of edges that the code exceeds. One step: features are the channels' codes. More steps:
 * features are each channel's mean (sum / steps, towards zero), then each channel's span (max - min - 128).
 * No overflow below 2^24 steps; counts wrap at 2^32.
 */
// @ts-ignore: decorator
@inline
function count(code: i32, counts: usize, edges: usize, bins: i32): void {
  let bin = 0;
  for (let i = 0; i < bins - 1; i++) bin += (code > (load<i8>(edges + i) as i32)) as i32;
  const at = counts + (bin << 2);
  store<u32>(at, load<u32>(at) + 1);
}

export function featureHistogram_i8(x: usize, counts: usize, edges: usize, steps: i32, channels: i32, bins: i32): void {
  for (let c = 0; c < channels; c++) {
    let sum = 0;
    let low: i32 = 127;
    let high: i32 = -128;
    for (let t = 0; t < steps; t++) {
      const code = load<i8>(x + (t * channels + c)) as i32;
      sum += code;
      low = min(low, code);
      high = max(high, code);
    }
    count(sum / steps, counts + ((c * bins) << 2), edges + c * (bins - 1), bins);
    if (steps > 1) {
      const span = channels + c;
      count(high - low - 128, counts + ((span * bins) << 2), edges + span * (bins - 1), bins);
    }
  }
}

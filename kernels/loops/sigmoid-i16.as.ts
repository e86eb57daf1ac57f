/**
 * The logistic function and tanh of n int16 values, bit for bit as TFLite's reference: the input becomes a multiple
 * of 1 / (24 * 512) (logistic; 1 / (24 * 256) and half the argument for tanh) by (m, shift), its size indexes a table
 * of 257 values of the logistic function at k / 24 as Q0.16, and the fraction interpolates. table: u16 [256].
 * Overflow: |src * m| < 2^30, as m < 2^15.
 */
// @ts-ignore: decorator
@inline
export function sigmoid_i16(tanh: bool, src: usize, dst: usize, table: usize, m: i32, shift: i32, n: i32): void {
  const fractionBits = tanh ? 8 : 9;
  const round = shift > 0 ? 1 << (shift - 1) : 0;
  for (let i: usize = 0; i < <usize>n; i++) {
    const x = ((load<i16>(src + (i << 1)) as i32) * m + round) >> shift;
    const size = abs<i32>(x);
    // The last entry is reached by saturation only, so that the load of its neighbour stays inside.
    const index = min<i32>(size >> fractionBits, 254);
    const below = load<u16>(table + ((<usize>index) << 1)) as i32;
    const above = load<u16>(table + ((<usize>index) << 1), 2) as i32;
    const inside = (below << fractionBits) + (size & ((1 << fractionBits) - 1)) * (above - below);
    let y: i32;
    if (tanh) {
      // tanh(v) = 2 logistic(2v) - 1, as Q0.23 with 2^23 = 1.
      const doubled = (size >> 8) >= 255 ? 0xffff << 8 : inside;
      y = (x >= 0 ? doubled - (1 << 23) + (1 << 7) : (1 << 23) - doubled + (1 << 7) - 1) >> 8;
    } else {
      const positive = (size >> 9) >= 255 ? 0x7fff << 10 : inside;
      y = (x >= 0 ? positive + (1 << 9) : (1 << 25) - positive + (1 << 9) - 1) >> 10;
    }
    store<i16>(dst + (i << 1), y as i16);
  }
}

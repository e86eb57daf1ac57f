import { clamp } from "../numerics/requantize.as";
import { load_bytes, multiply_even, multiply_odd } from "../isa/isa";

/**
 * averagePool2d_i8 (averagePool2d.as.ts), reduce family: 16 channels a vector, sums in halves. ic a multiple of 16,
 * windows of up to 255 pixels (|sum| <= 32 640). scratch, 16-aligned: i16 [2][8], the even and the odd channels' sums.
 */
export function averagePool2d_i8_reduce(
  src: usize, dst: usize, scratch: usize, batch: i32, ih: i32, iw: i32, ic: i32, oh: i32, ow: i32, oc: i32, kh: i32, kw: i32,
  sh: i32, sw: i32, dh: i32, dw: i32, top: i32, left: i32, lo: i32, hi: i32,
): void {
  const one = i8x16.splat(1);
  for (let n = 0; n < batch; n++) {
    for (let oy = 0; oy < oh; oy++)
      for (let ox = 0; ox < ow; ox++) {
        const y0 = max(0, oy * sh - top);
        const y1 = min(ih, oy * sh - top + kh);
        const x0 = max(0, ox * sw - left);
        const x1 = min(iw, ox * sw - left + kw);
        const count = max(1, max(0, y1 - y0) * max(0, x1 - x0));
        const half = count >> 1;
        for (let c = 0; c < ic; c += 16) {
          let even = i16x8.splat(0);
          let odd = i16x8.splat(0);
          for (let y = y0; y < y1; y++) {
            let from = src + (y * iw + x0) * ic + c;
            for (let x = x0; x < x1; x++) {
              const codes = load_bytes(from);
              even = i16x8.add(even, multiply_even(codes, one));
              odd = i16x8.add(odd, multiply_odd(codes, one));
              from += ic;
            }
          }
          v128.store(scratch, even);
          v128.store(scratch, odd, 16);
          for (let i = 0; i < 16; i++) {
            const sum = load<i16>(scratch + ((i >> 1) << 1) + ((i & 1) << 4)) as i32;
            store<i8>(dst++, clamp((sum > 0 ? sum + half : sum - half) / count, lo, hi) as i8);
          }
        }
      }
    src += ih * iw * ic;
  }
}

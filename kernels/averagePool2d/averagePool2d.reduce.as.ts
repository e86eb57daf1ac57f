import { average } from "./averagePool2d.as";

/** int8: average without vectors, whose widening loads and 32-bit products are many instructions of MVE. oc = ic and dh = dw = 1. */
export function averagePool2d_i8(
  src: usize, dst: usize, batch: i32, ih: i32, iw: i32, ic: i32, oh: i32, ow: i32, oc: i32, kh: i32, kw: i32,
  sh: i32, sw: i32, dh: i32, dw: i32, top: i32, left: i32, lo: i32, hi: i32,
): void {
  average<i8>(src, dst, batch, ih, iw, ic, oh, ow, kh, kw, sh, sw, top, left, lo, hi, false);
}

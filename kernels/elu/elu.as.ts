import { exp_scalar } from "../numerics/transcendental.as";

/** f32: src, or e^src - 1 below 0, elements [begin, end); dst may be src. */
export function elu_f32(src: usize, dst: usize, begin: i32, end: i32): void {
  for (let i = begin; i < end; i++) {
    const x = load<f32>(src + (i << 2));
    store<f32>(dst + (i << 2), x < 0 ? exp_scalar(x) - <f32>1 : x);
  }
}

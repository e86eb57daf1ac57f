import { exp_scalar } from "../numerics/transcendental.as";

/** f32, elements [begin, end); dst may be src. */
export function exp_f32(src: usize, dst: usize, begin: i32, end: i32): void {
  for (let i = begin; i < end; i++) store<f32>(dst + (i << 2), exp_scalar(load<f32>(src + (i << 2))));
}

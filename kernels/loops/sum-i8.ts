/** The int8 lowering of add and sub (TFLite: both operands to twice the larger scale, with 20 more bits). */
import { quantizedBounds } from "../activation.ts";
import { quantizeMultiplier } from "../numerics/requantize.ts";
import { i32, type LowerCall, type Lowered } from "../op.ts";
import { quantOf } from "../pack.ts";
import { lowerBinary } from "./broadcast.ts";
import { sequential } from "./sequential.ts";

const LEFT_SHIFT = 20;

export function lowerSumI8(
  kernel: string,
  call: Pick<LowerCall<never>, "inputs" | "outputs">,
  activation: string,
): Lowered {
  const [qa, qb, qz] = [quantOf(call.inputs[0]!), quantOf(call.inputs[1]!), quantOf(call.outputs[0]!)];
  const [sa, sb] = [qa.scale[0]!, qb.scale[0]!];
  const twiceMax = 2 * Math.max(sa, sb);
  const ma = quantizeMultiplier(sa / twiceMax);
  const mb = quantizeMultiplier(sb / twiceMax);
  const mz = quantizeMultiplier(twiceMax / (2 ** LEFT_SHIFT * qz.scale[0]!));
  const [lo, hi] = quantizedBounds(activation, qz);
  const operand = (zeroPoint: number, { m, shift }: typeof ma) => [i32(zeroPoint), i32(m), i32(shift)];
  return sequential(
    lowerBinary(kernel, call, [
      ...operand(qa.zeroPoint[0]!, ma),
      ...operand(qb.zeroPoint[0]!, mb),
      i32(mz.m),
      i32(mz.shift),
      i32(qz.zeroPoint[0]!),
      i32(lo),
      i32(hi),
    ]),
  );
}

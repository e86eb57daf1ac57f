/** int8 to int8 at another scale, clamped: relu, relu6 and quantize of an int8 tensor. */
import { quantizedBounds } from "../activation.ts";
import { quantizeMultiplier } from "../numerics/requantize.ts";
import { i32, type LowerCall, type Lowered, requires } from "../op.ts";
import { quantOf } from "../pack.ts";
import { lowerElementwise } from "./elementwise.ts";
import { sequential } from "./sequential.ts";

/** Arguments `src, dst, zpIn, m, shift, zpOut, lo, hi, n`. */
export function lowerRescaleI8(
  kernel: string,
  call: Pick<LowerCall<never>, "inputs" | "outputs">,
  activation: string,
): Lowered {
  const [qx, qy] = [quantOf(call.inputs[0]!), quantOf(call.outputs[0]!)];
  const { m, shift } = quantizeMultiplier(qx.scale[0]! / qy.scale[0]!);
  requires(shift <= 22, () => `${kernel}: scales ${qx.scale[0]} to ${qy.scale[0]}, expected a ratio below 2^22`);
  const [lo, hi] = quantizedBounds(activation, qy);
  return sequential(
    lowerElementwise(kernel, call, [
      i32(qx.zeroPoint[0]!),
      i32(m),
      i32(shift),
      i32(qy.zeroPoint[0]!),
      i32(lo),
      i32(hi),
    ]),
  );
}

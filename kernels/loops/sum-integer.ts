/** The int8 and int16 lowering of add and sub (TFLite: both operands to twice the larger scale, with more bits). */
import { quantizedBounds } from "../activation.ts";
import { quantizeMultiplier } from "../numerics/requantize.ts";
import { i32, type LowerCall, type Lowered, requires } from "../op.ts";
import { quantOf } from "../pack.ts";
import { lowerBinary } from "./broadcast.ts";
import { lowerLinear } from "./linear.ts";
import { sequential } from "./sequential.ts";

const LEFT_SHIFT = { i8: 20, i16: 15 } as const;

/** TFLite forms the effective scales of ADD in f64, those of SUB in f32. */
const ROUNDING = { add: (x: number): number => x, sub: Math.fround } as const;

export function lowerSumInteger(
  op: "add" | "sub",
  dtype: "i8" | "i16",
  call: Pick<LowerCall<never>, "inputs" | "outputs" | "family">,
  activation: string,
): Lowered {
  const [a, b, z] = [call.inputs[0]!, call.inputs[1]!, call.outputs[0]!];
  requires(a.dtype === b.dtype, () => `${op}: operands are ${a.dtype} and ${b.dtype}, expected one dtype`);
  const [qa, qb, qz] = [quantOf(a), quantOf(b), quantOf(z)];
  const round = ROUNDING[op];
  const [sa, sb] = [qa.scale[0]!, qb.scale[0]!];
  const twice = 2 * Math.max(sa, sb);
  const ma = quantizeMultiplier(round(sa / twice));
  const mb = quantizeMultiplier(round(sb / twice));
  const mz = quantizeMultiplier(round(twice / (2 ** LEFT_SHIFT[dtype] * qz.scale[0]!)));
  requires(
    mz.shift <= 0,
    () => `${op}: scales ${sa} and ${sb} to ${qz.scale[0]}, expected a ratio below 2^${LEFT_SHIFT[dtype] - 1}`,
  );
  const [lo, hi] = quantizedBounds(activation, qz, dtype);
  if (dtype === "i8") {
    const linear = lowerLinear(call, {
      sign: op === "add" ? 1 : -1,
      leftShift: LEFT_SHIFT.i8,
      a: { ...ma, zeroPoint: qa.zeroPoint[0]! },
      b: { ...mb, zeroPoint: qb.zeroPoint[0]! },
      out: { ...mz, zeroPoint: qz.zeroPoint[0]!, lo, hi },
      slopes: [sa / qz.scale[0]!, (op === "add" ? sb : -sb) / qz.scale[0]!],
    });
    if (linear) return linear;
  }
  const numbers = [
    ...[qa.zeroPoint[0]!, ma.m, ma.shift],
    ...[qb.zeroPoint[0]!, mb.m, mb.shift],
    ...[mz.m, mz.shift, qz.zeroPoint[0]!, lo, hi],
  ];
  const exact = sequential(lowerBinary(`${op}_${dtype}`, call, numbers.map(i32)));
  return { ...exact, requantize: "exact64" };
}

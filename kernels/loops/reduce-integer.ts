/** The int8 and int16 lowering of sum and mean (TFLite QuantizedMeanOrSum). */
import { type Multiplier, quantizeMultiplier } from "../numerics/requantize.ts";
import { elements, i32, type LowerCall, type Lowered, requires } from "../op.ts";
import { quantOf } from "../pack.ts";
import { lowerReduce, type ReduceAttrs, reduceCount, reducedAxes } from "./reduce.ts";

/** Arguments as lowerReduce, then `bias, m, shift, zpOut, n`. */
export function lowerReduceInteger(op: "sum" | "mean", { inputs, outputs, attrs }: LowerCall<ReduceAttrs>): Lowered {
  const [x, out] = [inputs[0]!, outputs[0]!];
  const [qx, qy] = [quantOf(x), quantOf(out)];
  const count = reduceCount(x, out);
  const ratio = quantizeMultiplier(qx.scale[0]! / qy.scale[0]!);
  const { m, shift } = op === "mean" ? divided(ratio, count) : ratio;
  const zeroPoint = qx.zeroPoint[0]!;
  const [least, most] = x.dtype === "i16" ? [-32768, 32767] : [-128, 127];
  const span = Math.max(most - zeroPoint, zeroPoint - least);
  requires(
    span * count * 2 ** Math.max(0, shift) < 2 ** 31,
    () =>
      `${op}: ${count} values at scale ${qx.scale[0]} for output scale ${qy.scale[0]}, expected a sum that fits 32 bits`,
  );
  const more = [i32(count * zeroPoint), i32(m), i32(shift), i32(qy.zeroPoint[0]!), i32(elements(out.shape))];
  return lowerReduce(`${op}_${x.dtype}`, x, out, reducedAxes(op, x.shape.length, attrs.axes), more, false);
}

/** With 2^k <= count < 2^(k+1) the multiplier becomes m * 2^k / count, truncated, and the shift less k. */
function divided({ m, shift }: Multiplier, count: number): Multiplier {
  const k = Math.min(31 - Math.clz32(count), 31 + shift);
  return { m: Number((BigInt(m) << BigInt(k)) / BigInt(count)), shift: shift - k };
}

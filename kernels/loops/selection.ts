/** The lowering of maximum and minimum: of values where scales agree, of codes at the output's scale where they do not. */
import { saturate } from "../codes.ts";
import { roundHalfAway } from "../numerics/requantize.ts";
import { type LowerCall, type Lowered, ptr, requires } from "../op.ts";
import { quantOf } from "../pack.ts";
import { lowerBinary } from "./broadcast.ts";
import { byDtype } from "./by-dtype.ts";
import { sameQuant } from "./carry.ts";
import { sequential } from "./sequential.ts";

type Types = Pick<LowerCall<never>, "inputs" | "outputs">;

export function lowerSelection(op: string, call: Types): Lowered {
  const [a, b] = call.inputs;
  requires(a!.dtype === b!.dtype, () => `${op}: operands are ${a!.dtype} and ${b!.dtype}, expected one dtype`);
  const alike = [b!, call.outputs[0]!].every((t) => sameQuant(a!.quant, t.quant));
  const values = (): Lowered => lowerBinary(`${op}_${a!.dtype}`, call, []);
  const int16 = (): Lowered => {
    requires(alike, () => `${op}: int16 operands and output have several scales, expected one (requantize them)`);
    return values();
  };
  return byDtype(op, a!.dtype, {
    f32: values,
    i32: values,
    i16: int16,
    i8: () => (alike ? values() : lowerRescaled(op, call)),
  });
}

function lowerRescaled(op: string, call: Types): Lowered {
  const qz = quantOf(call.outputs[0]!);
  const codes = call.inputs.map((t, i) => {
    const { scale, zeroPoint } = quantOf(t);
    const code = (q: number): number =>
      saturate(roundHalfAway((scale[0]! * (q - zeroPoint[0]!)) / qz.scale[0]!) + qz.zeroPoint[0]!, "i8");
    return {
      name: i === 0 ? "codesA" : "codesB",
      data: Int8Array.from({ length: 256 }, (_, q) => code((q << 24) >> 24)),
    };
  });
  const lowered = sequential(lowerBinary(`${op}_i8_rescaled`, call, []));
  const first = lowered.consts?.length ?? 0;
  const args = [...lowered.args.slice(0, -1), ptr.const(first), ptr.const(first + 1), ...lowered.args.slice(-1)];
  return { ...lowered, args, consts: [...(lowered.consts ?? []), ...codes] };
}

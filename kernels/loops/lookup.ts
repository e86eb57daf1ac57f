/** Operators from one 8-bit code to another: 256 values, computed by the compiler as the reference computes each. */
import { saturate } from "../codes.ts";
import { roundHalfAway } from "../numerics/requantize.ts";
import { type LowerCall, type Lowered, ptr } from "../op.ts";
import { quantOf } from "../pack.ts";
import { lowerElementwise } from "./elementwise.ts";
import { sequential } from "./sequential.ts";

/** `code` gives the output code of an input code, before saturation. i8 or u8 on either side. */
export function lowerLookup(call: Pick<LowerCall<never>, "inputs" | "outputs">, code: (q: number) => number): Lowered {
  const [from, to] = [call.inputs[0]!.dtype, call.outputs[0]!.dtype];
  const table = Uint8Array.from({ length: 256 }, (_, bits) =>
    saturate(code(from === "u8" ? bits : (bits << 24) >> 24), to),
  );
  const lowered = lowerElementwise("lookup_i8", call, [ptr.const(0)]);
  return {
    ...sequential(lowered),
    file: "../loops/lookup",
    consts: [{ name: "table", data: table }],
    alias: [[0, 0]],
  };
}

/** The table of a real function: codes are read as reals, rounded half away from zero; NaN is the zero point. */
export function lowerRealLookup(call: Pick<LowerCall<never>, "inputs" | "outputs">, f: (x: number) => number): Lowered {
  const [qx, qy] = [quantOf(call.inputs[0]!), quantOf(call.outputs[0]!)];
  return lowerLookup(call, (q) => {
    const y = f(qx.scale[0]! * (q - qx.zeroPoint[0]!)) / qy.scale[0]!;
    return (Number.isNaN(y) ? 0 : roundHalfAway(y)) + qy.zeroPoint[0]!;
  });
}

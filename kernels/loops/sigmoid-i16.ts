/** The int16 lowering of logistic and tanh. */
import { i32, type LowerCall, type Lowered, ptr, requires } from "../op.ts";
import { quantOf } from "../pack.ts";
import { lowerElementwise } from "./elementwise.ts";
import { sequential } from "./sequential.ts";

/** Where TFLite's table of the logistic function is one above the nearest Q0.16 value. */
const ONE_ABOVE: ReadonlySet<number> = new Set([
  4, 8, 12, 14, 15, 16, 17, 19, 20, 21, 22, 25, 27, 28, 29, 30, 31, 33, 34, 35, 37, 39, 40, 41, 43, 44, 45, 46, 49, 50,
  54, 62, 63, 64, 66, 82, 86, 93, 100, 103, 112, 116, 135, 255,
]);

/** 1 / (1 + e^(-k / 24)) as Q0.16 (TFLite sigmoid_table_uint16). */
export const sigmoidTable = (): Uint16Array =>
  Uint16Array.from({ length: 256 }, (_, k) => Math.round(65536 / (1 + Math.exp(-k / 24))) + (ONE_ABOVE.has(k) ? 1 : 0));

/** Arguments `src, dst, table, m, shift, n`. `powers`: left shifts for which a power-of-two input scale is taken as it is. */
export function lowerSigmoidI16(
  op: "logistic" | "tanh",
  call: Pick<LowerCall<never>, "inputs" | "outputs">,
  powers: readonly number[],
): Lowered {
  const [qx, qy] = [quantOf(call.inputs[0]!), quantOf(call.outputs[0]!)];
  requires(
    qx.zeroPoint[0] === 0 && qy.zeroPoint[0] === 0 && nearestPower(qy.scale[0]!) === -15,
    () =>
      `${op}: int16 zero points ${qx.zeroPoint[0]} and ${qy.zeroPoint[0]}, output scale ${qy.scale[0]}, expected 0, 0 and 1/32768`,
  );
  const { m, shift } = inputMultiplier(qx.scale[0]!, powers);
  requires(m < 2 ** 15, () => `${op}: int16 input scale is ${qx.scale[0]}, expected at most 2.66`);
  const lowered = sequential(lowerElementwise(`${op}_i16`, call, [ptr.const(0), i32(m), i32(shift)]));
  return { ...lowered, consts: [{ name: "sigmoid", data: new Int16Array(sigmoidTable().buffer) }] };
}

/** From the input scale to steps of 1 / (3 * 4096), which puts +-10.7 at +-2^17. */
function inputMultiplier(scale: number, powers: readonly number[]): { readonly m: number; readonly shift: number } {
  const power = nearestPower(scale);
  if (power !== undefined && powers.includes(12 + power)) return { m: 3 * 2 ** (12 + power), shift: 0 };
  let m = scale * 4096 * 3;
  let shift = 0;
  for (; m <= 32767 / 2 && shift <= 30; shift++) m *= 2;
  return { m: Math.trunc(m), shift };
}

/** log2 of a scale within 0.1 % of a power of two, in f32 as TFLite's CheckedLog2. */
function nearestPower(scale: number): number | undefined {
  const log = Math.fround(Math.fround(Math.log(scale)) * Math.fround(1 / Math.fround(Math.log(2))));
  const whole = Math.round(log);
  return Math.abs(log - whole) < 1e-3 ? whole : undefined;
}

/** int8 add and sub in 32 bits, `saturate((a * ma + b * mb + r) >> 22)`, wherever that is proved equal to TFLite's form. */
import { type Linear, provedLinear } from "../numerics/linear.ts";
import { smallestSum } from "../numerics/prove.ts";
import { type Multiplier, multiplyByQuantizedMultiplier } from "../numerics/requantize.ts";
import { elements, type Family, i32, type LowerCall, type Lowered } from "../op.ts";
import { lowerBinary } from "./broadcast.ts";
import { sequential } from "./sequential.ts";

/** Fraction bits of the kernels (loops/linear.as.ts): slopes up to 2 in sum leave the sum 32 bits. */
const SHIFT = 22;

/** Everything that the exact form of `a + sign * b` depends on. */
export interface SumForm {
  readonly sign: 1 | -1;
  readonly leftShift: number;
  readonly a: Multiplier & { readonly zeroPoint: number };
  readonly b: Multiplier & { readonly zeroPoint: number };
  readonly out: Multiplier & { readonly zeroPoint: number; readonly lo: number; readonly hi: number };
  /** Output codes that a code of each operand is worth. */
  readonly slopes: readonly [number, number];
}

/** The code of every pair, `[(a + 128) * 256 + b + 128]`. */
function exactCodes({ sign, leftShift, a, b, out }: SumForm): Int8Array {
  const scaled = (t: SumForm["a"], by: number): Int32Array =>
    Int32Array.from(
      { length: 256 },
      (_, i) => by * multiplyByQuantizedMultiplier((i - 128 - t.zeroPoint) * 2 ** leftShift, t),
    );
  const [x, y] = [scaled(a, 1), scaled(b, sign)];
  const steps = Float64Array.from({ length: out.hi - out.lo }, (_, k) =>
    smallestSum(out, out.lo + 1 + k - out.zeroPoint),
  );
  const codes = new Int8Array(65536);
  x.forEach((u, i) => {
    // Along a row the sum is monotone, so the code moves from its neighbour's.
    let k = 0;
    y.forEach((v, j) => {
      const sum = u + v;
      while (k < steps.length && steps[k]! <= sum) k++;
      while (k > 0 && steps[k - 1]! > sum) k--;
      codes[i * 256 + j] = out.lo + k;
    });
  });
  return codes;
}

/** Proofs of this process by what they depend on: plans are made several times. */
const proved = new Map<string, Linear | undefined>();
const KEPT = 256;

function linearOf(form: SumForm, range: readonly [number, number]): Linear | undefined {
  const key = JSON.stringify([form, range]);
  if (proved.has(key)) return proved.get(key);
  if (proved.size >= KEPT) proved.clear();
  const linear = form.out.m === 0 ? undefined : provedLinear(exactCodes(form), form.slopes, SHIFT, range);
  proved.set(key, linear);
  return linear;
}

/** Kernel files of operands of one shape; `clamps`: one kernel serves all bounds. */
const FILES = {
  scalar: { saturated: "linear", clamped: "linear", clamps: false },
  pair: { saturated: "linear.pair", clamped: "linear", clamps: false },
  reduce: { saturated: "", clamped: "linear.reduce", clamps: true },
  pairdot: { saturated: "", clamped: "linear.simd", clamps: true },
  dot4: { saturated: "", clamped: "linear.simd", clamps: true },
} as const satisfies Record<Family, object>;

/** The linear lowering of a sum; undefined where no constants are proved and the exact form is needed. */
export function lowerLinear(
  call: Pick<LowerCall<never>, "inputs" | "outputs" | "family">,
  form: SumForm,
): Lowered | undefined {
  const { lo, hi } = form.out;
  const linear = linearOf(form, [lo, hi]);
  if (!linear) return undefined;
  const constants = [linear.ma, linear.mb, linear.r].map(i32);
  const binary = lowerBinary("linear_i8_rows", call, constants);
  const n = elements(call.outputs[0]!.shape);
  if (call.inputs.some((t) => elements(t.shape) !== n))
    return {
      ...sequential({ ...binary, args: [...binary.args, i32(lo), i32(hi)] }),
      file: "../loops/linear-rows",
      requantize: "saturating",
    };
  const own = FILES[call.family];
  // Where a core saturates in one instruction, bounds of int8 itself need no others.
  const clamps = own.clamps || lo > -128 || hi < 127;
  const { consts: _strides, ...same } = binary;
  return {
    ...sequential({
      ...same,
      kernel: clamps ? "linear_i8_clamped" : "linear_i8",
      args: [...binary.args.slice(0, 3), ...constants, ...(clamps ? [i32(lo), i32(hi)] : [])],
    }),
    file: `../loops/${clamps ? own.clamped : own.saturated}`,
    requantize: "saturating",
  };
}

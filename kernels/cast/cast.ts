import { codeRange, saturate } from "../codes.ts";
import { lowerElementwise } from "../loops/elementwise.ts";
import { sequential } from "../loops/sequential.ts";
import {
  DTYPE_BYTES,
  type DType,
  defineOp,
  type LowerCall,
  type Lowered,
  type Op,
  requires,
  type Tensor,
} from "../op.ts";

type Attrs = { dtype: string };

const DTYPES = ["f32", "i8", "u8", "i16", "i32"] as const satisfies readonly DType[];

/**
 * The same numbers in another dtype, quantization ignored: floats are truncated to i32, saturating, and integers wrap to
 * narrower ones. From f32, i8, u8, i16, i32 or bool to any of these but bool.
 */
export const cast: Op<[x: Tensor], Attrs> = defineOp({
  name: "cast",
  attrs: { dtype: "f32" },
  infer: ([x], { dtype }) => {
    const [from, to] = [numeric(x!.dtype), DTYPES.find((d) => d === dtype)];
    requires(
      from !== undefined && to !== undefined,
      () => `cast: from ${x!.dtype} to ${dtype}, expected from bool or to and from ${DTYPES.join(", ")}`,
    );
    return [{ dtype: to, shape: x!.shape }];
  },
  reference: ([x], _attrs, [out]) => [x!.data.map((v) => converted(v, out!.dtype))],
  gradient: ({ inputs: [x], outputs: [y], outGrads: [dy] }) => [
    x!.dtype === "f32" && y!.dtype === "f32" ? dy : undefined,
  ],
  quantize: { unsupported: "cast changes dtypes; int8 has no form of it" },
  macs: () => 0,
  kernels: { wasm: [...DTYPES, "bool"], cpu: [] },
  lower: (call) => lowerCast(call),
  samples: (["f32", "i8", "u8", "i16", "i32", "bool"] as const).flatMap((from) =>
    DTYPES.map((dtype) => ({
      inputs: [[2, 17]],
      dtypes: [from],
      attrs: { dtype },
      range: from === "bool" ? [0, 1] : from === "i8" ? [-128, 127] : from === "u8" ? [0, 255] : [-300, 300],
    })),
  ),
});

/** bool is kept as bytes of 0 and 1. */
const numeric = (dtype: DType): DType | undefined => (dtype === "bool" ? "u8" : DTYPES.find((d) => d === dtype));

function converted(x: number, dtype: DType): number {
  if (dtype === "f32") return x;
  const whole = Number.isNaN(x) ? 0 : saturate(Math.trunc(x), "i32");
  const [lo, hi] = codeRange(dtype);
  const span = hi - lo + 1;
  return ((((whole - lo) % span) + span) % span) + lo;
}

function lowerCast(call: Pick<LowerCall<never>, "inputs" | "outputs">): Lowered {
  const [from, to] = [numeric(call.inputs[0]!.dtype)!, call.outputs[0]!.dtype];
  if (from === to) return { kernel: null, args: [] };
  const lowered = sequential(lowerElementwise(`cast_${from}_${to}`, call));
  return { ...lowered, alias: DTYPE_BYTES[to] <= DTYPE_BYTES[from] ? [[0, 0]] : [] };
}

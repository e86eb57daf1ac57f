import { lowerElementwise } from "../loops/elementwise.ts";
import { sequential } from "../loops/sequential.ts";
import { type DType, defineOp, f32, i32, type Op, requires, type Tensor } from "../op.ts";

type Attrs = { scale: number; zeroPoint: number };

const DTYPES: readonly DType[] = ["i8", "u8", "i16"];

/** Codes (i8, u8, i16) to f32: `scale * (q - zeroPoint)`. The attributes repeat the quantization of the input's type. */
export const dequantize: Op<[x: Tensor], Attrs> = defineOp({
  name: "dequantize",
  attrs: { scale: 1, zeroPoint: 0 },
  infer: ([x]) => {
    requires(
      DTYPES.some((d) => d === x!.dtype),
      () => `dequantize: input is ${x!.dtype}, expected ${DTYPES.join(", ")}`,
    );
    return [{ dtype: "f32", shape: x!.shape }];
  },
  // One f32 rounding, as the kernel has.
  reference: ([x], { scale, zeroPoint }) => [x!.data.map((q) => Math.fround(Math.fround(scale) * (q - zeroPoint)))],
  quantize: { unsupported: "dequantize makes f32 tensors" },
  macs: () => 0,
  kernels: { wasm: DTYPES, cpu: [] },
  lower: (call) =>
    sequential(
      lowerElementwise(`dequantize_${call.inputs[0]!.dtype}`, call, [f32(call.attrs.scale), i32(call.attrs.zeroPoint)]),
    ),
  samples: [
    { inputs: [[1]], dtypes: ["i8"], range: [-128, 127] },
    { inputs: [[3, 17]], dtypes: ["i8"], range: [-128, 127], attrs: { scale: 0.05, zeroPoint: -3 } },
  ],
});

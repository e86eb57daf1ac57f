import { lowerElementwise } from "../loops/elementwise.ts";
import { sequential } from "../loops/sequential.ts";
import { defineOp, f32, i32, type Op, requires, type Tensor } from "../op.ts";

type Attrs = { scale: number; zeroPoint: number };

/** int8 to f32: `scale * (q - zeroPoint)`. The attributes repeat the quantization of the input's type. */
export const dequantize: Op<[x: Tensor], Attrs> = defineOp({
  name: "dequantize",
  attrs: { scale: 1, zeroPoint: 0 },
  infer: ([x]) => {
    requires(x!.dtype === "i8", () => `dequantize: input is ${x!.dtype}, expected i8`);
    return [{ dtype: "f32", shape: x!.shape }];
  },
  // One f32 rounding, as the kernel has.
  reference: ([x], { scale, zeroPoint }) => [x!.data.map((q) => Math.fround(Math.fround(scale) * (q - zeroPoint)))],
  quantize: { unsupported: "dequantize makes f32 tensors" },
  macs: () => 0,
  kernels: { wasm: ["i8"], cpu: [] },
  lower: (call) =>
    sequential(lowerElementwise("dequantize_i8", call, [f32(call.attrs.scale), i32(call.attrs.zeroPoint)])),
  samples: [
    { inputs: [[1]], dtypes: ["i8"], range: [-128, 127] },
    { inputs: [[3, 17]], dtypes: ["i8"], range: [-128, 127], attrs: { scale: 0.05, zeroPoint: -3 } },
  ],
});

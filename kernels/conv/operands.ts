/** Which dtypes convolutions and dense take together: activations, weights, bias. */
import { type DType, requires, showType, type TensorType } from "../op.ts";

/** `i4` weights are packed two a byte; f32 with int8 weights dequantizes them on the fly (hybrid). */
export const OPERANDS: readonly (readonly [x: DType, w: DType, bias: readonly DType[]])[] = [
  ["f32", "f32", ["f32"]],
  ["f32", "i8", ["f32"]],
  ["i8", "i8", ["i32"]],
  ["i8", "i4", ["i32"]],
  ["i16", "i8", ["i32", "i64"]],
];

/** Throws in an operator's `infer` where no kernel takes these operands. */
export function requireOperands(op: string, x: TensorType, w: TensorType, bias: TensorType | undefined): void {
  const row = OPERANDS.find(([a, b]) => a === x.dtype && b === w.dtype);
  requires(
    row !== undefined,
    () =>
      `${op}: ${showType(x)} with weights ${showType(w)}, expected one of ${OPERANDS.map(([a, b]) => `${a} with ${b}`).join(", ")}`,
  );
  requires(
    !bias || row[2].includes(bias.dtype),
    () => `${op}: bias is ${showType(bias!)}, expected ${row[2].join(" or ")} with ${x.dtype} activations`,
  );
}

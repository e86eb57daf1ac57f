/** The leaves of a graph: inputs, parameters, state and constants. */
import {
  type AttrValue,
  type DType,
  elements,
  Node,
  type Quant,
  Tensor,
  type TensorType,
  type TypedArray,
} from "../../kernels/op.ts";
import { PithError } from "../error.ts";

/** A graph input; `shape` includes the batch dimension. `meta` (unit, …) goes into the manifest. */
export const inputLeaf = (name: string, type: TensorType, meta: Readonly<Record<string, AttrValue>> = {}): Tensor =>
  new Tensor(new Node({ op: "input", types: [type], name, attrs: meta }));

export type Init = "zeros" | "ones" | "heNormal" | "glorotUniform";

/** A trainable value. Its initial value is keyed by (seed, name), unless `data` gives it. */
export const param = (
  name: string,
  shape: readonly number[],
  options: { init?: Init; fanIn?: number; fanOut?: number; data?: TypedArray } = {},
): Tensor => stored("param", name, shape, options);

/** A value kept between calls that no gradient reaches: statistics, optimizer slots, streams, monitors. */
export const state = (
  name: string,
  shape: readonly number[],
  options: { init?: Init; dtype?: DType; data?: TypedArray; quant?: Quant } = {},
): Tensor => stored("state", name, shape, options);

function stored(
  op: "param" | "state",
  name: string,
  shape: readonly number[],
  options: { init?: Init; fanIn?: number; fanOut?: number; data?: TypedArray; dtype?: DType; quant?: Quant },
): Tensor {
  const { init = "zeros", fanIn, fanOut, data, dtype = "f32", quant } = options;
  const attrs: Record<string, AttrValue> = { init };
  if (fanIn !== undefined) attrs["fanIn"] = fanIn;
  if (fanOut !== undefined) attrs["fanOut"] = fanOut;
  if (data) checkLength(`${op} "${name}"`, data, shape);
  return new Tensor(new Node({ op, types: [quant ? { dtype, shape, quant } : { dtype, shape }], name, attrs, data }));
}

/** A constant; the dtype follows the array. */
export function constant(
  data: TypedArray,
  shape: readonly number[],
  options: { name?: string; quant?: Quant; dtype?: DType } = {},
): Tensor {
  checkLength(`constant "${options.name ?? ""}"`, data, shape);
  const dtype = options.dtype ?? dtypeOf(data);
  const type: TensorType = options.quant ? { dtype, shape, quant: options.quant } : { dtype, shape };
  return new Tensor(new Node({ op: "const", types: [type], name: options.name ?? "", data }));
}

function checkLength(where: string, data: TypedArray, shape: readonly number[]): void {
  if (data.length !== elements(shape))
    throw new PithError(
      "shape",
      `${where}: ${data.length} values, expected ${elements(shape)} for [${shape.join(",")}]`,
    );
}

export function dtypeOf(data: TypedArray): DType {
  if (data instanceof Float32Array) return "f32";
  if (data instanceof Int8Array) return "i8";
  if (data instanceof Int16Array) return "i16";
  if (data instanceof Int32Array) return "i32";
  if (data instanceof Uint8Array) return "u8";
  if (data instanceof BigInt64Array) return "i64";
  throw new PithError(
    "shape",
    `constant: ${data.constructor.name}, expected a Float32Array, Int8Array, Int16Array, Int32Array, Uint8Array or BigInt64Array`,
  );
}

/**
 * The input rules of `pith run`: arrays are [N, ...shape] with the model's shape, batch 1 included, or without a
 * batch dimension of 1; f32 for an int8 input is quantized, any other difference of dtype is an error.
 */
import type { TypedArray } from "../../kernels/op.ts";
import { type NpyArray, type NpyDType, readNpy, writeNpy } from "../../sdk/data/npy.ts";
import { PithError } from "../../sdk/error.ts";
import type { Manifest, ManifestPort } from "../../sdk/runtime/manifest.ts";
import { dequantizeValues, quantizeValues } from "../../sdk/runtime/quantize-values.ts";
import { readInput } from "./load-model.ts";

export interface RunInputs {
  /** Number of inferences. */
  readonly count: number;
  /** Inputs of inference i by name, in the model's dtypes. */
  at(index: number): Record<string, TypedArray>;
  /** Inputs that were f32 and are quantized. */
  readonly quantized: readonly string[];
}

const product = (shape: readonly number[]): number => shape.reduce((n, d) => n * d, 1);
const show = (shape: readonly (number | string)[]): string => `[${shape.join(",")}]`;

export function readRunInputs(manifest: Manifest, paths: readonly string[]): RunInputs {
  const { inputs } = manifest;
  if (paths.length !== inputs.length)
    throw new PithError(
      "usage",
      `pith run: ${paths.length} --input, expected ${inputs.length}, one for each of ${inputs.map((p) => `${p.name} ${p.dtype}${show(p.shape)}`).join(", ")} in that order`,
    );
  const arrays = inputs.map((port, i) => readOne(port, paths[i]!));
  const count = arrays[0]?.count ?? 0;
  arrays.forEach((a, i) => {
    if (a.count !== count)
      throw new PithError("shape", `${paths[i]}: ${a.count} inferences, expected ${count} as in ${paths[0]}`);
  });
  return {
    count,
    quantized: arrays.flatMap((a, i) => (a.quantized ? [inputs[i]!.name] : [])),
    at: (index) =>
      Object.fromEntries(
        arrays.map((a, i) => [inputs[i]!.name, a.data.subarray(index * a.each, (index + 1) * a.each)]),
      ),
  };
}

function readOne(
  port: ManifestPort,
  path: string,
): { count: number; each: number; data: TypedArray; quantized: boolean } {
  const array = readNpy(readInput(path, "a .npy array"), path);
  const sameTail = (tail: readonly number[]): boolean =>
    array.shape.length === tail.length + 1 && tail.every((d, i) => array.shape[i + 1] === d);
  const shapes = port.shape[0] === 1 ? [port.shape, port.shape.slice(1)] : [port.shape];
  if (!shapes.some(sameTail))
    throw new PithError(
      "shape",
      `${path}: shape ${show(array.shape)}, expected ${shapes.map((s) => show(["N", ...s])).join(" or ")} for input "${port.name}"`,
    );
  const count = array.shape[0]!;
  const each = product(port.shape);
  const { dtype, data } = array;
  if (dtype === port.dtype) return { count, each, data: data as TypedArray, quantized: false };
  if (dtype === "f32" && port.dtype === "i8" && port.quant && data instanceof Float32Array) {
    const codes = new Int8Array(data.length);
    for (let i = 0; i < count; i++)
      codes.set(quantizeValues(data.subarray(i * each, (i + 1) * each), port.shape, port.quant), i * each);
    return { count, each, data: codes, quantized: true };
  }
  const accepted = port.dtype === "i8" && port.quant ? "i8 or f32" : port.dtype;
  throw new PithError(
    "shape",
    `${path}: dtype ${dtype}, expected ${accepted} for input "${port.name}"${dtype === "f64" ? " (convert with x.astype(numpy.float32))" : ""}`,
  );
}

/** Outputs of all inferences of one port as a .npy file, [N, ...shape]. */
export function encodeOutputs(
  port: Pick<ManifestPort, "name" | "dtype" | "shape" | "quant">,
  values: readonly TypedArray[],
  dequantize: boolean,
): Uint8Array {
  const each = product(port.shape);
  const shape = [values.length, ...port.shape];
  if (dequantize && port.quant && port.dtype !== "f32") {
    const { quant } = port;
    const data = new Float32Array(values.length * each);
    values.forEach((v, i) => {
      if (v instanceof BigInt64Array)
        throw new PithError("unsupported", `output "${port.name}": i64 cannot be dequantized`);
      data.set(dequantizeValues(v, port.shape, quant), i * each);
    });
    return writeNpy({ dtype: "f32", shape, data });
  }
  const dtype: NpyDType = port.dtype === "i4" ? "i8" : port.dtype;
  const bytes = values[0]?.BYTES_PER_ELEMENT ?? 1;
  const all = new Uint8Array(values.length * each * bytes);
  values.forEach((v, i) => void all.set(new Uint8Array(v.buffer, v.byteOffset, v.byteLength), i * each * bytes));
  const array: NpyArray = { dtype, shape, data: all };
  return writeNpy(array);
}

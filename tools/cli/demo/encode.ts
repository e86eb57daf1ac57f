/** Samples as the codes that a compiled model takes. */
import type { TypedArray } from "../../../kernels/op.ts";
import type { Sample } from "../../../sdk/data/dataset.ts";
import { PithError } from "../../../sdk/error.ts";
import type { Manifest } from "../../../sdk/runtime/manifest.ts";
import { quantizeValues } from "../../../sdk/runtime/quantize-values.ts";

export function encodeSample(manifest: Manifest, { inputs }: Sample): Record<string, TypedArray> {
  return Object.fromEntries(
    manifest.inputs.map((port): [string, TypedArray] => {
      const values = inputs[port.name];
      if (!values || values instanceof BigInt64Array)
        throw new PithError("data", `demo: no input "${port.name}" in the data`);
      return [
        port.name,
        port.dtype === "i8" && port.quant && !(values instanceof Int8Array)
          ? quantizeValues(values, port.shape, port.quant)
          : values,
      ];
    }),
  );
}

export const sameOutputs = (
  a: Readonly<Record<string, TypedArray>>,
  b: Readonly<Record<string, TypedArray>>,
): boolean =>
  Object.entries(a).every(([name, values]) => {
    const other = b[name];
    return (
      other !== undefined &&
      other.length === values.length &&
      values.every((v: number | bigint, i: number) => v === other[i])
    );
  });

/** Inputs and outputs of a model as devices take them: the bytes of all ports in order. */
import type { TypedArray } from "../../kernels/op.ts";
import { PithError } from "../../sdk/error.ts";
import type { Manifest } from "../../sdk/runtime/manifest.ts";
import { splitPorts } from "../../sdk/runtime/ports.ts";

export function joinInputs(manifest: Manifest, inputs: Readonly<Record<string, TypedArray>>): Uint8Array {
  return Uint8Array.from(Buffer.concat(inputBytes(manifest, inputs)));
}

export function inputBytes(manifest: Manifest, inputs: Readonly<Record<string, TypedArray>>): Uint8Array[] {
  return manifest.inputs.map(({ name, bytes }) => {
    const value = inputs[name];
    if (value?.byteLength !== bytes)
      throw new PithError("shape", `input "${name}": ${value?.byteLength ?? "no"} bytes, expected ${bytes}`);
    return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  });
}

export const splitOutputs = (manifest: Manifest, all: Uint8Array): Record<string, TypedArray> =>
  splitPorts(manifest.outputs, all);

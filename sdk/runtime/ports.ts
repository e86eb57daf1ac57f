/** Inputs or outputs as one byte string, in port order: the form of the device, the self-test and the host runner. */
import type { TypedArray } from "../../kernels/op.ts";
import type { ManifestPort } from "./manifest.ts";
import { viewAs } from "./module.ts";

export function splitPorts(ports: readonly ManifestPort[], bytes: Uint8Array): Record<string, TypedArray> {
  let at = 0;
  const out: Record<string, TypedArray> = {};
  for (const port of ports) {
    out[port.name] = viewAs(port.dtype, bytes.slice(at, at + port.bytes));
    at += port.bytes;
  }
  return out;
}

export function joinPorts(ports: readonly ManifestPort[], values: Readonly<Record<string, TypedArray>>): Uint8Array {
  const out = new Uint8Array(ports.reduce((n, p) => n + p.bytes, 0));
  let at = 0;
  for (const { name, bytes } of ports) {
    const { buffer, byteOffset, byteLength } = values[name]!;
    out.set(new Uint8Array(buffer, byteOffset, byteLength), at);
    at += bytes;
  }
  return out;
}

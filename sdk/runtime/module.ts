/** Loads and runs a compiled module: Node, a worker or a browser; no `node:` import. */
import type { DType, Quant, TypedArray } from "../../kernels/op.ts";
import { PithError } from "../error.ts";
import { MANIFEST_SECTION, MANIFEST_VERSION, type Manifest, type ManifestPort } from "./manifest.ts";
import { quantizeValues } from "./quantize-values.ts";

type Values = TypedArray | readonly number[];

export interface CompiledModel {
  readonly manifest: Manifest;
  /** Raw codes in, raw codes out; copies. `inputs` must have each input's dtype and length. */
  infer(inputs: Readonly<Record<string, TypedArray>>): Record<string, TypedArray>;
  /** As infer, but f32 values for an int8 input are quantized first. */
  predict(inputs: Readonly<Record<string, Values>>): Record<string, TypedArray>;
  /** As infer, with the output of every step right after it ran. */
  steps(inputs: Readonly<Record<string, TypedArray>>): {
    readonly outputs: Record<string, TypedArray>;
    readonly steps: readonly Uint8Array[];
  };
  /** Resets state and monitors. */
  reset(): void;
  resetMonitors(): void;
  /** A copy of the monitors region as u32 counters. */
  monitors(): Uint32Array;
  /** A copy of the whole state, monitors included. */
  state(): Uint8Array;
}

export async function loadModule(bytes: Uint8Array): Promise<CompiledModel> {
  const module = await compileModule(bytes);
  return bind(await WebAssembly.instantiate(module, {}), readManifest(module));
}

async function compileModule(bytes: Uint8Array): Promise<WebAssembly.Module> {
  try {
    return await WebAssembly.compile(Uint8Array.from(bytes));
  } catch (error) {
    throw new PithError(
      "file-format",
      `module: ${error instanceof Error ? error.message : String(error)}, expected a WebAssembly module made by pith compile`,
    );
  }
}

function readManifest(module: WebAssembly.Module): Manifest {
  const [section] = WebAssembly.Module.customSections(module, MANIFEST_SECTION);
  if (!section)
    throw new PithError(
      "file-format",
      `module: no ${MANIFEST_SECTION} section, expected a module made by pith compile`,
    );
  const manifest = JSON.parse(new TextDecoder().decode(section)) as Manifest;
  if (manifest.version !== MANIFEST_VERSION)
    throw new PithError(
      "file-format",
      `module: manifest version ${manifest.version}, expected ${MANIFEST_VERSION} (compile it again with this pith)`,
    );
  return manifest;
}

function bind(instance: WebAssembly.Instance, manifest: Manifest): CompiledModel {
  const memory = instance.exports["memory"];
  if (!(memory instanceof WebAssembly.Memory))
    throw new PithError("file-format", "module: exports no memory, expected one");
  const call = (suffix: string, ...args: number[]): void => {
    const f = instance.exports[`${manifest.name}_${suffix}`];
    if (typeof f !== "function")
      throw new PithError("file-format", `module: no export ${manifest.name}_${suffix}, expected ABI version 1`);
    const status: unknown = f(...args);
    if (status !== 0)
      throw new PithError("internal", `${manifest.name}_${suffix}: status ${String(status)}, expected 0`);
  };
  const { arena, state } = manifest.memory;
  const region = (base: number, offset: number, bytes: number): Uint8Array =>
    new Uint8Array(memory.buffer, base + offset, bytes).slice();
  const write = (inputs: Readonly<Record<string, TypedArray>>): void => {
    for (const port of manifest.inputs) {
      const value = inputs[port.name];
      checkInput(manifest, port, value);
      new Uint8Array(memory.buffer, arena.base + port.offset, port.bytes).set(
        new Uint8Array(value.buffer, value.byteOffset, value.byteLength),
      );
    }
  };
  const read = (): Record<string, TypedArray> =>
    Object.fromEntries(manifest.outputs.map((p) => [p.name, viewAs(p.dtype, region(arena.base, p.offset, p.bytes))]));
  const infer = (inputs: Readonly<Record<string, TypedArray>>): Record<string, TypedArray> => {
    write(inputs);
    call("infer");
    return read();
  };
  call("init");
  return {
    manifest,
    infer,
    predict: (inputs) =>
      infer(Object.fromEntries(manifest.inputs.map((p) => [p.name, encode(manifest, p, inputs[p.name])]))),
    steps(inputs) {
      write(inputs);
      const steps = manifest.steps.map((s, i) => {
        call("step", i);
        return region(manifest.memory[s.region].base, s.offset, s.bytes);
      });
      return { outputs: read(), steps };
    },
    reset: () => call("init"),
    resetMonitors: () => call("monitors_reset"),
    monitors: () => new Uint32Array(region(state.base, manifest.monitors.offset, manifest.monitors.bytes).buffer),
    state: () => region(state.base, 0, state.bytes),
  };
}

function checkInput(
  manifest: Manifest,
  port: ManifestPort,
  value: TypedArray | undefined,
): asserts value is TypedArray {
  if (!value)
    throw new PithError(
      "shape",
      `${manifest.name}: input "${port.name}" is missing, expected ${port.dtype}[${port.shape.join(",")}]`,
    );
  if (value.byteLength !== port.bytes || viewAs(port.dtype, new Uint8Array(0)).constructor !== value.constructor)
    throw new PithError(
      "shape",
      `${manifest.name}: input "${port.name}" is ${value.constructor.name} of ${value.length}, expected ${port.dtype}[${port.shape.join(",")}]`,
    );
}

/** f32 or plain numbers for an int8 input are quantized; values of the input's own type pass through. */
function encode(manifest: Manifest, port: ManifestPort, value: Values | undefined): TypedArray {
  if (value && port.dtype === "i8" && port.quant && !(value instanceof Int8Array)) {
    if (value instanceof BigInt64Array)
      throw new PithError("shape", `${manifest.name}: input "${port.name}" is i64, expected f32 or i8`);
    return quantizeValues(value, port.shape, port.quant as Quant);
  }
  const typed = value && !ArrayBuffer.isView(value) ? Float32Array.from(value) : (value as TypedArray | undefined);
  checkInput(manifest, port, typed);
  return typed;
}

const VIEWS: Readonly<Record<DType, (b: Uint8Array) => TypedArray>> = {
  f32: (b) => new Float32Array(b.buffer, b.byteOffset, b.length / 4),
  i8: (b) => new Int8Array(b.buffer, b.byteOffset, b.length),
  i16: (b) => new Int16Array(b.buffer, b.byteOffset, b.length / 2),
  i32: (b) => new Int32Array(b.buffer, b.byteOffset, b.length / 4),
  u8: (b) => b,
  bool: (b) => b,
  i4: (b) => b,
  i64: (b) => new BigInt64Array(b.buffer, b.byteOffset, b.length / 8),
};

/** `bytes` seen as elements of a dtype; 8-aligned bytes expected for i64, 4-aligned for 32-bit types. */
export const viewAs = (dtype: DType, bytes: Uint8Array): TypedArray => VIEWS[dtype](bytes);

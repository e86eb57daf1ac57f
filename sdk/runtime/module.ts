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

/** Views and functions are looked up once: a call on a small model costs little more than its inference. */
function bind(instance: WebAssembly.Instance, manifest: Manifest): CompiledModel {
  const { memory } = instance.exports;
  if (!(memory instanceof WebAssembly.Memory))
    throw new PithError("file-format", "module: exports no memory, expected one");
  const exported = (suffix: string): ((...args: number[]) => void) => {
    const f = instance.exports[`${manifest.name}_${suffix}`];
    if (typeof f !== "function")
      throw new PithError("file-format", `module: no export ${manifest.name}_${suffix}, expected ABI version 1`);
    return (...args) => {
      const status: unknown = f(...args);
      if (status !== 0)
        throw new PithError("internal", `${manifest.name}_${suffix}: status ${String(status)}, expected 0`);
    };
  };
  const { arena, state } = manifest.memory;
  // The memory never grows, so that a view stays one.
  const view = (base: number, offset: number, bytes: number): Uint8Array =>
    new Uint8Array(memory.buffer, base + offset, bytes);
  const bound = (ports: readonly ManifestPort[]): readonly BoundPort[] =>
    ports.map((port) => ({ port, view: viewAs(port.dtype, view(arena.base, port.offset, port.bytes)) }));
  const [inputs, outputs] = [bound(manifest.inputs), bound(manifest.outputs)];
  const [init, run, step, resetMonitors] = [
    exported("init"),
    exported("infer"),
    exported("step"),
    exported("monitors_reset"),
  ];
  const write = (values: Readonly<Record<string, TypedArray>>): void => {
    for (const input of inputs) {
      const value = values[input.port.name];
      checkInput(manifest, input, value);
      copy(input.view, value);
    }
  };
  const read = (): Record<string, TypedArray> => {
    const values: Record<string, TypedArray> = {};
    for (const output of outputs) values[output.port.name] = output.view.slice();
    return values;
  };
  const infer = (values: Readonly<Record<string, TypedArray>>): Record<string, TypedArray> => {
    write(values);
    run();
    return read();
  };
  init();
  return {
    manifest,
    infer,
    predict: (values) =>
      infer(Object.fromEntries(inputs.map((i) => [i.port.name, encode(manifest, i, values[i.port.name])]))),
    steps(values) {
      write(values);
      const steps = manifest.steps.map((s, i) => {
        step(i);
        return view(manifest.memory[s.region].base, s.offset, s.bytes).slice();
      });
      return { outputs: read(), steps };
    },
    reset: () => init(),
    resetMonitors: () => resetMonitors(),
    monitors: () => new Uint32Array(view(state.base, manifest.monitors.offset, manifest.monitors.bytes).slice().buffer),
    state: () => view(state.base, 0, state.bytes).slice(),
  };
}

interface BoundPort {
  readonly port: ManifestPort;
  /** The port's bytes in the module's memory. */
  readonly view: TypedArray;
}

/** Both have one type, which checkInput saw. */
function copy(to: TypedArray, from: TypedArray): void {
  if (to instanceof BigInt64Array) to.set(from as BigInt64Array);
  else to.set(from as Exclude<TypedArray, BigInt64Array>);
}

function checkInput(
  manifest: Manifest,
  { port, view }: BoundPort,
  value: TypedArray | undefined,
): asserts value is TypedArray {
  if (value?.length === view.length && value.constructor === view.constructor) return;
  const expected = `${port.dtype}[${port.shape.join(",")}]`;
  if (!value) throw new PithError("shape", `${manifest.name}: input "${port.name}" is missing, expected ${expected}`);
  throw new PithError(
    "shape",
    `${manifest.name}: input "${port.name}" is ${value.constructor.name} of ${value.length}, expected ${expected}`,
  );
}

/** f32 or plain numbers for an int8 input are quantized; values of the input's own type pass through. */
function encode(manifest: Manifest, bound: BoundPort, value: Values | undefined): TypedArray {
  const { port } = bound;
  if (value && port.dtype === "i8" && port.quant && !(value instanceof Int8Array)) {
    if (value instanceof BigInt64Array)
      throw new PithError("shape", `${manifest.name}: input "${port.name}" is i64, expected f32 or i8`);
    return quantizeValues(value, port.shape, port.quant as Quant);
  }
  const typed = value && !ArrayBuffer.isView(value) ? Float32Array.from(value) : (value as TypedArray | undefined);
  checkInput(manifest, bound, typed);
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

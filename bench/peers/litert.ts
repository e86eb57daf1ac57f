/**
 * @litertjs/core in Node: its loader wants a worker's `importScripts`, and its table of dtypes lacks int8. The build
 * without relaxed SIMD where V8 has none (Node 20). XNNPACK, one thread.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Peer, requirePeer, timed } from "./peer.ts";

interface LiteRtTensor {
  data(): Promise<Int8Array>;
  delete(): void;
}
interface LiteRt {
  loadLiteRt(script: string): Promise<unknown>;
  loadAndCompile(
    model: Uint8Array,
    options: { accelerator: "wasm" },
  ): Promise<{ run(inputs: readonly LiteRtTensor[]): Promise<readonly LiteRtTensor[]> }>;
  readonly Tensor: new (data: Int8Array, shape: readonly number[]) => LiteRtTensor;
}

/** i32x4.relaxed_trunc of nothing: a module that only a V8 with relaxed SIMD accepts. */
const RELAXED = Uint8Array.of(
  0,
  97,
  115,
  109,
  1,
  0,
  0,
  0,
  1,
  5,
  1,
  96,
  0,
  1,
  123,
  3,
  2,
  1,
  0,
  10,
  11,
  1,
  9,
  0,
  65,
  0,
  253,
  15,
  253,
  129,
  2,
  11,
);

let loaded: Promise<LiteRt> | undefined;

async function load(folder: string): Promise<LiteRt> {
  const scope = globalThis as unknown as Record<string, unknown>;
  scope["self"] ??= globalThis;
  scope["importScripts"] = (script: string): void => {
    const module: { exports: unknown } = { exports: {} };
    const run = new Function("module", "exports", "require", "__filename", "__dirname", readFileSync(script, "utf8"));
    run(module, module.exports, requirePeer, script, join(folder, "wasm"));
    scope["ModuleFactory"] = module.exports;
    scope["Module"] = { wasmBinary: readFileSync(script.replace(/\.js$/, ".wasm")) };
  };
  const { freeze } = Object;
  const isDtypes = (v: unknown): v is { dtype: string }[] => Array.isArray(v) && v[0]?.dtype === "float32";
  const int8 = { dtype: "int8", typedArrayConstructor: Int8Array, elementType: 9 };
  Object.freeze = (<T>(v: T): Readonly<T> => freeze((isDtypes(v) ? [...v, int8] : v) as T)) as typeof Object.freeze;
  try {
    const api = (await import(pathToFileURL(join(folder, "dist", "index.js")).href)) as LiteRt;
    const build = WebAssembly.validate(RELAXED) ? "litert_wasm_internal" : "litert_wasm_compat_internal";
    await api.loadLiteRt(join(folder, "wasm", `${build}.js`));
    return api;
  } finally {
    Object.freeze = freeze;
    // Other modules of Emscripten would take this process for a worker.
    delete scope["importScripts"];
  }
}

export const litert =
  (model: Uint8Array, input: Int8Array, shape: readonly number[]) =>
  async (folder: string): Promise<Peer> => {
    loaded ??= load(folder);
    const api = await loaded;
    const compiled = await api.loadAndCompile(model, { accelerator: "wasm" });
    const x = new api.Tensor(input, shape);
    const call = async (): Promise<void> => {
      for (const y of await compiled.run([x])) y.delete();
    };
    return {
      name: "litert",
      run: async () => {
        const [y] = await compiled.run([x]);
        const codes = Int8Array.from(await y!.data());
        y!.delete();
        return codes;
      },
      time: (n) => timed(n, call),
    };
  };

/** Runs single kernels of a definition: compiled by asc in process, and by g++ into one program. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import asc from "assemblyscript/asc";
import {
  type Attrs,
  DTYPE_BYTES,
  type DType,
  elements,
  type Lowered,
  type OpDefinition,
  type RefTensor,
  type Sample,
  type TensorType,
  type TypedArray,
} from "../kernels/op.ts";

const root = fileURLToPath(new URL("../kernels/", import.meta.url));
const CANARY = 0xa5;
/** Kernels that several operators call. */
const SHARED = ["loops/lookup", "loops/linear", "loops/linear-rows"];

export type AnyDefinition = OpDefinition<Attrs>;
export type Kernels = Record<string, (...args: number[]) => void>;

export interface Module {
  readonly kernels: Kernels;
  readonly memory: { readonly buffer: ArrayBuffer };
}

/** One module that exports the kernels of the named operator folders; it must import nothing and hold no data. */
export async function compileWasm(folders: readonly string[]): Promise<Module> {
  const files = [...folders.map((f) => `${f}/${f}`), ...SHARED];
  const entry = files.map((f) => `export * from "./${f}.as";`).join("\n");
  let wasm: Uint8Array | undefined;
  const messages: string[] = [];
  const { error } = await asc.main(
    [
      "entry.ts",
      "--outFile",
      "entry.wasm",
      "--runtime",
      "stub",
      "-O3",
      "--converge",
      "--noAssert",
      "--initialMemory",
      "64",
    ],
    {
      readFile: (name) => {
        if (name === "entry.ts") return entry;
        const path = join(root, name);
        return existsSync(path) && name.endsWith(".ts") ? readFileSync(path, "utf8") : null;
      },
      writeFile: (_name, contents) => {
        if (contents instanceof Uint8Array) wasm = contents;
      },
      listFiles: () => [],
      stdout: { write: () => {} },
      stderr: { write: (text) => void messages.push(`${text}`) },
    },
  );
  if (error || !wasm) throw new Error(`asc: ${messages.join("")}`);
  const module = new WebAssembly.Module(wasm as BufferSource);
  const imports = WebAssembly.Module.imports(module);
  if (imports.length > 0) throw new Error(`kernels import ${imports.map((i) => i.name).join(", ")}, expected nothing`);
  const { memory, ...kernels } = new WebAssembly.Instance(module).exports;
  return { kernels: kernels as Kernels, memory: memory as Module["memory"] };
}

export const ARRAYS: Readonly<Record<DType, new (buffer: ArrayBuffer, offset: number, length: number) => TypedArray>> =
  {
    f32: Float32Array,
    i8: Int8Array,
    i16: Int16Array,
    i32: Int32Array,
    u8: Uint8Array,
    bool: Uint8Array,
    i4: Int8Array,
    i64: BigInt64Array,
  };

/** A call with its operands at addresses: buffers 64 bytes apart, canaries between. */
export interface Placed {
  readonly name: string;
  readonly lowered: Lowered;
  readonly inputs: readonly TypedArray[];
  readonly outputs: readonly TensorType[];
}

/** Runs one kernel over [0, parallel), in `parts` ranges from the last to the first. Throws when a canary changes. */
export function runWasm(
  { kernels, memory }: Module,
  { lowered, inputs, outputs }: Placed,
  parts = 1,
  inPlace = false,
): readonly TypedArray[] {
  const bytes = new Uint8Array(memory.buffer).fill(CANARY);
  let top = 1024;
  const gaps: [number, number][] = [[0, top]];
  const place = (length: number): number => {
    const at = top;
    top = ((at + length + 15) & ~15) + 64;
    gaps.push([at + length, top]);
    return at;
  };
  const put = (data: TypedArray): number => {
    const at = place(data.byteLength);
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    return at;
  };
  const inputAt = inputs.map(put);
  const constAt = (lowered.consts ?? []).map((c) => put(c.data));
  const outputAt = outputs.map((t, o) => {
    const alias = inPlace ? lowered.alias?.find(([out]) => out === o) : undefined;
    return alias ? inputAt[alias[1]]! : place(elements(t.shape) * DTYPE_BYTES[t.dtype]);
  });
  const scratchAt = place(lowered.scratchBytes ?? 0);
  const args = lowered.args.map((arg) => {
    if ("input" in arg) return inputAt[arg.input]!;
    if ("output" in arg) return outputAt[arg.output]!;
    if ("const" in arg) return constAt[arg.const]!;
    if ("scratch" in arg) return scratchAt + arg.scratch;
    return "i32" in arg ? arg.i32 : arg.f32;
  });
  const kernel = kernels[lowered.kernel!];
  if (!kernel) throw new Error(`no kernel ${lowered.kernel}`);
  if (lowered.parallel === undefined) kernel(...args);
  else
    for (let part = parts - 1; part >= 0; part--)
      kernel(
        ...args,
        Math.floor((lowered.parallel * part) / parts),
        Math.floor((lowered.parallel * (part + 1)) / parts),
      );
  for (const [from, to] of gaps)
    for (let i = from; i < to; i++)
      if (bytes[i] !== CANARY) throw new Error(`${lowered.kernel} wrote outside its buffers at ${i}`);
  return outputs.map((t, o) => new ARRAYS[t.dtype](memory.buffer.slice(outputAt[o]!), 0, elements(t.shape)));
}

/** The range in two parts, the later first; kernels without one are called once. */
const halves = (parallel: number | undefined): readonly (readonly [number, number])[] =>
  parallel === undefined
    ? [[0, 1]]
    : [
        [parallel >> 1, parallel],
        [0, parallel >> 1],
      ];

/** The same calls by the C++ kernels, in one program; output bits as u32, in the order of `calls`. */
export function runCpu(folders: readonly string[], calls: readonly Placed[]): readonly Uint32Array[][] {
  const words = (data: TypedArray): string => {
    const bits = new Uint32Array(data.buffer, data.byteOffset, data.length);
    return [...bits].map((b) => `${b}u`).join(",") || "0";
  };
  const body = calls.map(({ lowered, inputs, outputs }) => {
    const values = [...inputs, ...(lowered.consts ?? []).map((c) => c.data)];
    const args = lowered.args.map((arg, i) => {
      if ("input" in arg) return `a[${i}].address = v${arg.input};`;
      if ("const" in arg) return `a[${i}].address = v${inputs.length + arg.const};`;
      if ("output" in arg) return `a[${i}].address = y${arg.output};`;
      if ("i32" in arg) return `a[${i}].raw = ${arg.i32}; a[${i}].i = ${arg.i32};`;
      if (!("f32" in arg)) return "";
      return `{ uint32_t b = ${new Uint32Array(Float32Array.of(arg.f32).buffer)[0]}u; std::memcpy(&a[${i}].f, &b, 4); }`;
    });
    return `{ pith::Arg a[${lowered.args.length}] = {};
${values.map((v, i) => `static uint32_t v${i}[] = {${words(v)}};`).join("\n")}
${outputs.map((t, i) => `static ${t.dtype === "i8" ? "uint8_t" : "uint32_t"} y${i}[${elements(t.shape)}];`).join("\n")}
${args.join(" ")}
${halves(lowered.parallel)
  .map(([begin, end]) => `pith::portable::${lowered.kernel}(a, ${begin}, ${end});`)
  .join(" ")}
${outputs.map((_, i) => `print(y${i}, sizeof y${i} / sizeof y${i}[0]);`).join(" ")} }`;
  });
  const source = `#define PITH_ISA portable
#include <cstdio>
${folders.map((f) => `#include "${root}${f}/${f}.cc"`).join("\n")}
template <class T> static void print(const T *y, size_t n) { for (size_t i = 0; i < n; i++) std::printf("%u ", static_cast<uint32_t>(y[i])); std::printf("\\n"); }
int main() {
${body.join("\n")}
}
`;
  const dir = mkdtempSync(join(tmpdir(), "pith-elem-"));
  writeFileSync(join(dir, "main.cc"), source);
  const flags = [
    "-std=c++20",
    "-O2",
    "-ffp-contract=off",
    "-Wall",
    "-Wextra",
    "-Wconversion",
    "-Werror",
    "-fno-exceptions",
  ];
  execFileSync("g++", [...flags, "-o", join(dir, "main"), join(dir, "main.cc")], {
    stdio: ["ignore", "inherit", "pipe"],
  });
  const lines = execFileSync(join(dir, "main"), { encoding: "utf8", maxBuffer: 1 << 26 }).split("\n");
  let line = 0;
  return calls.map(({ outputs }) =>
    outputs.map(() => Uint32Array.from(lines[line++]!.trim().split(" ").filter(Boolean), Number)),
  );
}

/** Seeded values in a sample's range (mulberry32). */
export function drawInputs(sample: Sample, seed: number): readonly TypedArray[] {
  let s = seed;
  const uniform = (): number => {
    s = (s + 0x6d2b79f5) | 0;
    let t = Math.imul(s ^ (s >>> 15), 1 | s);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  const [lo, hi] = sample.range ?? [-1, 1];
  return sample.inputs.map((shape, i) => {
    const given = sample.values?.[i];
    const values = Array.from({ length: elements(shape) }, (_, j) => given?.[j] ?? lo + (hi - lo) * uniform());
    const dtype = sample.dtypes?.[i] ?? "f32";
    if (dtype === "i8") return Int8Array.from(values, Math.round);
    if (dtype === "i16") return Int16Array.from(values, Math.round);
    if (dtype === "u8" || dtype === "bool") return Uint8Array.from(values, Math.round);
    return dtype === "i32" ? Int32Array.from(values) : Float32Array.from(values);
  });
}

export function inputTypes(sample: Sample): readonly TensorType[] {
  return sample.inputs.map((shape, i) => ({ dtype: sample.dtypes?.[i] ?? "f32", shape }));
}

export const toRef = (data: TypedArray, shape: readonly number[]): RefTensor => ({
  shape,
  data: Float64Array.from(data as Float32Array),
});

export function lowerSample(
  definition: AnyDefinition,
  inputs: readonly TensorType[],
  outputs: readonly TensorType[],
  attrs: Attrs,
): Lowered {
  return definition.lower({
    inputs,
    outputs,
    attrs,
    family: "scalar",
    isConstant: () => false,
    constant: () => {
      throw new Error("no constants here");
    },
  });
}

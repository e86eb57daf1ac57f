/** AssemblyScript to WASM, in process: the emitted entry, the kernel library, one micro-kernel family. */
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import asc from "assemblyscript/asc";
import type { Family } from "../../kernels/op.ts";
import { PithError } from "../error.ts";
import type { Flavour } from "./emit-entry.ts";

/** The kernel library's sources, which ship as they are. */
export const kernelFolder = dirname(createRequire(import.meta.url).resolve("#kernels/op.ts"));
const WASM_PAGE = 65536;

export interface AssembleOptions {
  readonly family: Family;
  readonly flavour: Flavour;
  /** Bytes of linear memory that the plan uses; asc's own data would go above. */
  readonly memoryBytes: number;
}

/** Modules of this process: predict, compile and a check of one model ask for the same one. */
const assembled = new Map<string, Promise<Uint8Array>>();
const KEPT = 16;

/** Compiles an entry source, once a process. Throws when a kernel does not compile, which is a defect of pith. */
export async function assemble(entry: string, options: AssembleOptions): Promise<Uint8Array> {
  const key = JSON.stringify([options.family, options.flavour, options.memoryBytes, entry]);
  const found = assembled.get(key) ?? compileEntry(entry, options);
  assembled.delete(key);
  assembled.set(key, found);
  for (const oldest of assembled.keys()) if (assembled.size > KEPT) assembled.delete(oldest);
  try {
    return (await found).slice();
  } catch (error) {
    assembled.delete(key);
    throw error;
  }
}

async function compileEntry(entry: string, options: AssembleOptions): Promise<Uint8Array> {
  const pages = Math.max(1, Math.ceil(options.memoryBytes / WASM_PAGE));
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
      "--noAssert",
      "--memoryBase",
      `${options.memoryBytes}`,
      "--initialMemory",
      `${pages}`,
      "--maximumMemory",
      `${pages}`,
      ...(SIMD_FAMILIES.has(options.family) ? ["--enable", "simd"] : []),
      // Optimizing again until nothing changes takes twice as long and saves 25 bytes of 19 554 where flash is no concern.
      ...(PLENTY.has(options.family) ? [] : ["--converge"]),
    ],
    {
      readFile: (name) => (name === "entry.ts" ? entry : readKernel(name, options)),
      writeFile: (_name, contents) => {
        if (contents instanceof Uint8Array) wasm = contents;
      },
      listFiles: () => [],
      stdout: { write: () => {} },
      stderr: { write: (text) => void messages.push(`${text}`) },
    },
  );
  if (error || !wasm)
    throw new PithError("internal", `assemblyscript: ${messages.join("").trim() || error?.message || "no output"}`, {
      entry,
    });
  return wasm;
}

/** Families whose sources use v128. */
const SIMD_FAMILIES: ReadonlySet<Family> = new Set(["reduce", "pairdot", "dot4"]);

/** Families of machines where flash is plenty. */
const PLENTY: ReadonlySet<Family> = new Set(["pairdot", "dot4"]);

/** Whose micro-kernel a family takes where it has none of its own. */
const FALLBACK: Readonly<Partial<Record<Family, Family>>> = { reduce: "scalar", dot4: "pairdot" };

/**
 * Kernel sources by path. `isa/<name>` resolves by family: `isa/<name>.<family>.as.ts`, or its fallback's; `isa/isa`
 * by family and flavour as well: an AOT module imports what its family's instructions are, a portable one inlines them.
 */
function readKernel(name: string, { family, flavour }: AssembleOptions): string | null {
  const path = name.replace(/\\/g, "/");
  const file = join(kernelFolder, isaSource(path, family, flavour) ?? path);
  return path.endsWith(".ts") && file.startsWith(kernelFolder) && existsSync(file) ? readFileSync(file, "utf8") : null;
}

/** Families with instructions: the prefix of the files that name them. */
const OWN_ISA: Readonly<Partial<Record<Family, string>>> = {
  scalar: "scalar.",
  pair: "",
  reduce: "reduce.",
  dot4: "",
};

function isaSource(path: string, family: Family, flavour: Flavour): string | undefined {
  const name = /^isa\/(\w+)\.ts$/.exec(path)?.[1];
  if (name === undefined) return undefined;
  const kind = flavour === "aot" ? "import" : "inline";
  if (name === "isa") return `isa/isa.${OWN_ISA[family] ?? ""}${family in OWN_ISA ? kind : "inline"}.as.ts`;
  const own = `isa/${name}.${family}.as.ts`;
  return existsSync(join(kernelFolder, own)) ? own : `isa/${name}.${FALLBACK[family] ?? family}.as.ts`;
}

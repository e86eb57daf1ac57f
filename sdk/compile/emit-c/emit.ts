/**
 * The C emitter: an AOT-flavour module becomes one C99 file and its header. See docs/design/aot.md for what the
 * module may contain and what the C promises.
 */

import type { FunctionBody } from "../wasm/body.ts";
import { checkBody } from "../wasm/check.ts";
import { readModule, type WasmFunction, type WasmModule } from "../wasm/module.ts";
import { ENTRIES, type Entry, emitEntries } from "./entry.ts";
import { type Ambient, emitFunction, unsupported } from "./function.ts";
import { emitHeader, type Region } from "./header.ts";
import { ISA, ISA_HELPERS } from "./isa.ts";
import { ISA_MVE, MVE_PRELUDE } from "./isa-mve.ts";
import { WIDE_HELPERS, WIDE_ISA } from "./isa-wide.ts";
import { type CTarget, isIndexed, prelude } from "./prelude.ts";
import { helperClosure, SCALAR_HELPERS } from "./scalar-helpers.ts";
import { SIMD_HELPERS, SIMD_PRELUDE } from "./simd-helpers.ts";

export interface EmitOptions {
  /** C identifier that prefixes every public symbol. */
  readonly name: string;
  readonly target: CTarget;
  /** Constant bytes at WEIGHTS: weights and tables. */
  readonly weights: Uint8Array;
  readonly arenaBytes: number;
  readonly stateBytes: number;
  /** For the header's constants. */
  readonly inputs?: readonly Region[];
  readonly outputs?: readonly Region[];
  readonly stepCount?: number;
  /** What step i computes, for the reader of the C. */
  readonly comments?: (step: number) => string | undefined;
}

export interface EmittedC {
  readonly c: string;
  readonly h: string;
}

const GLOBALS: readonly string[] = ["ARENA", "STATE", "WEIGHTS"] satisfies Ambient[];
const MEMORY_IMMEDIATES: readonly string[] = ["memory", "memory-lane", "zero", "zero2"];

export function emitC(bytes: Uint8Array, options: EmitOptions): EmittedC {
  const { name, target, weights, arenaBytes } = options;
  if (!/^[A-Za-z_]\w*$/.test(name)) throw unsupported(`name "${name}"`, "a C identifier");
  if (arenaBytes % 16 !== 0)
    throw unsupported(`an arena of ${arenaBytes} bytes`, "a multiple of 16 (the state follows it)");
  const module = readModule(bytes);
  checkFlavour(module);
  const exported = entryFunctions(module, name);
  const bodies = new Map<number, FunctionBody>();
  const order = callOrder(module, Object.values(exported), bodies);
  const names = new Map(order.map((fn) => [fn.index, functionName(fn, exported)]));
  const needs = ambientNeeds(module, order, bodies, target);
  const functions = order.map((fn) =>
    emitFunction(
      {
        module,
        names,
        needs,
        nativeAddresses: !isIndexed(target),
        stepComment: fn === exported.step ? options.comments : undefined,
      },
      fn,
      bodies.get(fn.index)!,
    ),
  );
  const entry = (kind: Entry) => ({
    fn: exported[kind],
    cName: names.get(exported[kind].index)!,
    needs: needs.get(exported[kind].index)!,
  });
  const text = functions.join("\n\n");
  const usesSimd = /v128|V128|\bisa_(?:tiles_u8|pairs_row)\(/.test(text);
  const usesMve = [...text.matchAll(/\bisa_(\w+)\(/g)].some(([, called]) => called! in ISA_MVE);
  const helpers = helperClosure(text, { ...SCALAR_HELPERS, ...SIMD_HELPERS, ...ISA_HELPERS, ...WIDE_HELPERS });
  const usesWeights = isIndexed(target) || ENTRIES.some((kind) => entry(kind).needs.has("WEIGHTS"));
  const c = [
    `/* ${name}: a model compiled by pith for ${target}. Do not edit: generated from its WebAssembly module. */`,
    prelude(target).replace("#include <stdint.h>", `#include "${name}.h"\n#include <stdint.h>`),
    ...(usesSimd ? [SIMD_PRELUDE] : []),
    ...(usesMve ? [MVE_PRELUDE] : []),
    ...helpers,
    ...(usesWeights ? [weightsArray(weights)] : []),
    text,
    emitEntries(name, target, {
      init: entry("init"),
      infer: entry("infer"),
      step: entry("step"),
      monitors_reset: entry("monitors_reset"),
    }),
  ].join("\n\n");
  const h = emitHeader({
    name,
    arenaBytes,
    stateBytes: options.stateBytes,
    weightsBytes: weights.length,
    inputs: options.inputs ?? [],
    outputs: options.outputs ?? [],
    stepCount: options.stepCount,
  });
  return { c: `${c}\n`, h };
}

/** Refuses what an AOT flavour must not have: anything that would need static data or a runtime. */
function checkFlavour(module: WasmModule): void {
  if (module.data.length > 0)
    throw unsupported(
      `${module.data.length} data segments`,
      "none (no static data in kernels: make tables plan constants)",
    );
  if (module.tables > 0 || module.elements > 0) throw unsupported("a table", "no indirect calls");
  if (module.start !== undefined)
    throw unsupported("a start function", "none (a module-level constant that adds to an imported global makes one)");
  for (const { imported, type, mutable } of module.globals)
    if (imported && (imported.module !== "env" || !GLOBALS.includes(imported.name) || type !== "i32" || mutable))
      throw unsupported(
        `imported global ${imported.module}.${imported.name}`,
        `immutable i32 env.${GLOBALS.join(", env.")}`,
      );
  for (const { imported, type } of module.functions) {
    if (!imported) continue;
    const isa = imported.module === "isa" ? (ISA[imported.name]?.type ?? WIDE_ISA[imported.name]) : undefined;
    if (!isa)
      throw unsupported(
        `imported function ${imported.module}.${imported.name}`,
        `isa functions ${[...Object.keys(ISA), ...Object.keys(WIDE_ISA)].join(", ")}`,
      );
    if (String(isa.params) !== String(type.params) || String(isa.results) !== String(type.results))
      throw unsupported(
        `isa.${imported.name} as (${type.params}) → ${type.results}`,
        `(${isa.params}) → ${isa.results}`,
      );
  }
}

function entryFunctions(module: WasmModule, name: string): Record<Entry, WasmFunction> {
  const find = (entry: Entry): WasmFunction => {
    const index = module.exports.find((e) => e.kind === "Func" && e.name === `${name}_${entry}`)?.index;
    const fn = index === undefined ? undefined : module.functions[index];
    if (!fn || fn.imported)
      throw unsupported(`no exported function ${name}_${entry}`, ENTRIES.map((e) => `${name}_${e}`).join(", "));
    const params = entry === "step" ? "i32" : "";
    if (String(fn.type.params) !== params || !["", "i32"].includes(String(fn.type.results)))
      throw unsupported(`${name}_${entry}(${fn.type.params}) → ${fn.type.results}`, `(${params}) → i32 or nothing`);
    return fn;
  };
  return { init: find("init"), infer: find("infer"), step: find("step"), monitors_reset: find("monitors_reset") };
}

/** Functions reachable from the entries, callees first; fills `bodies`. Throws on recursion. */
function callOrder(
  module: WasmModule,
  entries: readonly WasmFunction[],
  bodies: Map<number, FunctionBody>,
): WasmFunction[] {
  const order: WasmFunction[] = [];
  const open = new Set<number>();
  const visit = (fn: WasmFunction) => {
    if (fn.imported || order.includes(fn)) return;
    if (open.has(fn.index)) throw unsupported(`function ${fn.index} that calls itself`, "no recursion");
    open.add(fn.index);
    const body = checkBody(module, fn);
    bodies.set(fn.index, body);
    for (const callee of callees(module, body)) visit(callee);
    open.delete(fn.index);
    order.push(fn);
  };
  entries.forEach(visit);
  return order;
}

function callees(module: WasmModule, body: FunctionBody): WasmFunction[] {
  return body.instructions.flatMap(({ name, immediate }) =>
    name === "call" && immediate.kind === "index" ? [module.functions[immediate.index]!] : [],
  );
}

/** Which of base, ARENA, STATE and WEIGHTS each function uses, itself or through its callees. */
function ambientNeeds(
  module: WasmModule,
  order: readonly WasmFunction[],
  bodies: ReadonlyMap<number, FunctionBody>,
  target: CTarget,
): Map<number, Set<Ambient>> {
  const needs = new Map<number, Set<Ambient>>();
  for (const fn of order) {
    const own = new Set<Ambient>();
    const body = bodies.get(fn.index)!;
    for (const { name, immediate } of body.instructions) {
      if (isIndexed(target) && MEMORY_IMMEDIATES.includes(immediate.kind)) own.add("base");
      if (name === "global.get" && immediate.kind === "index") {
        const imported = module.globals[immediate.index]?.imported;
        if (imported) own.add(imported.name as Ambient);
      }
    }
    for (const callee of callees(module, body)) {
      if (callee.imported && callee.imported.name in WIDE_ISA) own.add("base");
      for (const need of needs.get(callee.index) ?? []) own.add(need);
    }
    needs.set(fn.index, own);
  }
  return needs;
}

/** `fn<index>` and, where there is one, the entry or the name section's name. */
function functionName({ index, name }: WasmFunction, entries: Readonly<Record<Entry, WasmFunction>>): string {
  const entry = ENTRIES.find((kind) => entries[kind].index === index);
  const readable = (entry ?? name)
    ?.replace(/[^A-Za-z0-9]+/g, "_")
    .replace(/^_+|_+$/g, "")
    .slice(-48);
  return readable ? `fn${index}_${readable}` : `fn${index}`;
}

function weightsArray(weights: Uint8Array): string {
  const bytes = weights.length > 0 ? weights : new Uint8Array(1);
  const rows: string[] = [];
  for (let at = 0; at < bytes.length; at += 24) rows.push(`    ${bytes.subarray(at, at + 24).join(",")}`);
  return `/* Constants of the model: weights and tables. */
static const uint8_t weights[${bytes.length}] __attribute__((aligned(16))) = {
${rows.join(",\n")}
};`;
}

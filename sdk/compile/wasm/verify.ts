/**
 * The verifier of a portable module: reads the bytes that users get, not what the compiler believes it made.
 *
 * Checked: the module is well-formed and well-typed; it imports nothing but what is allowed; its memory is fixed and
 * exactly as large as the plan; it has no tables, indirect calls, start function or `memory.grow`; no function calls
 * itself, directly or through others; data segments lie inside the weights; every mutable global is its own.
 *
 * Then every address that it can touch is visited (addresses.ts): loads stay in a region, stores in arena and state,
 * whatever the inputs are.
 */
import { PithError } from "../../error.ts";
import { visitAddresses } from "./addresses.ts";
import type { FunctionBody } from "./body.ts";
import { checkBody } from "./check.ts";
import { readModule, type WasmModule } from "./module.ts";

export interface VerifyRegions {
  readonly arena: { readonly address: number; readonly bytes: number };
  readonly state: { readonly address: number; readonly bytes: number };
  readonly weights: { readonly address: number; readonly bytes: number };
}

export interface VerifyOptions {
  /** Imports that are allowed, as `module.name`. Default: none. */
  readonly allowedImports?: readonly string[];
}

export interface VerifyCheck {
  readonly name: string;
  readonly ok: boolean;
  /** What was found, for the reviewer. */
  readonly found: string;
}

export interface VerifyReport {
  readonly ok: boolean;
  readonly checks: readonly VerifyCheck[];
  readonly functions: number;
  /** Instructions in all bodies. */
  readonly instructions: number;
  /** Longest chain of calls from any export, the export included. */
  readonly callDepth: number;
  readonly memoryBytes: number;
  readonly exports: readonly string[];
}

const PAGE_BYTES = 65536;

/** Verifies `bytes` against the regions of its plan. Malformed bytes give a report that says so, not an exception. */
export function verifyModule(bytes: Uint8Array, regions: VerifyRegions, options: VerifyOptions = {}): VerifyReport {
  let module: WasmModule;
  let bodies: FunctionBody[];
  try {
    module = readModule(bytes);
    bodies = module.functions.map((fn) => (fn.imported ? { locals: [], instructions: [] } : checkBody(module, fn)));
  } catch (error) {
    if (!(error instanceof PithError)) throw error;
    const checks = [{ name: "well-formed and well-typed", ok: false, found: error.message }];
    return { ok: false, checks, functions: 0, instructions: 0, callDepth: 0, memoryBytes: 0, exports: [] };
  }
  const depth = callDepth(module, bodies);
  const checks = [
    { name: "well-formed and well-typed", ok: true, found: `${bytes.length} bytes` },
    checkImports(module, options.allowedImports ?? []),
    checkMemory(module, bodies, regions),
    checkNone("no tables or indirect calls", module.tables + module.elements, "tables or element segments"),
    checkNone("no start function", module.start === undefined ? 0 : 1, "start functions"),
    {
      name: "no recursion",
      ok: depth !== undefined,
      found: depth === undefined ? "a cycle of calls" : `call depth ${depth}`,
    },
    checkRegions(regions),
    checkData(module, regions),
  ];
  if (checks.every(({ ok }) => ok)) checks.push(checkAddresses(module, bodies, regions));
  return {
    ok: checks.every(({ ok }) => ok),
    checks,
    functions: module.functions.length,
    instructions: bodies.reduce((total, { instructions }) => total + instructions.length, 0),
    callDepth: depth ?? 0,
    memoryBytes: (module.memory?.minPages ?? 0) * PAGE_BYTES,
    exports: module.exports.map(({ name }) => name),
  };
}

function checkNone(name: string, count: number, what: string): VerifyCheck {
  return { name, ok: count === 0, found: `${count} ${what}` };
}

function checkImports(module: WasmModule, allowed: readonly string[]): VerifyCheck {
  const imports = [...module.functions, ...module.globals].flatMap(({ imported }) =>
    imported ? [`${imported.module}.${imported.name}`] : [],
  );
  if (module.memory?.imported) imports.push("the memory");
  const refused = imports.filter((name) => !allowed.includes(name));
  const name = allowed.length === 0 ? "no imports" : `no imports but ${allowed.join(", ")}`;
  return {
    name,
    ok: refused.length === 0,
    found: refused.length > 0 ? refused.join(", ") : `${imports.length} imports`,
  };
}

/** Large enough for the plan and not a page more, never grown, and with a maximum that says so where there is one. */
function checkMemory(module: WasmModule, bodies: readonly FunctionBody[], regions: VerifyRegions): VerifyCheck {
  const end = Math.max(...Object.values(regions).map(({ address, bytes }) => address + bytes));
  const planned = Math.ceil(end / PAGE_BYTES);
  const grows = bodies.some(({ instructions }) => instructions.some(({ name }) => name === "memory.grow"));
  const { minPages = 0, maxPages } = module.memory ?? {};
  const limits = maxPages === undefined ? "no maximum" : `at most ${maxPages}`;
  return {
    name: "fixed memory equal to the plan",
    ok: minPages === planned && (maxPages === undefined || maxPages === minPages) && !grows,
    found: `${minPages} pages, ${limits}, ${grows ? "memory.grow" : "never grown"}; the plan needs ${planned}`,
  };
}

function checkRegions(regions: VerifyRegions): VerifyCheck {
  const sorted = Object.entries(regions)
    .filter(([, { bytes }]) => bytes > 0)
    .sort(([, a], [, b]) => a.address - b.address);
  const overlap = sorted.find(([, { address }], i) => {
    const before = sorted[i - 1]?.[1];
    return before !== undefined && before.address + before.bytes > address;
  });
  const found = sorted.map(([name, { address, bytes }]) => `${name} ${address}..${address + bytes}`).join(", ");
  return { name: "regions do not overlap", ok: overlap === undefined, found };
}

function checkData(module: WasmModule, { weights }: VerifyRegions): VerifyCheck {
  const outside = module.data.filter(
    ({ address, contents: { length } }) =>
      address === undefined || address < weights.address || address + length > weights.address + weights.bytes,
  );
  const total = module.data.reduce((sum, { contents }) => sum + contents.length, 0);
  return {
    name: "data segments lie in the weights",
    ok: outside.length === 0,
    found: `${module.data.length} segments, ${total} bytes, ${outside.length} outside`,
  };
}

/** Visits what exports without arguments can touch; `step`, which takes one, runs the parts of `infer`. */
function checkAddresses(module: WasmModule, bodies: readonly FunctionBody[], regions: VerifyRegions): VerifyCheck {
  const weights = new Uint8Array(regions.weights.bytes);
  for (const { address, contents } of module.data) weights.set(contents, address! - regions.weights.address);
  const entries = module.exports
    .filter((e) => e.kind === "Func" && module.functions[e.index]!.type.params.length === 0)
    .map((e) => e.index);
  const { accesses, lookups, dataBranches, findings } = visitAddresses(module, bodies, regions, weights, entries);
  return {
    name: "no input moves an address out of its region",
    ok: findings.length === 0,
    found:
      findings.length > 0
        ? findings.join("; ")
        : `${accesses} accesses visited, ${lookups} of them lookups by data, ${dataBranches} branches on data followed both ways`,
  };
}

/** Longest chain of calls from an export, or undefined where a function can call itself. */
function callDepth(module: WasmModule, bodies: readonly FunctionBody[]): number | undefined {
  const depths = new Map<number, number>();
  const open = new Set<number>();
  const visit = (index: number): number | undefined => {
    const known = depths.get(index);
    if (known !== undefined) return known;
    if (open.has(index)) return undefined;
    open.add(index);
    let below = 0;
    for (const { name, immediate } of bodies[index]!.instructions) {
      if (name !== "call" || immediate.kind !== "index") continue;
      const depth = visit(immediate.index);
      if (depth === undefined) return undefined;
      below = Math.max(below, depth);
    }
    open.delete(index);
    depths.set(index, below + 1);
    return below + 1;
  };
  let deepest = 0;
  for (let index = 0; index < bodies.length; index++) {
    const depth = visit(index);
    if (depth === undefined) return undefined;
    if (module.exports.some((e) => e.kind === "Func" && e.index === index)) deepest = Math.max(deepest, depth);
  }
  return deepest;
}

/** Model to build: the portable module always, native code where a target asks for it. */

import { PithError } from "../error.ts";
import type { Graph } from "../graph/graph.ts";
import { isIdentifier, type Model } from "../model.ts";
import type { Manifest } from "../runtime/manifest.ts";
import { loadModule } from "../runtime/module.ts";
import { joinPorts, splitPorts } from "../runtime/ports.ts";
import { selfTestInput } from "./abi.ts";
import { assemble } from "./assemble.ts";
import { crc32 } from "./crc32.ts";
import { emitEntry } from "./emit-entry.ts";
import { fitMemory } from "./fit-memory.ts";
import type { KernelChoice } from "./lower-node.ts";
import { classOnly } from "./passes/class-only.ts";
import { runPasses } from "./passes/pipeline.ts";
import { type Plan, planGraph } from "./plan.ts";
import { compilePortable, type ModelFacts, manifestOf } from "./portable.ts";
import { type Budgets, checkBudgets, type Report, ramOf, reportOf } from "./report.ts";
import type { AotModule, NativeArtifacts, NativeTarget, SelfTest } from "./target.ts";

export interface CompileOptions extends Budgets {
  /** Absent: the portable module alone. */
  readonly target?: NativeTarget | undefined;
  readonly name?: string | undefined;
  /** Least RAM: run leading layers by bands of rows, at the price of rows computed twice. Default: only to meet `ram`. */
  readonly patch?: boolean | undefined;
  /** The class instead of the scores: outputs that are a softmax become the arg max of its input. */
  readonly classOnly?: boolean | undefined;
  /** Count instructions and compare bytes where an emulator or the host can run the result; true by default. */
  readonly measure?: boolean | undefined;
}

export interface Build {
  readonly name: string;
  /** "wasm" or the native target's name. */
  readonly target: string;
  /** The portable module: the specification of the model. */
  readonly wasm: Uint8Array;
  readonly manifest: Manifest;
  /** The plan of the target's own code. */
  readonly plan: Plan;
  readonly native?: NativeArtifacts;
  readonly selfTest: readonly SelfTest[];
  readonly report: Report;
  /** What was planned: after all passes and patches. */
  readonly graph: Graph;
}

const SELF_TEST_SEEDS = [0x9e3779b9, 0x243f6a88] as const;

/**
 * Throws "budget" (exit 3) when the build needs more than the budgets allow. Where the plain plan is over the RAM
 * budget, or `patch` asks for it, leading layers run by bands of rows.
 */
export async function compileModel(model: Model, options: CompileOptions = {}): Promise<Build> {
  const name = options.name ?? model.name;
  if (!isIdentifier(name))
    throw new PithError("usage", `compile: name "${name}", expected a C identifier (letters, digits, _)`);
  const { target } = options;
  const choice: KernelChoice = { family: target?.family ?? "pairdot", longMultiply: target?.longMultiply };
  const asked = options.classOnly ? classOnly(model.graph) : { graph: model.graph, dropped: [] };
  if (options.classOnly && asked.dropped.length === 0)
    throw new PithError(
      "usage",
      `compile: no output of ${name} is a softmax, expected one to take the class of (leave class only out)`,
    );
  const notes = asked.dropped.map(
    (n) =>
      `softmax "${n}" dropped: only the arg max is asked for (where it rounds two classes to one code, the larger input decides)`,
  );
  const facts: ModelFacts = { name, labels: model.labels, run: model.run, monitorLayout: model.monitorLayout };
  const request: Request = { graph: runPasses(asked.graph), choice, facts, notes, options };
  const build = await buildOnce(request, 0);
  const { ram, stack } = { ram: ramOf(build.report), stack: build.report.ram.stack };
  // What the stack needs is known once there is code: the plan may have to leave room for it.
  const retry = options.ram !== undefined && ram > options.ram && stack !== null && build.report.patch === null;
  const fitted = retry ? await buildOnce(request, stack) : build;
  checkBudgets(fitted.report, fitted.plan, options);
  return fitted;
}

interface Request {
  readonly graph: Graph;
  readonly choice: KernelChoice;
  readonly facts: ModelFacts;
  readonly notes: readonly string[];
  readonly options: CompileOptions;
}

/** Throws "budget" before any compiler runs where weights and arena alone are too large. */
async function buildOnce(request: Request, stackBytes: number): Promise<Build> {
  const { choice, facts, notes, options } = request;
  const { name } = facts;
  const { target, ram } = options;
  const room = ram === undefined ? undefined : Math.max(0, ram - stackBytes);
  const { graph, patch } = fitMemory(request.graph, choice, options.patch ? 0 : room);
  const portable = await compilePortable(graph, facts);
  const selfTest = await selfTestOf(portable.wasm);
  const common = { name, wasm: portable.wasm, selfTest, graph };
  if (!target) {
    const codeBytes = portable.wasm.length - portable.weights.length;
    const report = reportOf("wasm", portable.plan, { patch, notes, codeBytes });
    return { ...common, target: "wasm", manifest: portable.manifest, plan: portable.plan, report };
  }
  const { plan, weights } = planGraph(graph, choice);
  checkBudgets(reportOf(target.name, plan, { patch, notes }), plan, options);
  const { family } = choice;
  const wasm = await assemble(emitEntry(name, plan, "aot"), { family, flavour: "aot", memoryBytes: 65536 });
  const aot: AotModule = { name, wasm, plan, weights, manifest: manifestOf(graph, plan, facts), selfTest };
  const native = await target.build(aot, { measure: options.measure ?? true });
  const report = reportOf(target.name, plan, { patch, notes, native });
  return { ...common, target: target.name, manifest: aot.manifest, plan, native, report };
}

async function selfTestOf(wasm: Uint8Array): Promise<readonly SelfTest[]> {
  const model = await loadModule(wasm);
  const { inputs, outputs } = model.manifest;
  const total = inputs.reduce((n, p) => n + p.bytes, 0);
  return SELF_TEST_SEEDS.map((seed) => {
    model.reset();
    const out = model.infer(splitPorts(inputs, selfTestInput(seed, total)));
    return { seed, crc: crc32(joinPorts(outputs, out)) };
  });
}

/** The build report: bytes and counts by layer, and the budgets that fail a build. */
import type { RequantizeForm } from "../../kernels/op.ts";
import { PithError } from "../error.ts";
import type { Patch } from "./passes/patch.ts";
import type { Plan, PlanBuffer } from "./plan.ts";
import type { NativeArtifacts } from "./target.ts";

export interface LayerReport {
  readonly name: string;
  readonly op: string;
  readonly macs: number;
  /** Weights, biases and tables that the layer reads. */
  readonly flash: number;
  /** Bytes of the arena that are live while it runs. */
  readonly arena: number;
  readonly instructions: number | null;
  /** Form of requantization; null where the layer has none. */
  readonly requantize: RequantizeForm | null;
}

/** Bytes throughout; null where nothing was measured. `arena` includes inputs and outputs. */
export interface Report {
  readonly target: string;
  readonly macs: number;
  readonly flash: { readonly code: number | null; readonly tables: number | null; readonly weights: number };
  readonly ram: { readonly arena: number; readonly state: number; readonly stack: number | null };
  readonly arenaLowerBound: number;
  /** Leading layers that run by bands of output rows, to save RAM; null where none do. */
  readonly patch: Patch | null;
  readonly init: { readonly instructions: number | null };
  readonly instructions: number | null;
  readonly layers: readonly LayerReport[];
  readonly sameBytes: { readonly vectors: number; readonly equal: number } | null;
  /** What was left out, not built or not measured, and why. */
  readonly notes: readonly string[];
}

export interface ReportFacts {
  readonly patch?: Patch | undefined;
  readonly native?: NativeArtifacts | undefined;
  readonly codeBytes?: number | undefined;
  readonly notes?: readonly string[] | undefined;
}

export function reportOf(
  target: string,
  plan: Plan,
  { patch, native, codeBytes, notes = [] }: ReportFacts = {},
): Report {
  const liveAt = (step: number): number => liveBuffers(plan, step).reduce((sum, b) => sum + b.bytes, 0);
  return {
    target,
    macs: plan.steps.reduce((sum, s) => sum + s.macs, 0),
    flash: {
      code: native?.sizes?.code ?? codeBytes ?? null,
      tables: native?.sizes?.tables ?? null,
      weights: plan.weightsBytes,
    },
    ram: { arena: plan.arenaBytes, state: plan.stateBytes, stack: native?.stackBytes ?? null },
    arenaLowerBound: plan.arenaLowerBound,
    patch: patch ?? null,
    init: { instructions: native?.instructions?.init ?? null },
    instructions: native?.instructions?.infer ?? null,
    layers: plan.steps.map((s, i) => ({
      name: s.name,
      op: s.op,
      macs: s.macs,
      flash: s.weightBytes,
      arena: liveAt(i),
      instructions: native?.instructions?.steps[i] ?? null,
      requantize: s.requantize,
    })),
    sameBytes: native?.sameBytes ?? null,
    notes: [...notes, ...(native?.missing ? [native.missing] : [])],
  };
}

export interface Budgets {
  readonly flash?: number | undefined;
  readonly ram?: number | undefined;
}

/** Bytes of RAM that are known: arena, state and, where it was measured, the stack. */
export const ramOf = ({ ram }: Report): number => ram.arena + ram.state + (ram.stack ?? 0);

/** Throws "budget" naming what costs most and what would fit. Unmeasured parts count as zero and are named. */
export function checkBudgets(report: Report, plan: Plan, { flash, ram }: Budgets): void {
  const ramNeeded = ramOf(report);
  if (ram !== undefined && ramNeeded > ram) {
    const peak = plan.steps.reduce(
      (best, _, i) => (report.layers[i]!.arena > report.layers[best]!.arena ? i : best),
      0,
    );
    const worst = [...liveBuffers(plan, peak)].sort((a, b) => b.bytes - a.bytes).slice(0, 4);
    throw new PithError(
      "budget",
      `compile: RAM ${ramNeeded} bytes (arena ${report.ram.arena}, state ${report.ram.state}, stack ${report.ram.stack ?? "not measured"}), expected at most ${ram}; most at step "${plan.steps[peak]?.name}": ${worst.map((b) => `${b.name} ${b.bytes}`).join(", ")} (shrink those tensors or pass --ram ${ramNeeded})`,
      { needed: ramNeeded, budget: ram, tensors: worst.map((b) => ({ name: b.name, bytes: b.bytes })) },
    );
  }
  const flashNeeded = report.flash.weights + (report.flash.code ?? 0) + (report.flash.tables ?? 0);
  if (flash !== undefined && flashNeeded > flash) {
    const worst = [...report.layers].sort((a, b) => b.flash - a.flash).slice(0, 4);
    throw new PithError(
      "budget",
      `compile: flash ${flashNeeded} bytes (weights ${report.flash.weights}, code ${report.flash.code ?? "not measured"}), expected at most ${flash}; most in ${worst.map((l) => `${l.name} ${l.flash}`).join(", ")} (shrink those layers or pass --flash ${flashNeeded})`,
      { needed: flashNeeded, budget: flash, layers: worst.map((l) => ({ name: l.name, bytes: l.flash })) },
    );
  }
}

/** Buffers with bytes alive at a step, cut to those bytes. */
function liveBuffers(plan: Plan, step: number): readonly PlanBuffer[] {
  return plan.buffers
    .filter((b) => b.first <= step && step <= b.last)
    .map((b) => {
      const alive = b.pieces?.filter((p) => p.first <= step && step <= p.last);
      return alive ? { ...b, bytes: alive.reduce((sum, p) => sum + p.bytes, 0) } : b;
    });
}

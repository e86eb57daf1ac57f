/** Several planned models as one plan, so that one compiler run and one emulator start serve many small models. */
import type { Place, Plan, PlanArg, Planned, Region } from "../../sdk/compile/plan.ts";
import { align16 } from "../../sdk/compile/sizes.ts";

export interface NamedPlan {
  readonly name: string;
  readonly planned: Planned;
}

/**
 * The steps of each plan in turn, on the places that it gave itself, moved behind those of the plans before it. Ports
 * are named `<name>/<port>`. No monitors.
 */
export function joinPlans(parts: readonly NamedPlan[]): Planned {
  const first = parts[0]!.planned.plan;
  const joined = {
    buffers: [] as Plan["buffers"][number][],
    steps: [] as Plan["steps"][number][],
    inputs: [] as Plan["inputs"][number][],
    outputs: [] as Plan["outputs"][number][],
    states: [] as Plan["states"][number][],
    stateImages: [] as Plan["stateImages"][number][],
  };
  const base: Record<Region, number> = { arena: 0, state: 0, weights: 0 };
  for (const { name, planned } of parts) {
    const { plan } = planned;
    const move = <P extends Place>(place: P): P => ({ ...place, offset: place.offset + base[place.region] });
    const own = <P extends Place & { readonly name: string }>(list: readonly P[]): P[] =>
      list.map((p) => ({ ...move(p), name: `${name}/${p.name}` }));
    const arg = (a: PlanArg): PlanArg => ("region" in a ? { ...a, offset: a.offset + base[a.region] } : a);
    const before = joined.steps.length;
    joined.buffers.push(
      ...own(plan.buffers).map(({ pieces: _, first, last, ...b }) => ({
        ...b,
        first: first + before,
        last: last + before,
      })),
    );
    joined.inputs.push(...own(plan.inputs));
    joined.outputs.push(...own(plan.outputs));
    joined.states.push(...own(plan.states));
    joined.stateImages.push(
      ...plan.stateImages.map(({ offset, weights, bytes }) => ({
        offset: offset + base.state,
        weights: weights + base.weights,
        bytes,
      })),
    );
    joined.steps.push(
      ...plan.steps.map((step) => ({
        ...step,
        name: `${name}/${step.name}`,
        args: step.args.map(arg),
        output: move(step.output),
      })),
    );
    base.arena = align16(base.arena + plan.arenaBytes);
    base.state = align16(base.state + plan.stateBytes);
    base.weights = align16(base.weights + plan.weightsBytes);
  }
  const weights = new Uint8Array(base.weights);
  let at = 0;
  for (const { planned } of parts) {
    weights.set(planned.weights, at);
    at += align16(planned.plan.weightsBytes);
  }
  return {
    plan: {
      ...joined,
      version: first.version,
      family: first.family,
      arenaBytes: base.arena,
      stateBytes: base.state,
      weightsBytes: base.weights,
      arenaLowerBound: base.arena,
      monitors: { offset: base.state, bytes: 0 },
    },
    weights,
  };
}

/** Groups of golden models that run as one image, the records that they run on, and what they must answer. */
import { readFileSync } from "node:fs";
import type { TypedArray } from "../../kernels/op.ts";
import type { KernelChoice } from "../../sdk/compile/lower-node.ts";
import { runPasses } from "../../sdk/compile/passes/pipeline.ts";
import { type Planned, planGraph } from "../../sdk/compile/plan.ts";
import { typeBytes } from "../../sdk/compile/sizes.ts";
import { importTflite } from "../../sdk/formats/tflite/import.ts";
import type { Graph } from "../../sdk/graph/graph.ts";
import { viewAs } from "../../sdk/runtime/module.ts";
import { joinPlans } from "./join-plans.ts";
import { difference, type GoldenEntry, type GoldenSet, goldenSets, modelFile } from "./sets.ts";

export interface Member {
  readonly name: string;
  readonly graph: Graph;
  readonly sets: readonly GoldenSet[];
}

export const memberOf = (root: string, entry: GoldenEntry): Member => ({
  name: entry.name,
  graph: runPasses(importTflite(readFileSync(modelFile(root, entry.name)), `${entry.name}.tflite`).graph),
  sets: goldenSets(root, entry),
});

/** One inference of a member; `want` is absent where no answer was recorded. */
interface MemberRecord {
  readonly label: string;
  readonly inputs: readonly TypedArray[];
  readonly want?: readonly TypedArray[];
  readonly tolerance: number;
}

/** Inferences of a group in order, the state reset before each or before the first only. */
export interface Job {
  readonly state: GoldenSet["state"];
  /** By member; shorter lists start over. */
  readonly records: readonly (readonly MemberRecord[])[];
  readonly count: number;
}

/** Fewer than a quarter of the emulators' memory for records and weights, so that code and copies of results fit too. */
const GROUP_BYTES = 4 << 20;
/** The steps that the emulators' harness can time. */
const GROUP_STEPS = 1000;

const recordCount = ({ sets }: Member): number => Math.max(1, ...sets.map((s) => s.count));

const bytesOf = (member: Member): number => {
  const { plan } = planGraph(member.graph, { family: "scalar" });
  const ports = [...plan.inputs, ...plan.outputs].reduce((n, p) => n + p.bytes, 0);
  const records = member.sets.reduce((n, s) => n + s.count, 1);
  const steps = plan.steps.reduce((n, s) => n + s.output.bytes, 0);
  return plan.weightsBytes + plan.arenaBytes + ports * records + steps;
};

/** Neighbours, up to `most`, as far as one image holds them and none waits long for another's records. */
export function groupsOf(members: readonly Member[], most: number): readonly (readonly Member[])[] {
  const groups: Member[][] = [];
  let [bytes, steps, least, longest] = [0, 0, 0, 0];
  for (const member of members) {
    const own = bytesOf(member);
    const nodes = member.graph.nodes.length;
    const count = recordCount(member);
    const group = groups.at(-1);
    const fits =
      group !== undefined &&
      group.length < most &&
      bytes + own <= GROUP_BYTES &&
      steps + nodes <= GROUP_STEPS &&
      Math.max(longest, count) <= 2 * Math.min(least, count);
    if (fits) group.push(member);
    else groups.push([member]);
    bytes = own + (fits ? bytes : 0);
    steps = nodes + (fits ? steps : 0);
    least = fits ? Math.min(least, count) : count;
    longest = fits ? Math.max(longest, count) : count;
  }
  return groups;
}

export function jobsOf(members: readonly Member[], most: number = Infinity): readonly Job[] {
  return (["fresh", "carry"] as const).flatMap((state): Job[] => {
    const given = members.map(({ sets }) => sets.filter((s) => s.state === state).flatMap((s) => recordsOf(s, most)));
    const needed = state === "fresh" ? members.some((m) => m.sets.length === 0) || given.some(some) : given.some(some);
    if (!needed) return [];
    // A member without records of this kind runs all the same, on whatever it has.
    const records = given.map((list, i) => (some(list) ? list : fillers(members[i]!)));
    return [{ state, records, count: Math.max(...records.map((r) => r.length)) }];
  });
}

const some = (list: readonly unknown[]): boolean => list.length > 0;

const recordsOf = (set: GoldenSet, most: number): MemberRecord[] =>
  Array.from({ length: Math.min(most, set.count) }, (_, i) => ({
    label: `${set.name}record ${i}`,
    inputs: set.inputs(i),
    want: set.outputs(i),
    tolerance: set.tolerance,
  }));

/** Every byte of the inputs from a multiplicative hash of its index; float inputs in [-1, 1]. */
function fillers({ graph, sets }: Member): MemberRecord[] {
  const set = sets[0];
  if (set) return recordsOf(set, 1).map(({ want: _, ...record }) => record);
  const inputs = graph.inputs.map(({ tensor: { type } }) => {
    const bytes = Uint8Array.from({ length: typeBytes(type) }, (_, i) => Math.imul(i, 2654435761) >>> 24);
    return type.dtype === "f32"
      ? Float32Array.from(bytes.subarray(0, bytes.length / 4), (b) => b / 127.5 - 1)
      : viewAs(type.dtype, bytes);
  });
  return [{ label: "made-up record", inputs, tolerance: 0 }];
}

export const planGroup = (members: readonly Member[], choice: KernelChoice): Planned =>
  joinPlans(members.map(({ name, graph }) => ({ name, planned: planGraph(graph, choice) })));

const raw = ({ buffer, byteOffset, byteLength }: TypedArray): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

/** The inputs of inference `n`, all ports in order. */
export const jobInputs = ({ records }: Job, n: number): Uint8Array =>
  Uint8Array.from(Buffer.concat(records.flatMap((list) => list[n % list.length]!.inputs.map(raw))));

/** Whether the portable module's answers are asked for: floats, and what nobody recorded. */
export const needsPortable = (members: readonly Member[]): boolean =>
  members.some((m) => m.sets.length === 0 || m.graph.outputs.some((o) => o.tensor.type.dtype === "f32"));

/**
 * Why each member's answers are not what they must be; members that are right are absent. `portable` holds the answers
 * of the portable module where they are needed.
 */
export function mismatches(
  members: readonly Member[],
  job: Job,
  got: readonly Uint8Array[],
  portable: readonly Uint8Array[] | undefined,
): ReadonlyMap<string, string> {
  const whys = new Map<string, string>();
  let at = 0;
  for (const [m, { name, graph }] of members.entries()) {
    const list = job.records[m]!;
    for (const [j, { tensor }] of graph.outputs.entries()) {
      const { dtype, shape } = tensor.type;
      const bytes = typeBytes(tensor.type);
      for (const [n, record] of list.entries()) {
        const view = (all: Uint8Array) => viewAs(dtype, Uint8Array.from(all.subarray(at, at + bytes)));
        const answer = view(got[n]!);
        const why =
          (record.want && difference(answer, record.want[j]!, record.tolerance)) ||
          (portable && (dtype === "f32" || !record.want) && bitDifference(answer, view(portable[n]!)));
        if (why && !whys.has(name)) whys.set(name, `${record.label}, output ${j} (${dtype}[${shape}]): ${why}`);
      }
      at += bytes;
    }
  }
  return whys;
}

/** Where two answers are not the same bits; a NaN is a NaN whatever its payload. */
function bitDifference(got: TypedArray, want: TypedArray): string | undefined {
  for (let i = 0; i < got.length; i++)
    if (!Object.is(Number(got[i]), Number(want[i]))) return `${i}: ${got[i]}, the portable module gives ${want[i]}`;
  return undefined;
}

/**
 * A plan as the bytes that sdk/train/native/program.cc decodes. Little-endian u32 words:
 *   "PRTN" version batch arenaBytes stateBytes weightsBytes
 *   kernels: n, { length, text padded to 4 }
 *   steps:   n, { kernel, parallel or -1, slices, n args, { tag, value, offset } }
 *   inputs:  n, { feed, source, offset, sampleBytes }
 *   outputs: n, { offset, floats }
 * Argument tags: 0 i32, 1 f32 (value is its bits), 2 address (value is the region).
 */

import type { Plan, PlanArg, PlanStep } from "../../compile/plan.ts";
import { typeBytes } from "../../compile/sizes.ts";
import { PithError } from "../../error.ts";
import type { Feed } from "./backend.ts";

const MAGIC = 0x4e545250;
const VERSION = 1;
const REGIONS = { arena: 0, state: 1, weights: 2 } as const;
const FEEDS = { gather: 0, sampleIds: 1, step: 2, series: 3 } as const satisfies Record<Feed["kind"], number>;

/** Sharing a step costs about 10 us of waiting; a step below this much work is done by one thread. */
const SHARED_WORK = 50_000;

export interface EncodedProgram {
  readonly bytes: Uint8Array;
  /** Data set buffers in the order of the program's sources. */
  readonly sources: readonly { readonly data: Uint8Array; readonly sampleBytes: number }[];
}

export function encodeProgram(plan: Plan, batch: number, feeds: Readonly<Record<string, Feed>>): EncodedProgram {
  const words: number[] = [MAGIC, VERSION, batch, plan.arenaBytes, plan.stateBytes, plan.weightsBytes];
  const kernels = [...new Set(plan.steps.map((s) => s.kernel))].sort();
  words.push(kernels.length);
  for (const name of kernels) words.push(...textWords(name));
  const indexOf = new Map(kernels.map((name, i) => [name, i]));
  words.push(plan.steps.length);
  for (const step of plan.steps) {
    words.push(indexOf.get(step.kernel)!, step.parallel ?? -1, workOf(step) < SHARED_WORK ? 1 : 1024, step.args.length);
    for (const arg of step.args) words.push(...argWords(plan, step, arg));
  }
  const sources: { data: Uint8Array; sampleBytes: number }[] = [];
  words.push(plan.inputs.length);
  for (const port of plan.inputs) {
    const feed = feeds[port.name];
    if (!feed) throw new PithError("internal", `training program: input "${port.name}" has no feed`);
    const sampleBytes = typeBytes(port.type) / batch;
    const source = feed.kind === "series" ? feed.row : feed.kind === "gather" ? sources.length : 0;
    if (feed.kind === "gather") sources.push({ data: bytesOf(feed.data), sampleBytes });
    words.push(FEEDS[feed.kind], source, port.offset, feed.kind === "gather" ? sampleBytes : 0);
  }
  words.push(plan.outputs.length);
  for (const port of plan.outputs) words.push(port.offset, port.bytes / 4);
  return { bytes: new Uint8Array(Uint32Array.from(words, (w) => w >>> 0).buffer), sources };
}

const bytesOf = (data: ArrayBufferView): Uint8Array => new Uint8Array(data.buffer, data.byteOffset, data.byteLength);

function textWords(text: string): number[] {
  const ascii = new TextEncoder().encode(text);
  const padded = new Uint8Array((ascii.length + 3) & ~3);
  padded.set(ascii);
  return [ascii.length, ...new Uint32Array(padded.buffer)];
}

/** A rough count of operations. */
const workOf = (step: PlanStep): number => Math.max(step.macs, step.output.bytes * 2);

function argWords(plan: Plan, step: PlanStep, arg: PlanArg): readonly [number, number, number] {
  if ("i32" in arg) return [0, arg.i32, 0];
  if ("f32" in arg) return [1, new Uint32Array(Float32Array.of(arg.f32).buffer)[0]!, 0];
  const limit = { arena: plan.arenaBytes, state: plan.stateBytes, weights: plan.weightsBytes }[arg.region];
  if (arg.offset < 0 || arg.offset > limit)
    throw new PithError(
      "internal",
      `training program: "${step.name}" addresses ${arg.region} at ${arg.offset}, expected at most ${limit}`,
    );
  return [2, REGIONS[arg.region], arg.offset];
}

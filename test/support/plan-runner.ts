/**
 * Runs plans in Node by calling kernels one step at a time: all kernels that a set of plans needs are compiled in one
 * asc run per family (portable flavour), so that hundreds of models cost one compilation. Between regions lie guard
 * bytes, and after every step all memory but what that step may write must be as it was.
 */
import { createHash } from "node:crypto";
import type { Family, TypedArray } from "../../kernels/op.ts";
import { assemble } from "../../sdk/compile/assemble.ts";
import type { Place, Plan, PlanArg, Planned, PlanStep, Region } from "../../sdk/compile/plan.ts";
import { viewAs } from "../../sdk/runtime/module.ts";

const GUARD_BYTES = 256;
const CANARY = 0xa5;

export interface KernelModule {
  readonly kernels: Readonly<Record<string, (...args: number[]) => void>>;
  readonly memory: Uint8Array;
}

type Bases = Readonly<Record<Region, number>>;

const align = (bytes: number): number => (bytes + 15) & ~15;

function basesOf(plan: Plan): Bases & { readonly end: number } {
  const arena = 1024;
  const state = arena + align(plan.arenaBytes) + GUARD_BYTES;
  const weights = state + align(plan.stateBytes) + GUARD_BYTES;
  return { arena, state, weights, end: weights + align(plan.weightsBytes) + GUARD_BYTES };
}

/** The kernels of all plans of one family, in one module that imports nothing. */
export async function compileKernels(plans: readonly Plan[], family: Family): Promise<KernelModule> {
  const sources = new Map<string, Set<string>>();
  for (const { kernel, source } of plans.flatMap((p) => p.steps))
    sources.set(source, (sources.get(source) ?? new Set()).add(kernel));
  const entry = [...sources]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([source, kernels]) => `export { ${[...kernels].sort().join(", ")} } from "./${source}";`)
    .join("\n");
  if (plans.length === 0) return { kernels: {}, memory: new Uint8Array(0) };
  const memoryBytes = Math.max(...plans.map((p) => basesOf(p).end), 1 << 16);
  const wasm = await assemble(entry, { family, flavour: "portable", memoryBytes });
  const module = new WebAssembly.Module(wasm as BufferSource);
  const imports = WebAssembly.Module.imports(module);
  if (imports.length > 0) throw new Error(`kernels import ${imports.map((i) => i.name).join(", ")}, expected nothing`);
  const { memory, ...kernels } = new WebAssembly.Instance(module).exports;
  return {
    kernels: kernels as KernelModule["kernels"],
    memory: new Uint8Array((memory as WebAssembly.Memory).buffer),
  };
}

/** One model in a module's memory; starting another one ends it. */
export class PlanRun {
  readonly #module: KernelModule;
  readonly #plan: Plan;
  readonly #weights: Uint8Array;
  readonly #bases: Bases & { readonly end: number };
  readonly #writable: readonly (readonly [from: number, to: number])[][];

  constructor(module: KernelModule, { plan, weights }: Planned) {
    this.#module = module;
    this.#plan = plan;
    this.#weights = weights;
    this.#bases = basesOf(plan);
    this.#writable = plan.steps.map((step, i) => this.#writableBy(step, i));
    this.reset();
  }

  /** Guards, weights, and the state as `init` leaves it. */
  reset(): void {
    const { memory } = this.#module;
    const { state, weights, end } = this.#bases;
    memory.fill(CANARY, 0, end);
    memory.set(this.#weights, weights);
    memory.fill(0, state, state + this.#plan.stateBytes);
    for (const image of this.#plan.stateImages)
      memory.copyWithin(state + image.offset, weights + image.weights, weights + image.weights + image.bytes);
  }

  /** One inference. `afterStep` sees the output of each step right after it ran. */
  infer(inputs: readonly TypedArray[], afterStep?: (step: number, output: TypedArray) => void): readonly TypedArray[] {
    const { memory } = this.#module;
    const { arena } = this.#bases;
    // What an inference left behind must not help the next one.
    memory.fill(CANARY, arena, arena + this.#plan.arenaBytes);
    this.#plan.inputs.forEach((port, i) => {
      const { buffer, byteOffset, byteLength } = inputs[i]!;
      if (byteLength !== port.bytes) throw new Error(`input ${port.name}: ${byteLength} bytes, expected ${port.bytes}`);
      memory.set(new Uint8Array(buffer, byteOffset, byteLength), this.#address(port));
    });
    this.#plan.steps.forEach((step, i) => {
      this.#run(step, i);
      afterStep?.(i, this.#read(step.output, step.output.type.dtype));
    });
    return this.#plan.outputs.map((port) => this.#read(port, port.type.dtype));
  }

  #run(step: PlanStep, index: number): void {
    const { kernels, memory } = this.#module;
    const kernel = kernels[step.kernel];
    if (!kernel) throw new Error(`no kernel ${step.kernel}`);
    const before = memory.slice(0, this.#bases.end);
    const value = (arg: PlanArg): number =>
      "region" in arg ? this.#bases[arg.region] + arg.offset : "i32" in arg ? arg.i32 : arg.f32;
    kernel(...step.args.map(value), ...(step.parallel === undefined ? [] : [0, step.parallel]));
    let from = 0;
    for (const [begin, end] of [...this.#writable[index]!, [this.#bases.end, this.#bases.end] as const]) {
      if (begin > from && Buffer.compare(memory.subarray(from, begin), before.subarray(from, begin)) !== 0) {
        const at = memory.findIndex((byte, i) => i >= from && byte !== before[i]);
        throw new Error(`${step.op} "${step.name}" (${step.kernel}) wrote at ${this.#describe(at)}`);
      }
      from = Math.max(from, end);
    }
  }

  /**
   * What a step may write: its first output, buffers that begin at it (further outputs, scratch), and those that it
   * addresses and that end at it or are state (results made in place).
   */
  #writableBy(step: PlanStep, index: number): (readonly [number, number])[] {
    const { buffers, states } = this.#plan;
    const addresses = (p: Place): boolean =>
      step.args.some(
        (a) => "region" in a && a.region === p.region && a.offset >= p.offset && a.offset < p.offset + p.bytes,
      );
    const places: Place[] = [
      step.output,
      ...buffers.filter((b) => b.first === index || (b.last <= index && b.first <= index && addresses(b))),
      ...states.filter(addresses),
    ];
    return places.map((p) => [this.#address(p), this.#address(p) + p.bytes] as const).sort((a, b) => a[0] - b[0]);
  }

  #address = (place: Place): number => this.#bases[place.region] + place.offset;

  #read(place: Place, dtype: Parameters<typeof viewAs>[0]): TypedArray {
    const at = this.#address(place);
    return viewAs(dtype, this.#module.memory.slice(at, at + place.bytes));
  }

  #describe(at: number): string {
    for (const region of ["weights", "state", "arena"] as const)
      if (at >= this.#bases[region]) return `${region} + ${at - this.#bases[region]}`;
    return `${at}`;
  }
}

/** Short name of a value in messages. */
export const digest = (data: TypedArray): string =>
  createHash("sha256")
    .update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
    .digest("hex")
    .slice(0, 12);

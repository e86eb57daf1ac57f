/**
 * Every address that a module can ever touch. The module is run once with data unknown: what was loaded from the
 * arena or the state is an interval, only constants and what follows from them are numbers. Addresses and branches
 * that are numbers are the same for all inputs, so that one run is all runs. Where data decides a branch both ways
 * are followed and joined where they meet; where data is part of an address (a lookup in a table) its whole interval
 * must lie inside one region. So a run without findings is a proof: no input makes a load leave the regions or a
 * store leave arena and state.
 */
import type { FunctionBody, Instruction } from "./body.ts";
import {
  binary,
  bit,
  type Data,
  GivenUp,
  high,
  joinValues,
  loaded,
  low,
  selected,
  unary,
  unknown,
  type Value,
} from "./interval.ts";
import type { WasmModule } from "./module.ts";
import { accessBytes } from "./opcodes.ts";
import type { VerifyRegions } from "./verify.ts";

export interface AddressReport {
  /** Loads, stores, copies and fills that ran. */
  readonly accesses: number;
  /** Of these, addresses that depend on data and stay inside one region whatever it is. */
  readonly lookups: number;
  /** Branches that data decides; both ways were followed. */
  readonly dataBranches: number;
  readonly instructions: number;
  /** What left its region, or why the run gave up; the first few, with the offset of the instruction in the file. */
  readonly findings: readonly string[];
}

/** Values of other types than i32: never compared with, or taken for, an address. */
const NO_I32: Data = unknown();
const FINDINGS = 8;
const INSTRUCTION_LIMIT = 4e9;
/** Rounds of a loop whose end data decides. */
const DATA_ROUNDS = 4096;

interface State {
  locals: Value[];
  stack: Value[];
}

/** Runs the exported functions `entries` in order. */
export function visitAddresses(
  module: WasmModule,
  bodies: readonly FunctionBody[],
  regions: VerifyRegions,
  weights: Uint8Array,
  entries: readonly number[],
): AddressReport {
  const run = new Run(module, bodies, regions, weights);
  try {
    for (const index of entries) run.call(index, []);
  } catch (error) {
    if (!(error instanceof GivenUp)) throw error;
    run.findings.push(error.message);
  }
  const { accesses, lookups, dataBranches, instructions, findings } = run;
  return { accesses, lookups, dataBranches, instructions, findings };
}

const FALL = -1;

class Run {
  accesses = 0;
  lookups = 0;
  dataBranches = 0;
  instructions = 0;
  readonly findings: string[] = [];
  readonly #module: WasmModule;
  readonly #bodies: readonly FunctionBody[];
  readonly #regions: readonly (readonly [begin: number, end: number])[];
  readonly #weights: Uint8Array;
  readonly #ends = new Map<FunctionBody, Int32Array>();

  constructor(module: WasmModule, bodies: readonly FunctionBody[], regions: VerifyRegions, weights: Uint8Array) {
    this.#module = module;
    this.#bodies = bodies;
    this.#regions = [regions.arena, regions.state, regions.weights].map(({ address, bytes }) => [
      address,
      address + bytes,
    ]);
    this.#weights = weights;
  }

  call(index: number, args: readonly Value[]): readonly Value[] {
    const fn = this.#module.functions[index]!;
    if (fn.imported) throw new GivenUp(`calls the import ${fn.imported.module}.${fn.imported.name}`);
    const body = this.#bodies[index]!;
    let ends = this.#ends.get(body);
    if (!ends) {
      ends = matchEnds(body.instructions);
      this.#ends.set(body, ends);
    }
    const locals: Value[] = [...args];
    for (const { count, type } of body.locals) for (let i = 0; i < count; i++) locals.push(type === "i32" ? 0 : NO_I32);
    const frame = new Frame(this, body.instructions, ends, { locals, stack: [] });
    frame.block(0, body.instructions.length - 1, fn.type.results.length);
    return frame.state.stack.slice(frame.state.stack.length - fn.type.results.length);
  }

  get module(): WasmModule {
    return this.#module;
  }

  /** Checks an access; true where the address is a number in the weights. */
  touch(at: number, address: Value, offset: number, bytes: number, store: boolean): boolean {
    this.accesses++;
    if (bytes === 0) return false;
    const [lo, hi] = typeof address === "number" ? [address, address] : [address.lo, address.hi];
    const [begin, end] = [lo + offset, hi + offset + bytes];
    const region = this.#regions.findIndex(([from, to]) => begin >= from && end <= to);
    if (typeof address !== "number" && region >= 0) this.lookups++;
    if (region < 0 || (store && region === 2)) {
      const what = typeof address === "number" ? "" : " (depends on data)";
      if (this.findings.length < FINDINGS)
        this.findings.push(
          `${store ? "store" : "load"} of ${bytes} bytes at ${begin}..${end}${what}, instruction at 0x${at.toString(16)}`,
        );
      if (this.findings.length >= FINDINGS) throw new GivenUp("and more");
    }
    return region === 2 && typeof address === "number";
  }

  constant(address: number, bytes: number, signed: boolean): number {
    const at = address - this.#regions[2]![0];
    let value = 0;
    for (let i = bytes - 1; i >= 0; i--) value = value * 256 + this.#weights[at + i]!;
    return bytes === 4 ? value | 0 : signed && value >= 2 ** (bytes * 8 - 1) ? value - 2 ** (bytes * 8) : value;
  }
}

/** For every block, loop and if: the index of its `end`; for an `if` with an `else`, the else is found from it. */
function matchEnds(code: readonly Instruction[]): Int32Array {
  const ends = new Int32Array(code.length).fill(-1);
  const open: number[] = [];
  code.forEach(({ name }, i) => {
    if (name === "block" || name === "loop" || name === "if") open.push(i);
    else if (name === "else") {
      // The if's entry points to the else, the else's to the end.
      const at = open.pop()!;
      ends[at] = i;
      open.push(i);
    } else if (name === "end") {
      const at = open.pop();
      if (at !== undefined) ends[at] = i;
    }
  });
  return ends;
}

class Frame {
  state: State;
  readonly #run: Run;
  readonly #code: readonly Instruction[];
  readonly #ends: Int32Array;
  /** Height of the operand stack and number of values of each open label; the function's own is first. */
  readonly #labels: { readonly height: number; readonly arity: number }[] = [];
  /** States that branch to a label because data said so, joined. */
  readonly #pending: (State | undefined)[] = [];

  constructor(run: Run, code: readonly Instruction[], ends: Int32Array, state: State) {
    this.#run = run;
    this.#code = code;
    this.#ends = ends;
    this.state = state;
  }

  /** Runs [from, to) as a block; FALL, or the outer label that is branched to. */
  block(from: number, to: number, arity: number): number {
    const label = this.#open(arity);
    const flow = this.#sequence(from, to);
    const met = this.#close(label, flow);
    return met;
  }

  #open(arity: number): number {
    this.#labels.push({ height: this.state.stack.length, arity });
    this.#pending[this.#labels.length - 1] = undefined;
    return this.#labels.length - 1;
  }

  /** Joins what branched here with what fell through; branches further out stay pending there. */
  #close(label: number, flow: number): number {
    const { height, arity } = this.#labels[label]!;
    const pending = this.#pending[label];
    const live = flow === FALL || flow === label;
    if (live) this.#unwind(height, arity);
    else if (pending) this.#pend(flow, this.state);
    this.#labels.length = label;
    if (!pending) return live ? FALL : flow;
    this.state = live ? joinStates(this.state, pending) : pending;
    return FALL;
  }

  #loop(from: number, to: number): number {
    let exits: State | undefined;
    for (let dataRounds = 0; ; ) {
      const label = this.#open(0);
      const flow = this.#sequence(from, to);
      const again = this.#pending[label];
      const { height } = this.#labels[label]!;
      this.#labels.length = label;
      if (flow === label) {
        this.state.stack.length = height;
        if (again) this.state = joinStates(this.state, again);
        continue;
      }
      if (!again) {
        if (flow !== FALL) {
          if (!exits) return flow;
          this.#pend(flow, this.state);
          this.state = exits;
        } else if (exits) this.state = joinStates(this.state, exits);
        return FALL;
      }
      if (flow === FALL) exits = exits ? joinStates(exits, this.state) : this.state;
      else this.#pend(flow, this.state);
      this.state = again;
      if (++dataRounds > DATA_ROUNDS) throw new GivenUp("a loop whose end depends on data");
    }
  }

  /** Keeps the top `arity` values above `height`. */
  #unwind(height: number, arity: number): void {
    const { stack } = this.state;
    if (stack.length > height + arity) stack.splice(height, stack.length - arity - height);
  }

  #pend(label: number, { locals, stack }: State): void {
    const { height, arity } = this.#labels[label]!;
    const top = arity === 0 ? [] : stack.slice(stack.length - arity);
    const state = { locals: locals.slice(), stack: [...stack.slice(0, height), ...top] };
    const before = this.#pending[label];
    this.#pending[label] = before ? joinStates(before, state) : state;
  }

  #sequence(from: number, to: number): number {
    const code = this.#code;
    for (let i = from; i < to; i++) {
      const instruction = code[i]!;
      const { name, immediate } = instruction;
      const { locals, stack } = this.state;
      if (++this.#run.instructions > INSTRUCTION_LIMIT) throw new GivenUp("more instructions than are followed");
      switch (name) {
        case "local.get":
          stack.push(locals[(immediate as { index: number }).index]!);
          break;
        case "local.set":
          locals[(immediate as { index: number }).index] = stack.pop()!;
          break;
        case "local.tee":
          locals[(immediate as { index: number }).index] = stack.at(-1)!;
          break;
        case "i32.const":
          stack.push((immediate as { value: number }).value);
          break;
        case "drop":
          stack.pop();
          break;
        case "nop":
          break;
        case "block":
        case "loop":
        case "if": {
          const end = this.#ends[i]!;
          const flow = this.#structured(instruction, i, end);
          if (flow !== FALL) return flow;
          i = code[end]!.name === "else" ? this.#ends[end]! : end;
          break;
        }
        case "br":
          return this.#target((immediate as { index: number }).index);
        case "br_if": {
          const condition = stack.pop()!;
          const target = this.#target((immediate as { index: number }).index);
          if (typeof condition === "number") {
            if (condition !== 0) return target;
          } else {
            this.#run.dataBranches++;
            this.#pend(target, this.state);
          }
          break;
        }
        case "br_table": {
          const { targets, otherwise } = immediate as { targets: readonly number[]; otherwise: number };
          const index = stack.pop()!;
          if (typeof index === "number") return this.#target(targets[index >>> 0] ?? otherwise);
          this.#run.dataBranches++;
          for (const t of targets) this.#pend(this.#target(t), this.state);
          return this.#target(otherwise);
        }
        case "return":
          return 0;
        case "unreachable":
          throw new GivenUp(`reaches an unreachable instruction at 0x${instruction.at.toString(16)}`);
        case "call": {
          const { index } = immediate as { index: number };
          const { params } = this.#run.module.functions[index]!.type;
          const args = stack.splice(stack.length - params.length, params.length);
          stack.push(...this.#run.call(index, args));
          break;
        }
        case "select":
        case "select_t": {
          const condition = stack.pop()!;
          const [no, yes] = [stack.pop()!, stack.pop()!];
          stack.push(selected(yes, no, condition));
          break;
        }
        case "global.get":
          stack.push(unknown());
          break;
        case "global.set":
          stack.pop();
          break;
        case "memory.copy":
        case "memory.fill": {
          const [bytes, from, to_] = [unsigned(stack.pop()!), unsigned(stack.pop()!), unsigned(stack.pop()!)];
          // A length that may be negative is one of up to 4 GiB.
          const length = low(bytes) < 0 ? 2 ** 32 : high(bytes);
          if (name === "memory.copy") this.#run.touch(instruction.at, from, 0, length, false);
          this.#run.touch(instruction.at, to_, 0, length, true);
          break;
        }
        default:
          this.#plain(instruction);
      }
    }
    return FALL;
  }

  #structured(instruction: Instruction, at: number, end: number): number {
    const { type } = instruction.immediate as { type: { params: readonly unknown[]; results: readonly unknown[] } };
    if (type.params.length > 0) throw new GivenUp("a block with parameters");
    if (instruction.name === "loop") return this.#loop(at + 1, end);
    const arity = type.results.length;
    if (instruction.name === "block") return this.block(at + 1, end, arity);
    const hasElse = this.#code[end]!.name === "else";
    const last = hasElse ? this.#ends[end]! : end;
    const condition = this.state.stack.pop()!;
    if (typeof condition === "number") {
      if (condition !== 0) return this.block(at + 1, end, arity);
      return hasElse ? this.block(end + 1, last, arity) : FALL;
    }
    this.#run.dataBranches++;
    const before = { locals: this.state.locals.slice(), stack: this.state.stack.slice() };
    const first = this.block(at + 1, end, arity);
    const taken = this.state;
    this.state = before;
    const second = hasElse ? this.block(end + 1, last, arity) : FALL;
    if (first !== FALL && second !== FALL) {
      this.#pend(first, taken);
      return second;
    }
    if (first !== FALL) this.#pend(first, taken);
    else if (second !== FALL) {
      this.#pend(second, this.state);
      this.state = taken;
    } else this.state = joinStates(taken, this.state);
    return FALL;
  }

  readonly #target = (depth: number): number => this.#labels.length - 1 - depth;

  /** Instructions whose types say what they take and give. */
  #plain({ op, name, at, immediate }: Instruction): void {
    const { stack } = this.state;
    if (immediate.kind === "memory" || immediate.kind === "memory-lane") {
      const store = name.includes("store");
      const others = op.type!.params.length - 1;
      stack.length -= others;
      const address = unsigned(stack.pop()!);
      const bytes = immediate.kind === "memory-lane" ? laneBytes(name) : accessBytes(name);
      const known = this.#run.touch(at, address, immediate.offset, bytes, store);
      if (store) return;
      if (!name.startsWith("i32.")) stack.push(NO_I32);
      else if (known)
        stack.push(this.#run.constant((address as number) + immediate.offset, bytes, !name.endsWith("_u")));
      else stack.push(loaded(name, bytes));
      return;
    }
    const { params, results } = op.type!;
    if (results[0] !== "i32" || params.some((p) => p !== "i32")) {
      stack.length -= params.length;
      if (results.length > 0)
        stack.push(results[0] !== "i32" ? NO_I32 : /\.(eqz|eq|ne|[lg][te])/.test(name) ? bit() : unknown());
      return;
    }
    const right = stack.pop()!;
    if (params.length === 1) stack.push(unary(name, right));
    else stack.push(binary(name, stack.pop()!, right));
  }
}

const laneBytes = (name: string): number => Number(/(\d+)_lane/.exec(name)![1]) / 8;

/** Addresses are unsigned: a negative number is one past 2 GiB, which no region reaches. */
const unsigned = (v: Value): Value => (typeof v === "number" ? v >>> 0 : v);

function joinStates(a: State, b: State): State {
  return {
    locals: a.locals.map((v, i) => joinValues(v, b.locals[i]!)),
    stack: a.stack.map((v, i) => joinValues(v, b.stack[i]!)),
  };
}

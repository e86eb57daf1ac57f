/**
 * The typed stack machine: the validation algorithm of the core specification (appendix 3) over decoded bodies.
 * What it accepts, V8 accepts too, and the verifier and the C emitter may trust its types.
 */
import { decodeBody, type FunctionBody, type Instruction } from "./body.ts";
import { malformed } from "./bytes.ts";
import type { FunctionType, WasmFunction, WasmModule } from "./module.ts";
import { accessBytes, type ContextOp, type OpName, type ValueType } from "./opcodes.ts";

/** Undefined stands for a value of any type, which unreachable code may pop. */
type StackType = ValueType | undefined;

interface Frame {
  readonly kind: "function" | "block" | "loop" | "if" | "else";
  readonly type: FunctionType;
  readonly height: number;
  unreachable: boolean;
}

/** Types of all locals, parameters first. */
export function localTypes(fn: WasmFunction, body: FunctionBody): ValueType[] {
  return [...fn.type.params, ...body.locals.flatMap(({ type, count }) => Array<ValueType>(count).fill(type))];
}

/** Decodes and type-checks a body; throws `file-format` with the offset of the first wrong instruction. */
export function checkBody(module: WasmModule, fn: WasmFunction): FunctionBody {
  const body = decodeBody(module, fn);
  new Checker(module, fn, localTypes(fn, body)).run(body.instructions, fn.end);
  return body;
}

class Checker {
  private readonly stack: StackType[] = [];
  private readonly frames: Frame[] = [];
  private at = 0;
  private readonly module: WasmModule;
  private readonly locals: readonly ValueType[];

  constructor(module: WasmModule, fn: WasmFunction, locals: readonly ValueType[]) {
    this.module = module;
    this.locals = locals;
    this.frames.push({
      kind: "function",
      type: { params: [], results: fn.type.results },
      height: 0,
      unreachable: false,
    });
  }

  run(instructions: readonly Instruction[], end: number): void {
    for (const instruction of instructions) {
      this.at = instruction.at;
      if (this.frames.length === 0) throw this.wrong(instruction.name, "nothing after the function's end");
      this.step(instruction);
    }
    this.at = end;
    if (this.frames.length > 0) throw this.wrong("the end of the body", "end");
  }

  private wrong(received: string, expected: string) {
    return malformed(this.at, received, expected);
  }

  private step({ op, name, immediate }: Instruction): void {
    if (immediate.kind === "memory" || immediate.kind === "memory-lane") this.checkMemory(name, immediate.alignBytes);
    if (immediate.kind === "zero" || immediate.kind === "zero2") this.checkMemory(name, 1);
    if (immediate.kind === "lane" || immediate.kind === "memory-lane") this.checkLane(name, immediate.lane);
    if (immediate.kind === "shuffle" && immediate.lanes.some((lane) => lane >= 32))
      throw this.wrong(`lanes ${immediate.lanes.join()}`, "lanes below 32");
    if (op.type) {
      this.popAll(op.type.params);
      this.stack.push(...op.type.results);
    } else this.stepInContext(name as ContextOp, immediate);
  }

  private stepInContext(name: ContextOp, immediate: Instruction["immediate"]): void {
    const index = immediate.kind === "index" ? immediate.index : 0;
    switch (name) {
      case "nop":
        return;
      case "unreachable":
        this.markUnreachable();
        return;
      case "block":
      case "loop":
      case "if": {
        if (name === "if") this.pop("i32");
        const type = immediate.kind === "block" ? immediate.type : { params: [], results: [] };
        this.popAll(type.params);
        this.open(name, type);
        return;
      }
      case "else": {
        const frame = this.close();
        if (frame.kind !== "if") throw this.wrong("else", "else only in an if");
        this.open("else", frame.type);
        return;
      }
      case "end": {
        const frame = this.close();
        if (frame.kind === "if" && String(frame.type.params) !== String(frame.type.results))
          throw this.wrong(
            "an if without else",
            `else, since it turns [${frame.type.params}] into [${frame.type.results}]`,
          );
        this.stack.push(...frame.type.results);
        return;
      }
      case "br":
        this.popAll(this.label(index));
        this.markUnreachable();
        return;
      case "br_if": {
        this.pop("i32");
        const types = this.label(index);
        this.popAll(types);
        this.stack.push(...types);
        return;
      }
      case "br_table":
        this.branchTable(immediate);
        return;
      case "return":
        this.popAll(this.frames[0]!.type.results);
        this.markUnreachable();
        return;
      case "call": {
        const fn = this.module.functions[index];
        if (!fn) throw this.wrong(`a call of function ${index}`, `one of ${this.module.functions.length} functions`);
        this.popAll(fn.type.params);
        this.stack.push(...fn.type.results);
        return;
      }
      case "drop":
        this.pop();
        return;
      case "select":
      case "select_t":
        this.select(immediate);
        return;
      case "local.get":
        this.stack.push(this.local(index));
        return;
      case "local.set":
        this.pop(this.local(index));
        return;
      case "local.tee":
        this.pop(this.local(index));
        this.stack.push(this.local(index));
        return;
      case "global.get":
        this.stack.push(this.global(index).type);
        return;
      case "global.set": {
        const global = this.global(index);
        if (!global.mutable) throw this.wrong(`global.set ${index}`, "a mutable global");
        this.pop(global.type);
        return;
      }
      default:
        name satisfies never;
    }
  }

  private branchTable(immediate: Instruction["immediate"]): void {
    if (immediate.kind !== "targets") return;
    this.pop("i32");
    const types = this.label(immediate.otherwise);
    for (const target of immediate.targets) {
      const other = this.label(target);
      if (other.length !== types.length) throw this.wrong(`br_table to ${other.length} values`, `${types.length}`);
      const popped = this.popAll(other);
      this.stack.push(...popped);
    }
    this.popAll(types);
    this.markUnreachable();
  }

  private select(immediate: Instruction["immediate"]): void {
    this.pop("i32");
    if (immediate.kind === "types") {
      const [type] = immediate.types;
      if (!type || immediate.types.length !== 1) throw this.wrong(`select of ${immediate.types.length} types`, "one");
      this.popAll([type, type]);
      this.stack.push(type);
      return;
    }
    const a = this.pop();
    const b = this.pop();
    if (a && b && a !== b) throw this.wrong(`select between ${b} and ${a}`, "equal types");
    this.stack.push(a ?? b);
  }

  private open(kind: Frame["kind"], type: FunctionType): void {
    this.frames.push({ kind, type, height: this.stack.length, unreachable: false });
    this.stack.push(...type.params);
  }

  private close(): Frame {
    const frame = this.frames[this.frames.length - 1]!;
    this.popAll(frame.type.results);
    if (this.stack.length !== frame.height)
      throw this.wrong(`${this.stack.length - frame.height} values too many`, `[${frame.type.results}] at the end`);
    this.frames.pop();
    return frame;
  }

  private markUnreachable(): void {
    const frame = this.frames[this.frames.length - 1]!;
    this.stack.length = frame.height;
    frame.unreachable = true;
  }

  private pop(expected?: ValueType): StackType {
    const frame = this.frames[this.frames.length - 1]!;
    if (this.stack.length === frame.height) {
      if (frame.unreachable) return expected;
      throw this.wrong("an empty stack", `a value${expected ? ` of type ${expected}` : ""}`);
    }
    const type = this.stack.pop();
    if (type && expected && type !== expected) throw this.wrong(`a value of type ${type}`, expected);
    return type ?? expected;
  }

  /** Pops in reverse order; returns what was there, in order. */
  private popAll(types: readonly ValueType[]): StackType[] {
    return [...types]
      .reverse()
      .map((type) => this.pop(type))
      .reverse();
  }

  private label(depth: number): readonly ValueType[] {
    const frame = this.frames[this.frames.length - 1 - depth];
    if (!frame) throw this.wrong(`a branch to label ${depth}`, `one of ${this.frames.length} labels`);
    return frame.kind === "loop" ? frame.type.params : frame.type.results;
  }

  private local(index: number): ValueType {
    const type = this.locals[index];
    if (!type) throw this.wrong(`local ${index}`, `one of ${this.locals.length} locals`);
    return type;
  }

  private global(index: number) {
    const global = this.module.globals[index];
    if (!global) throw this.wrong(`global ${index}`, `one of ${this.module.globals.length} globals`);
    return global;
  }

  private checkMemory(name: OpName, alignBytes: number): void {
    if (!this.module.memory) throw this.wrong(name, "a memory in the module");
    const natural = name.startsWith("memory.") ? alignBytes : accessBytes(name);
    if (alignBytes > natural) throw this.wrong(`${name} with alignment ${alignBytes}`, `at most ${natural}`);
  }

  private checkLane(name: OpName, lane: number): void {
    const count = name.startsWith("v128.") ? 16 / accessBytes(name) : Number(/x(\d+)\./.exec(name)?.[1]);
    if (lane >= count) throw this.wrong(`${name} of lane ${lane}`, `a lane below ${count}`);
  }
}

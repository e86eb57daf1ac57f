/**
 * One WebAssembly function as one C function. Structured control becomes labels and gotos; the operand stack
 * becomes expressions that are written where they are used, or `const` temporaries where order matters.
 */
import { PithError } from "../../error.ts";
import type { FunctionBody, Instruction } from "../wasm/body.ts";
import { localTypes } from "../wasm/check.ts";
import type { WasmFunction, WasmModule } from "../wasm/module.ts";
import type { ValueType } from "../wasm/opcodes.ts";
import { constant } from "./constants.ts";
import { branch, branchIf, branchTable, end, functionFrame, open, otherwise } from "./control.ts";
import { apply, C_TYPES, type Expression, fixed, not, operand, truth } from "./expression.ts";
import { ISA } from "./isa.ts";
import { WIDE_ISA } from "./isa-wide.ts";
import { load, plain, store } from "./plain.ts";
import { dropUnused } from "./unused.ts";
import { Writer } from "./writer.ts";

/** What a function needs from its callers besides its own parameters, in this order. */
export const AMBIENT = ["base", "ARENA", "STATE", "WEIGHTS"] as const;
export type Ambient = (typeof AMBIENT)[number];

export interface FunctionContext {
  readonly module: WasmModule;
  /** C names by function index. */
  readonly names: ReadonlyMap<number, string>;
  readonly needs: ReadonlyMap<number, ReadonlySet<Ambient>>;
  /** Linear addresses are native pointers and accesses aligned as stated (32-bit cores); else `base + address`. */
  readonly nativeAddresses: boolean;
  /** A comment for each step, in the function that chooses among them. */
  readonly stepComment: ((step: number) => string | undefined) | undefined;
}

export function emitFunction(context: FunctionContext, fn: WasmFunction, body: FunctionBody): string {
  return new FunctionEmitter(context, fn, body).emit();
}

class FunctionEmitter {
  private readonly w: Writer;
  private readonly locals: readonly ValueType[];
  private readonly readLocals: ReadonlySet<number>;
  private readonly comments = new Map<string, string>();
  private readonly context: FunctionContext;
  private readonly fn: WasmFunction;
  private readonly body: FunctionBody;

  constructor(context: FunctionContext, fn: WasmFunction, body: FunctionBody) {
    if (fn.type.results.length > 1)
      throw unsupported(`function ${fn.index} with ${fn.type.results.length} results`, "at most one");
    this.context = context;
    this.fn = fn;
    this.body = body;
    this.w = new Writer(fn.type.results.length > 0);
    this.locals = localTypes(fn, body);
    this.readLocals = new Set(
      body.instructions.flatMap(({ name, immediate }) =>
        name === "local.get" && immediate.kind === "index" ? [immediate.index] : [],
      ),
    );
  }

  emit(): string {
    const { fn, body, context, w } = this;
    w.frames.push(functionFrame());
    for (let i = 0; i < body.instructions.length; i++) {
      if (w.top.unreachable) i = nextReachable(body.instructions, i);
      this.step(body.instructions[i]!);
    }
    const text = dropUnused(w.lines.filter((line) => line !== undefined)).join("\n");
    const ambient = AMBIENT.filter((name) => context.needs.get(fn.index)?.has(name));
    const params = [
      ...ambient.map((name) => (name === "base" ? "uint8_t *base" : `u32 ${name}`)),
      ...fn.type.params.map((type, i) => `${C_TYPES[type]} p${i}`),
    ];
    const result = fn.type.results[0];
    // A loop in a function of its own keeps its registers.
    const isLoop = body.instructions.some(({ name }) => name === "loop");
    const head = `static ${isLoop ? "NOINLINE " : ""}${result ? C_TYPES[result] : "void"} ${context.names.get(fn.index)}(${params.join(", ") || "void"})`;
    return [head, "{", ...this.declarations(text), ...(text ? [text] : []), "}"].join("\n");
  }

  /** Locals that the text uses, and `(void)` for what it never reads. */
  private declarations(text: string): string[] {
    return this.locals.flatMap((type, index) => {
      const name = this.localName(index);
      const isParam = index < this.fn.type.params.length;
      const mentions = [...text.matchAll(new RegExp(`\\b${name}\\b( = )?`, "g"))];
      if (!isParam && mentions.length === 0) return [];
      const zero = type === "v128" ? "V128(0, 0, 0, 0)" : "0";
      return [
        ...(isParam ? [] : [`    ${C_TYPES[type]} ${name} = ${zero};`]),
        ...(mentions.every(([, assigned]) => assigned) ? [`    (void)${name};`] : []),
      ];
    });
  }

  private localName(index: number): string {
    return index < this.fn.type.params.length ? `p${index}` : `l${index}`;
  }

  private local(index: number): Expression {
    const value = fixed(this.locals[index]!, this.localName(index));
    return { ...value, reads: new Set([index]), fixed: false };
  }

  private step(instruction: Instruction): void {
    const { name, op, immediate } = instruction;
    const { w } = this;
    const known = constant(instruction);
    if (known) {
      w.push(known);
      return;
    }
    if (immediate.kind === "memory" || immediate.kind === "memory-lane") {
      this.memory(instruction);
      return;
    }
    if (op.type) {
      this.plain(instruction);
      return;
    }
    const index = immediate.kind === "index" ? immediate.index : 0;
    switch (name) {
      case "nop":
        return;
      case "unreachable":
        w.line("__builtin_trap();");
        w.leave();
        return;
      case "block":
      case "loop":
      case "if":
        open(w, instruction, name);
        return;
      case "else":
        otherwise(w);
        return;
      case "end":
        end(w, this.comments);
        return;
      case "br":
        branch(w, index);
        return;
      case "br_if":
        branchIf(w, index);
        return;
      case "br_table":
        branchTable(w, instruction, this.context.stepComment, this.comments);
        return;
      case "return":
        branch(w, w.frames.length - 1);
        return;
      case "call":
        this.call(index);
        return;
      case "drop":
        w.pop();
        return;
      case "select":
      case "select_t": {
        const [a, b, condition] = w.popMany(3) as [Expression, Expression, Expression];
        w.push(apply("$2 ? $0 : $1", a.type, [a, b, { ...condition, c: truth(condition), atomic: false }]));
        return;
      }
      case "local.get":
        w.push(this.local(index));
        return;
      case "local.set":
        this.assignLocal(index, false);
        return;
      case "local.tee":
        this.assignLocal(index, true);
        return;
      case "global.get":
        w.push(this.global(index));
        return;
      default:
        throw unsupported(`${name} at 0x${instruction.at.toString(16)}`, "no mutable globals");
    }
  }

  private plain(instruction: Instruction): void {
    const { name, op } = instruction;
    const { w } = this;
    const operands = w.popMany(op.type!.params.length);
    if (name === "memory.copy" || name === "memory.fill") {
      this.bulk(name, operands);
      return;
    }
    if (name === "memory.size" || name === "memory.grow")
      throw unsupported(`${name} at 0x${instruction.at.toString(16)}`, "a memory of fixed size");
    if (name === "i32.eqz") {
      w.push(not(operands[0]!));
      return;
    }
    const { template, traps } = plain(instruction);
    const expression = apply(template, op.type!.results[0]!, operands);
    // A trap happens where it stands, not where its value is used.
    w.push(traps ? w.name(expression) : expression);
  }

  private bulk(name: "memory.copy" | "memory.fill", operands: readonly Expression[]): void {
    const [to, source, bytes] = operands as [Expression, Expression, Expression];
    const native = this.context.nativeAddresses;
    const at = (e: Expression) => (native ? `(void *)(uintptr_t)${operand(e)}` : `base + ${operand(e)}`);
    this.w.settle((e) => e.readsMemory);
    this.w.line(
      name === "memory.copy"
        ? `memmove(${at(to)}, ${at(source)}, ${bytes.c});`
        : `memset(${at(to)}, (int)(u8)${operand(source)}, ${bytes.c});`,
    );
  }

  private memory(instruction: Instruction): void {
    const { op } = instruction;
    const { w } = this;
    const operands = w.popMany(op.type!.params.length);
    const [result] = op.type!.results;
    if (result) {
      w.push(apply(load(instruction, this.context.nativeAddresses), result, operands, true));
      return;
    }
    w.settle((e) => e.readsMemory);
    w.line(`${apply(store(instruction, this.context.nativeAddresses), "i32", operands).c};`);
  }

  private assignLocal(index: number, keep: boolean): void {
    const { w } = this;
    const value = w.pop();
    if (!this.readLocals.has(index)) {
      // Never read: effects were written out already, so only a kept value matters.
      if (keep) w.push(value);
      return;
    }
    w.settle((e) => e.reads.has(index));
    const name = this.localName(index);
    if (value.c !== name) w.line(`${name} = ${value.c};`);
    if (keep) w.push(this.local(index));
  }

  private global(index: number): Expression {
    const { imported, init, type } = this.context.module.globals[index]!;
    if (imported) return fixed(type, imported.name);
    const value = init && constant(init);
    if (!value) throw unsupported(`global ${index} initialized by ${init?.name}`, "a constant");
    return value;
  }

  private call(index: number): void {
    const { w, context } = this;
    const callee = context.module.functions[index]!;
    const args = w.popMany(callee.type.params.length);
    const [result] = callee.type.results;
    if (callee.imported && callee.imported.name in WIDE_ISA) {
      // A whole micro-kernel (isa-wide.ts): it takes the base of all addresses.
      w.settle((e) => e.readsMemory);
      w.line(`isa_${callee.imported.name}(${["base", ...args.map(({ c }) => c)].join(", ")});`);
      return;
    }
    if (callee.imported) {
      const list = args.map((_, i) => `$${i}`).join(", ");
      const { memory } = ISA[callee.imported.name]!;
      if (memory === "write") w.settle((e) => e.readsMemory);
      const call = apply(`isa_${callee.imported.name}(${list})`, result ?? "i32", args, memory !== undefined);
      if (!result) w.line(`${call.c};`);
      else w.push(memory === "write" ? w.name(call) : call);
      return;
    }
    w.settle((e) => e.readsMemory);
    const ambient = AMBIENT.filter((name) => context.needs.get(index)?.has(name));
    const call = `${context.names.get(index)}(${[...ambient, ...args.map(({ c }) => c)].join(", ")})`;
    if (result) w.push(w.name({ ...fixed(result, call), fixed: false }));
    else w.line(`${call};`);
  }
}

/** Index of the `else` or `end` that closes the block, from inside code that cannot run. */
function nextReachable(instructions: readonly Instruction[], from: number): number {
  let depth = 0;
  for (let i = from; ; i++) {
    const { name } = instructions[i]!;
    if (depth === 0 && (name === "else" || name === "end")) return i;
    if (name === "block" || name === "loop" || name === "if") depth++;
    if (name === "end") depth--;
  }
}

export function unsupported(received: string, expected: string): PithError {
  return new PithError("unsupported", `emit C: ${received}, expected ${expected}`);
}

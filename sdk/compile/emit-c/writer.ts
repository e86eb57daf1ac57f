import type { ValueType } from "../wasm/opcodes.ts";
import { C_TYPES, type Expression, fixed } from "./expression.ts";

/** A structured block that is open. */
export interface Frame {
  readonly kind: "function" | "block" | "loop" | "if" | "else";
  readonly label: string;
  /** Variables that a branch to the label assigns: a loop's parameters, any other block's results. */
  readonly targets: readonly Expression[];
  readonly results: readonly Expression[];
  readonly params: readonly Expression[];
  /** Values below the block. */
  readonly height: number;
  /** Line that takes a loop's label once a branch uses it. */
  readonly head: number;
  used: boolean;
  unreachable: boolean;
  /** For an `else`: whether the end of the first arm is reached. */
  readonly thenReached: boolean;
}

/** Longer expressions get a name, so that lines stay readable. */
const MAX_EXPRESSION = 110;

/** The text of one C function while it is written, with the operand stack and the open blocks. */
export class Writer {
  readonly lines: (string | undefined)[] = [];
  readonly stack: Expression[] = [];
  readonly frames: Frame[] = [];
  /** Whether the function has a result. */
  readonly returns: boolean;
  private temporaries = 0;
  private indent = 1;

  constructor(returns: boolean) {
    this.returns = returns;
  }

  get top(): Frame {
    return this.frames[this.frames.length - 1]!;
  }

  line(text: string): void {
    this.lines.push(`${"    ".repeat(this.indent)}${text}`);
  }

  brace(text: string, change: 1 | -1 | 0): void {
    if (change <= 0) this.indent--;
    this.line(text);
    if (change >= 0) this.indent++;
  }

  label(name: string): string {
    return `${"    ".repeat(this.indent - 1)}${name}:;`;
  }

  pop(): Expression {
    return this.stack.pop()!;
  }

  popMany(count: number): Expression[] {
    return this.stack.splice(this.stack.length - count, count);
  }

  push(expression: Expression): void {
    this.stack.push(expression.c.length > MAX_EXPRESSION ? this.name(expression) : expression);
  }

  fresh(letter: string): string {
    return `${letter}${this.temporaries++}`;
  }

  /** The expression as a temporary that keeps its value. */
  name(expression: Expression): Expression {
    if (expression.fixed) return expression;
    const temporary = this.fresh("t");
    this.line(`const ${C_TYPES[expression.type]} ${temporary} = ${expression.c};`);
    return fixed(expression.type, temporary);
  }

  /** An assignable variable, for values that meet at a label. */
  variable(type: ValueType, value?: string): Expression {
    const name = this.fresh("r");
    this.line(`${C_TYPES[type]} ${name}${value === undefined ? "" : ` = ${value}`};`);
    return fixed(type, name);
  }

  /** Writes out the pending expressions, from `from` up, that must be evaluated before what comes next. */
  settle(must: (expression: Expression) => boolean, from = 0): void {
    for (let i = from; i < this.stack.length; i++) {
      const expression = this.stack[i]!;
      if (!expression.fixed && must(expression)) this.stack[i] = this.name(expression);
    }
  }

  /** Nothing more runs in this block until its `else` or `end`. */
  leave(): void {
    this.stack.length = this.top.height;
    this.top.unreachable = true;
  }
}

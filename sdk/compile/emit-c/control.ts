/** Structured control flow as labels and gotos. Blocks need no braces: temporaries are named once per function. */
import type { Instruction } from "../wasm/body.ts";
import { type Expression, truth } from "./expression.ts";
import type { Frame, Writer } from "./writer.ts";

const always = () => true;

export function functionFrame(): Frame {
  return {
    kind: "function",
    label: "",
    targets: [],
    results: [],
    params: [],
    height: 0,
    head: 0,
    used: false,
    unreachable: false,
    thenReached: false,
  };
}

export function open(w: Writer, { immediate }: Instruction, kind: "block" | "loop" | "if"): void {
  const type = immediate.kind === "block" ? immediate.type : { params: [], results: [] };
  const condition = kind === "if" ? w.pop() : undefined;
  w.settle(always);
  const values = w.popMany(type.params.length);
  const params = kind === "loop" ? values.map((value) => w.variable(value.type, value.c)) : values;
  const results = type.results.map((result) => w.variable(result));
  const label = w.fresh("L");
  const head = w.lines.length;
  if (kind === "loop") w.lines.push(undefined);
  if (condition) w.brace(`if (${truth(condition)}) {`, 1);
  w.frames.push({
    kind,
    label,
    targets: kind === "loop" ? params : results,
    results,
    params,
    height: w.stack.length,
    head,
    used: false,
    unreachable: false,
    thenReached: false,
  });
  w.stack.push(...params);
}

export function otherwise(w: Writer): void {
  const frame = w.top;
  const thenReached = !frame.unreachable;
  if (thenReached) assign(w, frame.results);
  w.brace("} else {", 0);
  w.frames[w.frames.length - 1] = { ...frame, kind: "else", unreachable: false, thenReached };
  w.stack.length = frame.height;
  w.stack.push(...frame.params);
}

/** Closes the innermost block; `comment` is written behind its label. */
export function end(w: Writer, comments: ReadonlyMap<string, string>): void {
  const frame = w.top;
  if (frame.kind === "function") {
    if (!frame.unreachable) giveBack(w);
    w.frames.pop();
    return;
  }
  const falls = !frame.unreachable;
  if (falls) assign(w, frame.results);
  const ownElse = frame.kind === "if" && frame.results.length > 0;
  if (ownElse) {
    w.brace("} else {", 0);
    for (const [i, result] of frame.results.entries()) w.line(`${result.c} = ${frame.params[i]!.c};`);
  }
  if (frame.kind === "if" || frame.kind === "else") w.brace("}", -1);
  w.frames.pop();
  w.stack.length = frame.height;
  if (frame.kind !== "loop" && frame.used) w.lines.push(w.label(frame.label));
  const comment = comments.get(frame.label);
  if (comment !== undefined) w.line(`/* ${comment} */`);
  const reached = falls || frame.kind === "if" || frame.thenReached || (frame.used && frame.kind !== "loop");
  if (reached) w.stack.push(...frame.results);
  else w.leave();
}

/** Stores the top values of the stack in `targets`; they stay on the stack. */
function assign(w: Writer, targets: readonly Expression[]): void {
  const base = w.stack.length - targets.length;
  // A loop's parameters may occur in each other's new values.
  if (targets.length > 1) w.settle(always, base);
  targets.forEach((target, i) => {
    const value = w.stack[base + i]!.c;
    if (value !== target.c) w.line(`${target.c} = ${value};`);
  });
}

function giveBack(w: Writer): void {
  const value = w.stack[w.stack.length - 1];
  w.line(value && w.returns ? `return ${value.c};` : "return;");
}

function jump(w: Writer, depth: number): void {
  const frame = w.frames[w.frames.length - 1 - depth]!;
  if (frame.kind === "function") {
    giveBack(w);
    return;
  }
  assign(w, frame.targets);
  w.line(`goto ${use(w, frame)};`);
}

function use(w: Writer, frame: Frame): string {
  frame.used = true;
  if (frame.kind === "loop") w.lines[frame.head] = `${frame.label}:;`;
  return frame.label;
}

export function branch(w: Writer, depth: number): void {
  jump(w, depth);
  w.leave();
}

function arity(w: Writer, frame: Frame): number {
  return frame.kind === "function" ? Number(w.returns) : frame.targets.length;
}

export function branchIf(w: Writer, depth: number): void {
  const condition = w.pop();
  const frame = w.frames[w.frames.length - 1 - depth]!;
  const values = arity(w, frame);
  if (values === 0) {
    const action = frame.kind === "function" ? "return;" : `goto ${use(w, frame)};`;
    w.line(`if (${truth(condition)}) ${action}`);
    return;
  }
  w.settle(always, w.stack.length - values);
  w.brace(`if (${truth(condition)}) {`, 1);
  jump(w, depth);
  w.brace("}", -1);
}

export function branchTable(
  w: Writer,
  { immediate }: Instruction,
  comment: ((step: number) => string | undefined) | undefined,
  comments: Map<string, string>,
): void {
  if (immediate.kind !== "targets") return;
  const index = w.pop();
  const { targets, otherwise: last } = immediate;
  const frameAt = (depth: number) => w.frames[w.frames.length - 1 - depth]!;
  w.settle(always, w.stack.length - arity(w, frameAt(last)));
  w.brace(`switch (${index.c}) {`, 1);
  targets.forEach((target, i) => {
    if (target === last) return;
    w.line(`case ${i}:`);
    const note = comment?.(i);
    const { label } = frameAt(target);
    if (note !== undefined && !comments.has(label)) comments.set(label, `step ${i}: ${note.replaceAll("*/", "* /")}`);
    if (targets[i + 1] !== target) jump(w, target);
  });
  w.line("default:");
  jump(w, last);
  w.brace("}", -1);
  w.leave();
}

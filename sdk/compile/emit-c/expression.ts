import type { ValueType } from "../wasm/opcodes.ts";

/**
 * A value on the emitter's stack: C text not yet written out. It is used once, so effects decide when it must be:
 * before a store or call where it reads memory, before `local.set` where it reads that local, before any label
 * unless it is fixed (a constant or a `const` temporary).
 */
export interface Expression {
  readonly type: ValueType;
  readonly c: string;
  /** `c` needs no parentheses as an operand. */
  readonly atomic: boolean;
  /** The same value as a C truth value (`c` is then its u32 form). */
  readonly condition?: string;
  readonly reads: ReadonlySet<number>;
  readonly readsMemory: boolean;
  readonly fixed: boolean;
}

const NONE: ReadonlySet<number> = new Set();
export const C_TYPES: Readonly<Record<ValueType, string>> = {
  i32: "u32",
  i64: "u64",
  f32: "f32",
  f64: "f64",
  v128: "v128",
};

export const fixed = (type: ValueType, c: string, atomic = true): Expression => ({
  type,
  c,
  atomic,
  reads: NONE,
  readsMemory: false,
  fixed: true,
});

export const operand = ({ c, atomic }: Expression): string => (atomic ? c : `(${c})`);
export const truth = (e: Expression): string => e.condition ?? `${operand(e)} != 0`;

/**
 * Puts operands into a row of an operator table. Arguments of a call stand bare; masked constant shift counts and
 * casts of constants are folded for the reader.
 */
export function apply(
  template: string,
  type: ValueType,
  operands: readonly Expression[],
  readsMemory = false,
): Expression {
  const isCondition = template.startsWith("?");
  const body = isCondition ? template.slice(1) : template;
  const isCall = /^\w+\([^()]*\)$/.test(body);
  const text = body
    .replace(/(?<=\w\(|, )\$(\d)(?=[,)])/g, (_, i) => operands[Number(i)]!.c)
    .replace(/\$(\d)/g, (_, i) => operand(operands[Number(i)]!))
    .replace(/([<>]=?) \(i(?:32|64)\)(\d+)u(?:ll)?$/, "$1 $2")
    .replace(/\((\d+)u(?:ll)? & (31|63)\)/g, (_, count, mask) => String(Number(count) & Number(mask)));
  const reads = operands.every((o) => o.reads.size === 0) ? NONE : new Set(operands.flatMap((o) => [...o.reads]));
  return {
    type,
    c: isCondition ? `(u32)(${text})` : text,
    // A cast or sign binds tighter than any binary operator, so it may stand bare as an operand.
    atomic: isCondition || isCall || /^(\((u|i|f)\d+\))+(\w+|\([^()]*\))$/.test(text),
    ...(isCondition && { condition: text }),
    reads,
    readsMemory: readsMemory || operands.some((o) => o.readsMemory),
    fixed: false,
  };
}

/** The opposite of a truth value, without a double negation. */
export function not(e: Expression): Expression {
  const condition = e.condition === undefined ? `${operand(e)} == 0` : `!(${e.condition})`;
  return { ...e, type: "i32", c: `(u32)(${condition})`, atomic: true, condition, fixed: false };
}

/** A small WebAssembly assembler, so that tests can build modules that no compiler would emit. */
import { encodeI32, encodeU32 } from "../../sdk/compile/wasm/bytes.ts";
import { accessBytes, OPCODES, type Opcode, type OpName, type ValueType } from "../../sdk/compile/wasm/opcodes.ts";

const TYPE_CODES: Readonly<Record<ValueType, number>> = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c, v128: 0x7b };
const BY_NAME: ReadonlyMap<string, Opcode> = new Map(OPCODES.map((op) => [op.name, op]));

/** Bytes of an instruction: its code and raw immediate bytes. */
export function op(name: OpName, ...immediate: number[]): number[] {
  const { code } = BY_NAME.get(name)!;
  return code > 0xff ? [code >> 8, ...encodeU32(code & 0xff), ...immediate] : [code, ...immediate];
}

export const i32 = (value: number): number[] => op("i32.const", ...encodeI32(value));
export const get = (local: number): number[] => op("local.get", ...encodeU32(local));
export const set = (local: number): number[] => op("local.set", ...encodeU32(local));
export const call = (fn: number): number[] => op("call", ...encodeU32(fn));
export const blockType = (type: ValueType | undefined): number => (type ? TYPE_CODES[type] : 0x40);

/** A load or store at natural alignment. */
export function access(name: OpName, offset: number, ...rest: number[]): number[] {
  return op(name, Math.log2(accessBytes(name)), ...encodeU32(offset), ...rest);
}

export interface TestFunction {
  readonly params?: readonly ValueType[];
  readonly results?: readonly ValueType[];
  readonly locals?: readonly ValueType[];
  readonly body: readonly number[];
  readonly exportAs?: string;
}

/** Indices of the imported globals in every assembled module. */
export const GLOBAL = { ARENA: 0, STATE: 1, WEIGHTS: 2 } as const;

const vector = (items: readonly (readonly number[])[]): number[] => [...encodeU32(items.length), ...items.flat()];
const text = (name: string): number[] => vector([...new TextEncoder().encode(name)].map((byte) => [byte]));
const section = (id: number, contents: readonly number[]): number[] => [id, ...encodeU32(contents.length), ...contents];
const types = (list: readonly ValueType[] = []): number[] => vector(list.map((type) => [TYPE_CODES[type]]));

export interface AssembleOptions {
  readonly imports?: boolean;
  readonly pages?: readonly number[];
  /** Types for blocks, by their index. */
  readonly blockTypes?: readonly { readonly params: readonly ValueType[]; readonly results: readonly ValueType[] }[];
  /** Raw sections by number, put where the order wants them. */
  readonly extra?: Readonly<Record<number, readonly number[]>>;
}

/** A module with one memory (exported) and the plan's three globals (imported). */
export function assemble(
  functions: readonly TestFunction[],
  { imports = true, pages = [4], blockTypes = [], extra = {} }: AssembleOptions = {},
): Uint8Array {
  const memory = pages.length > 1 ? [1, ...pages.flatMap(encodeU32)] : [0, ...encodeU32(pages[0] ?? 0)];
  const exports = functions.flatMap(({ exportAs }, i) => (exportAs ? [[...text(exportAs), 0, ...encodeU32(i)]] : []));
  const bodies = functions.map(({ locals = [], body }) => {
    const code = [...vector(locals.map((type) => [1, TYPE_CODES[type]])), ...body, 0x0b];
    return [...encodeU32(code.length), ...code];
  });
  const sections: Record<number, readonly number[]> = {
    1: vector([...blockTypes, ...functions].map(({ params, results }) => [0x60, ...types(params), ...types(results)])),
    ...(imports && { 2: vector(Object.keys(GLOBAL).map((name) => [...text("env"), ...text(name), 3, 0x7f, 0])) }),
    3: vector(functions.map((_, i) => encodeU32(blockTypes.length + i))),
    ...(pages.length > 0 && { 5: [1, ...memory] }),
    7: vector([...exports, ...(pages.length > 0 ? [[...text("memory"), 2, 0]] : [])]),
    10: vector(bodies),
    ...extra,
  };
  const order = [1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 10, 11, 0];
  const bytes = order.flatMap((id) => (sections[id] ? section(id, sections[id]) : []));
  return Uint8Array.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, ...bytes]);
}

/** The four entries of a model around the bodies of its steps (each stores its own results); callees come first. */
export function assembleModel(
  steps: readonly TestFunction[],
  options: AssembleOptions = {},
  callees: readonly TestFunction[] = [],
): Uint8Array {
  const first = callees.length;
  const table = steps.flatMap((_, i) => encodeU32(i));
  const step: number[] = [];
  // block default; block n-1; … block 0; br_table; end; call 0; return 0; end; call 1; …
  for (let i = 0; i <= steps.length; i++) step.push(...op("block", 0x40));
  step.push(
    ...get(0),
    ...op("br_table", ...encodeU32(steps.length), ...table, ...encodeU32(steps.length)),
    ...op("end"),
  );
  for (const i of steps.keys()) step.push(...call(first + i), ...i32(0), ...op("return"), ...op("end"));
  step.push(...i32(-2));
  const entry = (name: string, body: readonly number[], params: readonly ValueType[] = []): TestFunction => ({
    params,
    results: ["i32"],
    body,
    exportAs: `m_${name}`,
  });
  return assemble(
    [
      ...callees,
      ...steps,
      entry("init", i32(0)),
      entry("infer", [...steps.flatMap((_, i) => call(first + i)), ...i32(0)]),
      entry("step", step, ["i32"]),
      entry("monitors_reset", i32(0)),
    ],
    options,
  );
}

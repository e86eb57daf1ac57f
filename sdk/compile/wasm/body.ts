import { ByteReader, malformed } from "./bytes.ts";
import type { FunctionType, Local, WasmFunction, WasmModule } from "./module.ts";
import { valueTypeFromCode } from "./module.ts";
import { OPCODE_BY_CODE, type Opcode, type OpName, type ValueType } from "./opcodes.ts";

type Immediate =
  | { readonly kind: "none" | "zero" | "zero2" }
  | { readonly kind: "block"; readonly type: FunctionType }
  | { readonly kind: "index"; readonly index: number }
  | { readonly kind: "targets"; readonly targets: readonly number[]; readonly otherwise: number }
  | { readonly kind: "types"; readonly types: readonly ValueType[] }
  | { readonly kind: "memory"; readonly alignBytes: number; readonly offset: number }
  | { readonly kind: "memory-lane"; readonly alignBytes: number; readonly offset: number; readonly lane: number }
  | { readonly kind: "lane"; readonly lane: number }
  | { readonly kind: "shuffle"; readonly lanes: Uint8Array }
  | { readonly kind: "i32"; readonly value: number }
  | { readonly kind: "i64"; readonly value: bigint }
  | { readonly kind: "f32"; readonly bits: number }
  | { readonly kind: "f64"; readonly bits: bigint }
  | { readonly kind: "v128"; readonly bytes: Uint8Array };

/** One decoded instruction; `at` is its offset in the file. */
export interface Instruction {
  readonly op: Opcode;
  readonly name: OpName;
  readonly at: number;
  readonly immediate: Immediate;
}

export interface FunctionBody {
  readonly locals: readonly Local[];
  readonly instructions: readonly Instruction[];
}

/** V8's limit; without one, a body of ten bytes can declare 2^32 locals. */
const MAX_LOCALS = 50_000;

/** Decodes the body of `fn`; the last instruction is its `end`. Types are checked by `checkBody`. */
export function decodeBody(module: WasmModule, fn: WasmFunction): FunctionBody {
  const reader = new ByteReader(module.bytes, fn.start, fn.end);
  let total = fn.type.params.length;
  const locals = reader.vector(() => {
    const count = reader.u32();
    total += count;
    if (total > MAX_LOCALS) throw malformed(reader.at, `${total} locals`, `at most ${MAX_LOCALS}`);
    return { count, type: valueTypeFromCode(reader.u8(), reader.at - 1) };
  });
  const instructions: Instruction[] = [];
  while (!reader.done) instructions.push(decodeInstruction(reader, module.types));
  return { locals, instructions };
}

/** A constant expression: one constant instruction or `global.get`, then `end`. */
export function decodeConstant(reader: ByteReader): Instruction {
  const value = decodeInstruction(reader, []);
  if (!value.name.endsWith(".const") && value.name !== "global.get")
    throw malformed(value.at, value.name, "a constant in a constant expression");
  const end = decodeInstruction(reader, []);
  if (end.name !== "end") throw malformed(end.at, end.name, "end after the constant");
  return value;
}

function decodeInstruction(reader: ByteReader, types: readonly FunctionType[]): Instruction {
  const at = reader.at;
  let code = reader.u8();
  if (code === 0xfc || code === 0xfd) {
    const sub = reader.u32();
    if (sub > 0xff) throw malformed(at, `instruction 0x${code.toString(16)} ${sub}`, "a supported instruction");
    code = (code << 8) | sub;
  }
  const op = OPCODE_BY_CODE.get(code);
  if (!op) throw malformed(at, `instruction 0x${code.toString(16)}`, "a supported instruction");
  return { op, name: op.name, at, immediate: decodeImmediate(reader, op, types) };
}

function decodeImmediate(reader: ByteReader, op: Opcode, types: readonly FunctionType[]): Immediate {
  const kind = op.immediate;
  switch (kind) {
    case "none":
      return { kind };
    case "zero":
    case "zero2":
      for (let i = 0; i < (kind === "zero2" ? 2 : 1); i++)
        if (reader.u8() !== 0) throw malformed(reader.at - 1, "another memory", "memory 0");
      return { kind };
    case "block":
      return { kind, type: blockType(reader, types) };
    case "index":
      return { kind, index: reader.u32() };
    case "targets":
      return { kind, targets: reader.vector(() => reader.u32()), otherwise: reader.u32() };
    case "types":
      return { kind, types: reader.vector(() => valueTypeFromCode(reader.u8(), reader.at - 1)) };
    case "memory":
      return { kind, ...memoryArgument(reader) };
    case "memory-lane":
      return { kind, ...memoryArgument(reader), lane: reader.u8() };
    case "lane":
      return { kind, lane: reader.u8() };
    case "shuffle":
      return { kind, lanes: reader.take(16) };
    case "i32":
      return { kind, value: reader.i32() };
    case "i64":
      return { kind, value: reader.signed(64) };
    case "f32":
      return { kind, bits: littleEndian(reader.take(4)).getUint32(0, true) };
    case "f64":
      return { kind, bits: littleEndian(reader.take(8)).getBigUint64(0, true) };
    case "v128":
      return { kind, bytes: reader.take(16) };
  }
}

const littleEndian = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

function memoryArgument(reader: ByteReader): { alignBytes: number; offset: number } {
  const at = reader.at;
  const log = reader.u32();
  if (log > 4) throw malformed(at, `an alignment of 2^${log}`, "at most 2^4");
  return { alignBytes: 2 ** log, offset: reader.u32() };
}

function blockType(reader: ByteReader, types: readonly FunctionType[]): FunctionType {
  const at = reader.at;
  const code = Number(reader.signed(33));
  if (code === -64) return { params: [], results: [] };
  if (code < 0) return { params: [], results: [valueTypeFromCode(code + 128, at)] };
  const type = types[code];
  if (!type) throw malformed(at, `block type ${code}`, `one of ${types.length} types`);
  return type;
}

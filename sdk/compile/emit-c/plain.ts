import type { Instruction } from "../wasm/body.ts";
import { accessBytes, type OpName } from "../wasm/opcodes.ts";
import { SCALAR_OPS, TRAPPING } from "./scalar-ops.ts";
import { SIMD_OPS } from "./simd-ops.ts";

const OPERATORS: Readonly<Record<string, string>> = { ...SCALAR_OPS, ...SIMD_OPS };

/** The C template of an instruction without memory or control, and whether it can trap. */
export function plain({ name, immediate }: Instruction): { template: string; traps: boolean } {
  const row = OPERATORS[name];
  if (row !== undefined) return { template: row, traps: TRAPPING.has(name) };
  if (immediate.kind === "lane") return { template: lane(name, immediate.lane), traps: false };
  if (immediate.kind === "shuffle")
    return { template: `SHUFFLE8($0, $1, ${[...immediate.lanes].join(", ")})`, traps: false };
  throw new Error(`emit C: no row for ${name}`);
}

function lane(name: OpName, index: number): string {
  const [shape, action] = name.split(".") as [string, string];
  return action === "replace_lane"
    ? `${shape}_replace($0, ${index}, $1)`
    : `${shape}_${action.replace("_lane", "")}($0, ${index})`;
}

/** MEM(type, address, offset), with the type that states the alignment of the access. */
function memory(type: string, bytes: number, { immediate }: Instruction, alignedCore: boolean): string {
  if (immediate.kind !== "memory" && immediate.kind !== "memory-lane") throw new Error("not a memory access");
  const loose = bytes > 1 && (!alignedCore || immediate.alignBytes < bytes);
  return `MEM(${loose ? `${type}_u` : type}, $0, ${immediate.offset}u)`;
}

export function load(instruction: Instruction, alignedCore: boolean): string {
  const { name, immediate } = instruction;
  const bytes = accessBytes(name);
  const [type, action] = name.split(".") as [string, string];
  if (type === "v128") {
    if (action === "load") return memory("m_v128", 16, instruction, alignedCore);
    const word = memory(`m_u${bytes * 8}`, bytes, instruction, alignedCore);
    if (immediate.kind === "memory-lane") return `load${bytes * 8}_lane($1, ${immediate.lane}, ${word})`;
    return `${action}(${word})`;
  }
  if (action === "load")
    return memory(`m_${type[0] === "f" ? type : `u${bytes * 8}`}`, bytes, instruction, alignedCore);
  const wide = type.slice(1);
  if (action.endsWith("_u")) return `(u${wide})${memory(`m_u${bytes * 8}`, bytes, instruction, alignedCore)}`;
  return `(u${wide})(i${wide})${memory(`m_i${bytes * 8}`, bytes, instruction, alignedCore)}`;
}

/** An assignment of $1 to memory at $0. */
export function store(instruction: Instruction, alignedCore: boolean): string {
  const { name, immediate } = instruction;
  const bytes = accessBytes(name);
  const [type] = name.split(".") as [string];
  if (immediate.kind === "memory-lane")
    return `${memory(`m_u${bytes * 8}`, bytes, instruction, alignedCore)} = u${bytes * 8}_lane($1, ${immediate.lane})`;
  if (type === "v128") return `${memory("m_v128", 16, instruction, alignedCore)} = $1`;
  if (type[0] === "f") return `${memory(`m_${type}`, bytes, instruction, alignedCore)} = $1`;
  const cast = Number(type.slice(1)) === bytes * 8 ? "" : `(u${bytes * 8})`;
  return `${memory(`m_u${bytes * 8}`, bytes, instruction, alignedCore)} = ${cast}$1`;
}

import { ByteReader, encodeI32, encodeU32, malformed } from "./bytes.ts";

/** A section as framed in the file: `at` is its identifier byte, `start`..`end` its contents. */
export interface Section {
  readonly id: number;
  readonly at: number;
  readonly start: number;
  readonly end: number;
}

export const SECTION = {
  custom: 0,
  type: 1,
  import: 2,
  function: 3,
  table: 4,
  memory: 5,
  global: 6,
  export: 7,
  start: 8,
  element: 9,
  code: 10,
  data: 11,
  dataCount: 12,
} as const;

/** Order in which the specification wants the sections; data count stands between element and code. */
const ORDER = [1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 10, 11];

/** Frames the file: magic, version, then sections of known kind, each at most once and in order. */
export function readSections(bytes: Uint8Array): Section[] {
  const reader = new ByteReader(bytes);
  const header = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
  for (const byte of header)
    if (reader.u8() !== byte) throw malformed(reader.at - 1, "other bytes", "a WebAssembly 1 header");
  const sections: Section[] = [];
  let last = -1;
  while (!reader.done) {
    const at = reader.at;
    const id = reader.u8();
    const rank = ORDER.indexOf(id);
    if (id !== SECTION.custom) {
      if (rank <= last) throw malformed(at, `section ${id}`, "known sections, once each and in order");
      last = rank;
    }
    const length = reader.u32();
    const start = reader.at;
    reader.take(length);
    sections.push({ id, at, start, end: reader.at });
  }
  return sections;
}

/** The module without its custom sections: what a parser that trips over names should be given. */
export function withoutCustomSections(bytes: Uint8Array, sections: readonly Section[]): Uint8Array {
  const kept = sections.filter((section) => section.id !== SECTION.custom);
  return concat([bytes.subarray(0, 8), ...kept.map((section) => bytes.subarray(section.at, section.end))]);
}

export interface CustomSection {
  readonly name: string;
  readonly contents: Uint8Array;
}

export function customSections(bytes: Uint8Array, sections = readSections(bytes)): CustomSection[] {
  return sections
    .filter((section) => section.id === SECTION.custom)
    .map((section) => {
      const reader = new ByteReader(bytes, section.start, section.end);
      const name = reader.name();
      return { name, contents: bytes.subarray(reader.at, section.end) };
    });
}

export interface AppendedSections {
  /** Active data segments, written to memory at `address` when the module is instantiated. */
  readonly data?: readonly { readonly address: number; readonly bytes: Uint8Array }[];
  readonly custom?: readonly { readonly name: string; readonly contents: Uint8Array }[];
}

/**
 * The module with data segments and custom sections appended. The module must have no data section yet: model
 * weights and tables never pass through the compiler, and segments of its own would lie inside the plan.
 */
export function appendSections(module: Uint8Array, { data = [], custom = [] }: AppendedSections): Uint8Array {
  const own = readSections(module).find(({ id }) => id === SECTION.data || id === SECTION.dataCount);
  if (own && data.length > 0)
    throw malformed(own.at, "a data section", "none where segments are to be appended (no static data in kernels)");
  const parts: Uint8Array[] = [module];
  if (data.length > 0) {
    const segments = data.map(({ address, bytes }) =>
      concat([Uint8Array.from([0, 0x41, ...encodeI32(address), 0x0b, ...encodeU32(bytes.length)]), bytes]),
    );
    parts.push(frame(SECTION.data, concat([Uint8Array.from(encodeU32(segments.length)), ...segments])));
  }
  for (const { name, contents } of custom) {
    const label = new TextEncoder().encode(name);
    parts.push(frame(SECTION.custom, concat([Uint8Array.from(encodeU32(label.length)), label, contents])));
  }
  return concat(parts);
}

function frame(id: number, contents: Uint8Array): Uint8Array {
  return concat([Uint8Array.from([id, ...encodeU32(contents.length)]), contents]);
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

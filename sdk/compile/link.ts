/** Appending our own sections to a module: weights as an active data segment, documents as custom sections. */
import { PithError } from "../error.ts";

const SECTION = { custom: 0, code: 10, data: 11 } as const;

export function leb128(value: number): number[] {
  const out: number[] = [];
  let rest = value;
  do {
    const byte = rest & 0x7f;
    rest >>>= 7;
    out.push(rest ? byte | 0x80 : byte);
  } while (rest);
  return out;
}

const signedLeb128 = (value: number): number[] => {
  const out: number[] = [];
  let rest = value | 0;
  for (;;) {
    const byte = rest & 0x7f;
    rest >>= 7;
    const done = (rest === 0 && !(byte & 0x40)) || (rest === -1 && (byte & 0x40) !== 0);
    out.push(done ? byte : byte | 0x80);
    if (done) return out;
  }
};

const section = (id: number, body: Uint8Array): Uint8Array =>
  concat([Uint8Array.from([id, ...leb128(body.length)]), body]);

export function concat(parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
  let offset = 0;
  for (const part of parts) {
    out.set(part, offset);
    offset += part.length;
  }
  return out;
}

/** Places `bytes` at a linear address when the module is instantiated. The module must have no data section. */
export function appendData(module: Uint8Array, address: number, bytes: Uint8Array): Uint8Array {
  if (bytes.length === 0) return module;
  const body = concat([Uint8Array.from([1, 0, 0x41, ...signedLeb128(address), 0x0b, ...leb128(bytes.length)]), bytes]);
  const { end, hasData } = endOfCode(module);
  if (hasData)
    throw new PithError(
      "internal",
      "link: the module has a data section of its own, expected none (a kernel has static data)",
    );
  return concat([module.subarray(0, end), section(SECTION.data, body), module.subarray(end)]);
}

export function appendCustom(module: Uint8Array, name: string, bytes: Uint8Array): Uint8Array {
  const label = new TextEncoder().encode(name);
  return concat([module, section(SECTION.custom, concat([Uint8Array.from(leb128(label.length)), label, bytes]))]);
}

function endOfCode(module: Uint8Array): { end: number; hasData: boolean } {
  let at = 8;
  let end = -1;
  let hasData = false;
  while (at < module.length) {
    const id = module[at++]!;
    let size = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = module[at++]!;
      size |= (byte & 0x7f) << shift;
      if (!(byte & 0x80)) break;
    }
    at += size;
    if (id === SECTION.code) end = at;
    hasData ||= id === SECTION.data;
  }
  if (end < 0) throw new PithError("internal", "link: the module has no code section");
  return { end, hasData };
}

/** Unsigned LEB128 (DWARF 4, §7.6): seven bits a byte, low first, the top bit set on all but the last. u32, canonical. */
import { PithError } from "../error.ts";

export function encodeVarints(values: ArrayLike<number>): Uint8Array {
  const out: number[] = [];
  for (let i = 0; i < values.length; i++) {
    let rest = values[i]!;
    if (!Number.isInteger(rest) || rest < 0 || rest > 0xffffffff)
      throw new PithError("data", `varint: received ${rest} at ${i}, expected a u32 counter (split the frame)`);
    for (; rest > 0x7f; rest = Math.floor(rest / 128)) out.push((rest % 128) | 0x80);
    out.push(rest);
  }
  return Uint8Array.from(out);
}

/** Decodes exactly `count` varints that fill `bytes`; refuses u32 overflow and padded forms, so bytes and values are one to one. */
export function decodeVarints(bytes: Uint8Array, count: number): Uint32Array {
  if (count > bytes.length) throw malformed(`${bytes.length} bytes`, `${count} counters`);
  const out = new Uint32Array(count);
  let at = 0;
  for (let i = 0; i < count; i++) {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = bytes[at++];
      if (byte === undefined) throw malformed(`the end inside counter ${i}`, `${count} counters`);
      value += (byte & 0x7f) * scale;
      if (value > 0xffffffff || scale > 2 ** 28) throw malformed(`counter ${i} above 32 bits`, "u32");
      if (byte < 0x80) {
        if (byte === 0 && scale > 1) throw malformed(`counter ${i} padded`, "its shortest form");
        break;
      }
    }
    out[i] = value;
  }
  if (at !== bytes.length)
    throw malformed(`${bytes.length - at} bytes after counter ${count - 1}`, `${count} counters`);
  return out;
}

function malformed(received: string, expected: string): PithError {
  return new PithError(
    "file-format",
    `varints: received ${received}, expected ${expected} (do model and frame belong together?)`,
  );
}

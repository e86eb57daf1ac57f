import { PithError } from "../../error.ts";

/** A malformed module; `offset` is where in the file reading stopped. */
export function malformed(offset: number, received: string, expected: string): PithError {
  return new PithError("file-format", `wasm at 0x${offset.toString(16)}: ${received}, expected ${expected}`, {
    offset,
  });
}

/**
 * A cursor over untrusted bytes in [at, end). Every read is bounded by `end` and every LEB128 by its width, so
 * a hostile file costs at most time linear in its size and fails with the offset of the first bad byte.
 */
export class ByteReader {
  readonly bytes: Uint8Array;
  readonly end: number;
  at: number;

  constructor(bytes: Uint8Array, at = 0, end = bytes.length) {
    if (at > end || end > bytes.length)
      throw malformed(at, `a part that ends at ${end}`, `at most ${bytes.length} bytes`);
    this.bytes = bytes;
    this.at = at;
    this.end = end;
  }

  get done(): boolean {
    return this.at >= this.end;
  }

  u8(): number {
    if (this.at >= this.end) throw malformed(this.at, "the end of the bytes", "one more byte");
    return this.bytes[this.at++]!;
  }

  take(length: number): Uint8Array {
    if (length > this.end - this.at) throw malformed(this.at, `a length of ${length}`, `at most ${this.end - this.at}`);
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }

  /** Unsigned LEB128 of at most 32 bits. */
  u32(): number {
    const start = this.at;
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.u8();
      if (shift === 28 && byte > 0x0f) throw malformed(start, "an unsigned LEB128 beyond 32 bits", "at most 5 bytes");
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw malformed(start, "an unterminated LEB128", "at most 5 bytes");
  }

  /** Signed LEB128 of at most `bits` bits, as bigint. */
  signed(bits: 32 | 33 | 64): bigint {
    const start = this.at;
    let value = 0n;
    for (let shift = 0; shift < bits; shift += 7) {
      const byte = this.u8();
      value |= BigInt(byte & 0x7f) << BigInt(shift);
      if (byte < 0x80) {
        const wide = BigInt.asIntN(Math.min(shift + 7, 70), value);
        if (BigInt.asIntN(bits, wide) !== wide) throw malformed(start, "a signed LEB128 out of range", `${bits} bits`);
        return wide;
      }
    }
    throw malformed(start, "an unterminated LEB128", `at most ${Math.ceil(bits / 7)} bytes`);
  }

  i32(): number {
    return Number(this.signed(32));
  }

  /** A length-prefixed UTF-8 name. */
  name(): string {
    const start = this.at;
    try {
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(this.take(this.u32()));
    } catch (error) {
      if (error instanceof PithError) throw error;
      throw malformed(start, "a name that is not UTF-8", "UTF-8");
    }
  }

  /** Reads a count and then as many items; each item takes at least one byte, which bounds the count. */
  vector<T>(item: () => T): T[] {
    const start = this.at;
    const count = this.u32();
    if (count > this.end - this.at) throw malformed(start, `a count of ${count}`, `at most ${this.end - this.at}`);
    return Array.from({ length: count }, item);
  }
}

/** Unsigned LEB128, the shortest form. */
export function encodeU32(value: number): number[] {
  const out: number[] = [];
  let rest = value >>> 0;
  do {
    out.push((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0));
    rest >>>= 7;
  } while (rest > 0);
  return out;
}

/** Signed LEB128 of an i32, the shortest form. */
export function encodeI32(value: number): number[] {
  const out: number[] = [];
  let rest = value | 0;
  for (;;) {
    const byte = rest & 0x7f;
    rest >>= 7;
    if ((rest === 0 && byte < 0x40) || (rest === -1 && byte >= 0x40)) return [...out, byte];
    out.push(byte | 0x80);
  }
}

/**
 * CBOR (RFC 8949), the part that SMP and telemetry frames use: integers, byte and text strings, arrays, maps, bool
 * and null. Encodes definite lengths in the shortest form; decodes indefinite ones too, since Zephyr sends them.
 * Tags, floats and undefined are refused.
 */
import { PithError } from "../error.ts";

export type CborValue =
  | number
  | bigint
  | string
  | boolean
  | null
  | Uint8Array
  | CborValue[]
  | Map<number | string, CborValue>;

/** Limits on input from outside: nesting, and elements of all arrays and maps together. */
const MAX_DEPTH = 8;
const MAX_ITEMS = 1 << 20;

const [UNSIGNED, NEGATIVE, BYTES, TEXT, ARRAY, MAP, SIMPLE] = [0, 1, 2, 3, 4, 5, 7] as const;
const [FALSE, TRUE, NULL, BREAK] = [20, 21, 22, 31] as const;
const INDEFINITE = 31;

export function encode(value: CborValue): Uint8Array {
  const out: number[] = [];
  encodeInto(out, value, 0);
  return Uint8Array.from(out);
}

function encodeInto(out: number[], value: CborValue, depth: number): void {
  if (depth > MAX_DEPTH) throw fail("encode", `nesting of ${depth}`, `at most ${MAX_DEPTH}`);
  if (value === null) out.push((SIMPLE << 5) | NULL);
  else if (typeof value === "boolean") out.push((SIMPLE << 5) | (value ? TRUE : FALSE));
  else if (typeof value === "number" || typeof value === "bigint") encodeInteger(out, value);
  else if (typeof value === "string") pushString(out, TEXT, new TextEncoder().encode(value));
  else if (value instanceof Uint8Array) pushString(out, BYTES, value);
  else if (Array.isArray(value)) {
    head(out, ARRAY, BigInt(value.length));
    for (const item of value) encodeInto(out, item, depth + 1);
  } else {
    head(out, MAP, BigInt(value.size));
    for (const [key, item] of value) {
      encodeInto(out, key, depth + 1);
      encodeInto(out, item, depth + 1);
    }
  }
}

function encodeInteger(out: number[], value: number | bigint): void {
  if (typeof value === "number" && !Number.isSafeInteger(value)) throw fail("encode", `${value}`, "a safe integer");
  const n = BigInt(value);
  if (n > 0xffffffffffffffffn || n < -0x10000000000000000n) throw fail("encode", `${n}`, "an integer of 64 bits");
  if (n >= 0n) head(out, UNSIGNED, n);
  else head(out, NEGATIVE, -1n - n);
}

function pushString(out: number[], major: number, bytes: Uint8Array): void {
  head(out, major, BigInt(bytes.length));
  for (const byte of bytes) out.push(byte);
}

function head(out: number[], major: number, argument: bigint): void {
  if (argument < 24n) {
    out.push((major << 5) | Number(argument));
    return;
  }
  const log = argument < 0x100n ? 0 : argument < 0x10000n ? 1 : argument < 0x100000000n ? 2 : 3;
  out.push((major << 5) | (24 + log));
  for (let shift = (8 << log) - 8; shift >= 0; shift -= 8) out.push(Number((argument >> BigInt(shift)) & 0xffn));
}

/** Decodes one value that fills `bytes` exactly. */
export function decode(bytes: Uint8Array): CborValue {
  const reader = { bytes, at: 0, items: 0 };
  const value = read(reader, 0);
  if (reader.at !== bytes.length) throw fail("decode", `${bytes.length - reader.at} bytes after the value`, "none");
  return value;
}

interface Reader {
  readonly bytes: Uint8Array;
  at: number;
  items: number;
}

function read(reader: Reader, depth: number): CborValue {
  if (depth > MAX_DEPTH) throw fail("decode", `nesting of ${depth}`, `at most ${MAX_DEPTH}`);
  if (++reader.items > MAX_ITEMS) throw fail("decode", `over ${MAX_ITEMS} items`, "fewer");
  const initial = byte(reader);
  const [major, info] = [initial >> 5, initial & 31];
  switch (major) {
    case UNSIGNED:
      return narrow(argument(reader, info));
    case NEGATIVE:
      return narrow(-1n - argument(reader, info));
    case BYTES:
    case TEXT:
      return readString(reader, major, info);
    case ARRAY:
      return readArray(reader, info, depth);
    case MAP:
      return readMap(reader, info, depth);
    case SIMPLE:
      if (info === FALSE || info === TRUE) return info === TRUE;
      if (info === NULL) return null;
  }
  throw fail(
    "decode",
    `item 0x${initial.toString(16).padStart(2, "0")} at byte ${reader.at - 1}`,
    "an integer, string, array, map, bool or null",
  );
}

function readString(reader: Reader, major: number, info: number): string | Uint8Array {
  if (info === INDEFINITE) throw fail("decode", "a string of indefinite length", "a definite one");
  const bytes = take(reader, argument(reader, info));
  if (major === BYTES) return bytes;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw fail("decode", "a text string that is not UTF-8", "UTF-8");
  }
}

function readArray(reader: Reader, info: number, depth: number): CborValue[] {
  const out: CborValue[] = [];
  for (let left = count(reader, info); more(reader, left); left--) out.push(read(reader, depth + 1));
  return out;
}

function readMap(reader: Reader, info: number, depth: number): Map<number | string, CborValue> {
  const out = new Map<number | string, CborValue>();
  for (let left = count(reader, info); more(reader, left); left--) {
    const key = read(reader, depth + 1);
    if (typeof key !== "number" && typeof key !== "string")
      throw fail("decode", "a map key of another type", "an integer or a text");
    if (out.has(key)) throw fail("decode", `key ${key} twice`, "each key once");
    out.set(key, read(reader, depth + 1));
  }
  return out;
}

/** Elements that follow; Infinity until a break. */
function count(reader: Reader, info: number): number {
  if (info === INDEFINITE) return Number.POSITIVE_INFINITY;
  const n = argument(reader, info);
  if (n > BigInt(reader.bytes.length - reader.at))
    throw fail("decode", `${n} elements in ${reader.bytes.length - reader.at} bytes`, "fewer");
  return Number(n);
}

function more(reader: Reader, left: number): boolean {
  if (left !== Number.POSITIVE_INFINITY) return left > 0;
  if (reader.bytes[reader.at] !== ((SIMPLE << 5) | BREAK)) return true;
  reader.at++;
  return false;
}

function argument(reader: Reader, info: number): bigint {
  if (info < 24) return BigInt(info);
  if (info > 27) throw fail("decode", `length code ${info} at byte ${reader.at - 1}`, "0 to 27");
  let value = 0n;
  for (let i = 0; i < 1 << (info - 24); i++) value = (value << 8n) | BigInt(byte(reader));
  return value;
}

function byte(reader: Reader): number {
  const value = reader.bytes[reader.at++];
  if (value === undefined) throw fail("decode", `the end after ${reader.bytes.length} bytes`, "more");
  return value;
}

function take(reader: Reader, length: bigint): Uint8Array {
  const left = reader.bytes.length - reader.at;
  if (length > BigInt(left)) throw fail("decode", `a string of ${length} bytes with ${left} left`, "a whole one");
  const out = new Uint8Array(reader.bytes.subarray(reader.at, reader.at + Number(length))); // a copy, also of a Buffer
  reader.at += out.length;
  return out;
}

function narrow(value: bigint): number | bigint {
  const n = Number(value);
  return Number.isSafeInteger(n) ? n : value;
}

function fail(where: string, received: string, expected: string): PithError {
  return new PithError("file-format", `cbor ${where}: ${received}, expected ${expected} (is this CBOR, and whole?)`);
}

/**
 * Simple Management Protocol, one message: an 8-byte big-endian header, then a CBOR map with text keys.
 *
 *     0        1      2      4      6         7
 *     +--------+------+------+------+---------+----+---------
 *     | ver|op | 0    | len  | group| sequence| id | CBOR map
 *     +--------+------+------+------+---------+----+---------
 *
 * Byte 0: bits 4..3 version (0: errors come as `rc`; 1: as `err`), bits 2..0 op. A response repeats sequence, group and id.
 */
import { PithError } from "../error.ts";
import { type CborValue, decode, encode } from "./cbor.ts";

export const SMP_HEADER_BYTES = 8;

/** SMP's operations; a response has its request's op plus 1. */
export const OP = { read: 0, readResponse: 1, write: 2, writeResponse: 3 } as const;
export type SmpOp = (typeof OP)[keyof typeof OP];

export const GROUP = { os: 0, image: 1, stat: 2 } as const;
export const OS = { echo: 0, reset: 5, params: 6 } as const;
export const IMAGE = { state: 0, upload: 1, erase: 5 } as const;

export type SmpMap = Map<number | string, CborValue>;

export interface SmpHeader {
  readonly op: SmpOp;
  readonly version: 0 | 1;
  readonly group: number;
  readonly sequence: number;
  readonly id: number;
}

export interface SmpMessage extends SmpHeader {
  readonly payload: SmpMap;
}

export function encodeMessage({ op, version, group, sequence, id, payload }: SmpMessage): Uint8Array {
  const body = encode(payload);
  const out = new Uint8Array(SMP_HEADER_BYTES + body.length);
  out.set([(version << 3) | op, 0, body.length >> 8, body.length & 255, group >> 8, group & 255, sequence & 255, id]);
  out.set(body, SMP_HEADER_BYTES);
  return out;
}

/** Decodes a whole message; throws when the header, the length or the CBOR is not SMP's. */
export function decodeMessage(bytes: Uint8Array): SmpMessage {
  if (bytes.length < SMP_HEADER_BYTES) throw malformed(`${bytes.length} bytes`, `at least ${SMP_HEADER_BYTES}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [op, version] = [view.getUint8(0) & 7, (view.getUint8(0) >> 3) & 3];
  if (!isOp(op)) throw malformed(`op ${op}`, "0 to 3");
  if (version !== 0 && version !== 1) throw malformed(`version ${version}`, "0 or 1");
  const body = bytes.subarray(SMP_HEADER_BYTES);
  if (view.getUint16(2) !== body.length) throw malformed(`length ${view.getUint16(2)}`, `${body.length}`);
  const payload = decode(body);
  if (!(payload instanceof Map)) throw malformed("another CBOR value", "a map");
  return { op, version, group: view.getUint16(4), sequence: view.getUint8(6), id: view.getUint8(7), payload };
}

function isOp(op: number): op is SmpOp {
  return op <= OP.writeResponse;
}

function malformed(received: string, expected: string): PithError {
  return new PithError("link", `smp message: ${received}, expected ${expected} (is this an SMP device?)`);
}

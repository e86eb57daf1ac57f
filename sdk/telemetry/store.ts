/**
 * An append-only log of raw frames on disk: what arrived can always be replayed, whatever later code thinks of it.
 *
 *     DIR/00000001.log, 00000002.log, …   segment:  "pithlog1"  record*
 *     record:  u32 payload bytes | u32 CRC-32 of payload | payload      (little-endian)
 *     payload: CBOR map { 0: device, 1: received, ms since 1970, 2: frame bytes }
 *
 * `append` returns after fsync. A power cut can only leave an unfinished record at the end of the last segment; `open`
 * cuts it off and says so. A bad record anywhere else is damage, not a torn write: it throws, when its segment is opened
 * or read, rather than lose what follows. One writer a directory.
 */
import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { crc32 } from "../compile/crc32.ts";
import { type CborValue, decode, encode } from "../device/cbor.ts";
import { PithError } from "../error.ts";

const MAGIC = new TextEncoder().encode("pithlog1");
const HEADER = 8;
const MAX_PAYLOAD = 1 << 24;
const SEGMENT = /^(\d{8})\.log$/;
const KEY = { device: 0, received: 1, frame: 2 } as const;

export interface StoredFrame {
  readonly device: string;
  /** Host time at arrival. */
  readonly receivedMs: number;
  readonly frame: Uint8Array;
}

export interface StoreOptions {
  /** A segment that has reached this size is closed and the next one begun. */
  readonly segmentBytes?: number;
}

export class FrameStore {
  readonly directory: string;
  /** Bytes of a torn record that `open` cut off. */
  readonly tornBytes: number;
  readonly #segmentBytes: number;
  #number: number;
  #file: number;
  #size: number;

  /** Opens the log in `directory`, which is made where it is missing. */
  constructor(directory: string, { segmentBytes = 1 << 26 }: StoreOptions = {}) {
    this.directory = directory;
    this.#segmentBytes = segmentBytes;
    mkdirSync(directory, { recursive: true });
    const segments = segmentsOf(directory);
    this.#number = segments.at(-1) ?? 1;
    const path = join(directory, nameOf(this.#number));
    const intact = existsSync(path) ? scan(directory, this.#number, true).end : 0;
    this.#file = openSync(path, "a");
    const size = fstatSync(this.#file).size;
    this.tornBytes = size - intact;
    if (size > intact) ftruncateSync(this.#file, intact);
    this.#size = intact;
    if (intact === 0) this.#begin();
    else fsyncSync(this.#file);
  }

  /** Appends frames in one write and one fsync; when it returns they are on disk. */
  append(...frames: readonly StoredFrame[]): void {
    if (this.#size >= this.#segmentBytes) this.#next();
    const records = frames.map(encodeRecord);
    this.#write(Buffer.concat(records));
  }

  /** All frames, oldest first. Frames appended meanwhile may or may not be seen. */
  *frames(): Generator<StoredFrame> {
    for (const segment of segmentsOf(this.directory))
      for (const payload of scan(this.directory, segment, segment === this.#number).payloads)
        yield decodePayload(payload);
  }

  close(): void {
    closeSync(this.#file);
  }

  #next(): void {
    closeSync(this.#file);
    this.#file = openSync(join(this.directory, nameOf(++this.#number)), "a");
    this.#size = 0;
    this.#begin();
  }

  /** A segment exists once its header and its name are on disk. */
  #begin(): void {
    this.#write(MAGIC);
    const directory = openSync(this.directory, "r");
    try {
      fsyncSync(directory);
    } finally {
      closeSync(directory);
    }
  }

  #write(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) at += writeSync(this.#file, bytes, at);
    fsyncSync(this.#file);
    this.#size += bytes.length;
  }
}

const nameOf = (segment: number): string => `${String(segment).padStart(8, "0")}.log`;

const segmentsOf = (directory: string): number[] =>
  readdirSync(directory)
    .flatMap((name) => SEGMENT.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b);

/** Payloads of a segment and the offset after the last whole record; a torn end is allowed in the last segment only. */
function scan(directory: string, segment: number, last: boolean): { payloads: Uint8Array[]; end: number } {
  const path = join(directory, nameOf(segment));
  const bytes = readFileSync(path);
  const payloads: Uint8Array[] = [];
  if (bytes.length < MAGIC.length && last && MAGIC.subarray(0, bytes.length).every((b, i) => b === bytes[i]))
    return { payloads, end: 0 };
  if (!MAGIC.every((b, i) => b === bytes[i]))
    throw new PithError(
      "file-format",
      `store: ${path} begins with other bytes, expected "pithlog1" (move the file away)`,
    );
  let at = MAGIC.length;
  for (let next = recordAt(bytes, at); next; next = recordAt(bytes, at)) {
    payloads.push(next.payload);
    at = next.end;
  }
  if (at < bytes.length && (!last || followed(bytes, at)))
    throw new PithError(
      "file-format",
      `store: ${path} has a damaged record at byte ${at} of ${bytes.length}, expected a whole one (restore the file, or move it away)`,
    );
  return { payloads, end: at };
}

function recordAt(bytes: Uint8Array, at: number): { payload: Uint8Array; end: number } | undefined {
  if (at + HEADER > bytes.length) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, HEADER);
  const length = view.getUint32(0, true);
  const end = at + HEADER + length;
  if (length === 0 || length > MAX_PAYLOAD || end > bytes.length) return undefined;
  const payload = bytes.subarray(at + HEADER, end);
  return crc32(payload) === view.getUint32(4, true) ? { payload, end } : undefined;
}

/** Does a whole record follow the bad one at `at`, going by its stated length? Then this is no torn end. */
function followed(bytes: Uint8Array, at: number): boolean {
  if (at + HEADER > bytes.length) return false;
  const length = new DataView(bytes.buffer, bytes.byteOffset + at, 4).getUint32(0, true);
  return length <= MAX_PAYLOAD && recordAt(bytes, at + HEADER + length) !== undefined;
}

function encodeRecord({ device, receivedMs, frame }: StoredFrame): Uint8Array {
  const payload = encode(
    new Map<number | string, CborValue>([
      [KEY.device, device],
      [KEY.received, receivedMs],
      [KEY.frame, frame],
    ]),
  );
  if (payload.length > MAX_PAYLOAD)
    throw new PithError("data", `store: record of ${payload.length} bytes, expected at most ${MAX_PAYLOAD}`);
  const out = new Uint8Array(HEADER + payload.length);
  const view = new DataView(out.buffer);
  view.setUint32(0, payload.length, true);
  view.setUint32(4, crc32(payload), true);
  out.set(payload, HEADER);
  return out;
}

function decodePayload(payload: Uint8Array): StoredFrame {
  const map = decode(payload);
  if (map instanceof Map) {
    const device = map.get(KEY.device);
    const receivedMs = map.get(KEY.received);
    const frame = map.get(KEY.frame);
    if (typeof device === "string" && typeof receivedMs === "number" && frame instanceof Uint8Array)
      return { device, receivedMs, frame };
  }
  throw new PithError(
    "file-format",
    "store: a record is no frame, expected { 0: device, 1: received, 2: frame } (was it written by this version?)",
  );
}

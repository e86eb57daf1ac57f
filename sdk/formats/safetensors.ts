/**
 * safetensors: u64 little-endian header length, a JSON header { name: { dtype, shape, data_offsets } } with free
 * strings in `__metadata__`, then the data. Source: huggingface/safetensors, README "Format".
 * Reading treats the file as hostile: lengths, offsets and overlaps are checked.
 */
import { elements, type TypedArray } from "../../kernels/op.ts";
import { PithError } from "../error.ts";

export interface SafeTensor {
  readonly shape: readonly number[];
  readonly data: TypedArray;
}

export interface SafeTensors {
  readonly metadata: Readonly<Record<string, string>>;
  readonly tensors: ReadonlyMap<string, SafeTensor>;
}

type Maker = new (buffer: ArrayBuffer) => TypedArray;

const DTYPES: Readonly<Record<string, Maker>> = {
  F32: Float32Array,
  F64: Float64Array,
  I8: Int8Array,
  I16: Int16Array,
  I32: Int32Array,
  U8: Uint8Array,
  U32: Uint32Array,
  I64: BigInt64Array,
};

const MAX_HEADER_BYTES = 64 << 20;

const dtypeName = (data: TypedArray): string => {
  const found = Object.entries(DTYPES).find(([, maker]) => data.constructor === maker);
  if (!found)
    throw new PithError(
      "internal",
      `safetensors: ${data.constructor.name}, expected one of ${Object.keys(DTYPES).join(", ")}`,
    );
  return found[0];
};

/** Deterministic: tensors in insertion order, header padded with spaces to 8 bytes. */
export function encodeSafeTensors({ metadata, tensors }: SafeTensors): Uint8Array {
  const header: Record<string, unknown> = { __metadata__: metadata };
  let offset = 0;
  for (const [name, { shape, data }] of tensors) {
    header[name] = { dtype: dtypeName(data), shape, data_offsets: [offset, offset + data.byteLength] };
    offset += data.byteLength;
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const headerBytes = (json.length + 7) & ~7;
  const out = new Uint8Array(8 + headerBytes + offset).fill(0x20, 8, 8 + headerBytes);
  new DataView(out.buffer).setBigUint64(0, BigInt(headerBytes), true);
  out.set(json, 8);
  let at = 8 + headerBytes;
  for (const { data } of tensors.values()) {
    out.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return out;
}

export function decodeSafeTensors(bytes: Uint8Array, where: string): SafeTensors {
  const fail = (received: string): never => {
    throw new PithError("file-format", `${where}: ${received}, expected a .pith model (safetensors)`);
  };
  if (bytes.length < 10) return fail(`${bytes.length} bytes`);
  const headerBytes = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  if (headerBytes > MAX_HEADER_BYTES || headerBytes > bytes.length - 8) return fail("no safetensors header");
  const header = parseHeader(bytes.subarray(8, 8 + headerBytes)) ?? fail("a header that is no JSON object");
  const body = bytes.subarray(8 + headerBytes);
  const tensors = new Map<string, SafeTensor>();
  let metadata: Record<string, string> = {};
  for (const [name, entry] of Object.entries(header)) {
    if (name === "__metadata__") metadata = stringsOf(entry) ?? fail("__metadata__ that is no table of strings");
    else tensors.set(name, readTensor(entry, body) ?? fail(`tensor "${name}" that is malformed or outside the file`));
  }
  return { metadata, tensors };
}

function parseHeader(bytes: Uint8Array): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function stringsOf(value: unknown): Record<string, string> | undefined {
  if (!isRecord(value)) return undefined;
  const out: Record<string, string> = {};
  for (const [key, text] of Object.entries(value)) {
    if (typeof text !== "string") return undefined;
    out[key] = text;
  }
  return out;
}

const isIndex = (value: unknown): value is number =>
  typeof value === "number" && Number.isSafeInteger(value) && value >= 0;

function readTensor(entry: unknown, body: Uint8Array): SafeTensor | undefined {
  if (!isRecord(entry)) return undefined;
  const { dtype, shape, data_offsets: range } = entry;
  const Maker = typeof dtype === "string" && Object.hasOwn(DTYPES, dtype) ? DTYPES[dtype] : undefined;
  if (
    !Maker ||
    !Array.isArray(shape) ||
    shape.length > 16 ||
    !shape.every(isIndex) ||
    !Array.isArray(range) ||
    range.length !== 2
  )
    return undefined;
  const [begin, end]: unknown[] = range;
  if (!isIndex(begin) || !isIndex(end) || begin > end || end > body.length) return undefined;
  // A copy, also of a Buffer, whose slice() would share memory at any alignment.
  const slice = new Uint8Array(body.subarray(begin, end));
  if (slice.length % new Maker(new ArrayBuffer(0)).BYTES_PER_ELEMENT !== 0) return undefined;
  const data = new Maker(slice.buffer);
  return elements(shape) === data.length ? { shape, data } : undefined;
}

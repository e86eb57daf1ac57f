/**
 * NumPy's .npy files (format 1.0 to 3.0, numpy/lib/format.py). The header is parsed by a small grammar of its own,
 * never evaluated; sizes are checked against the bytes that are there before anything is allocated.
 */
import type { TypedArray } from "../../kernels/op.ts";
import { PithError } from "../error.ts";

const DESCRIPTORS = {
  f32: { descr: "<f4", bytes: 4, view: (b: ArrayBuffer) => new Float32Array(b) },
  f64: { descr: "<f8", bytes: 8, view: (b: ArrayBuffer) => new Float64Array(b) },
  i8: { descr: "|i1", bytes: 1, view: (b: ArrayBuffer) => new Int8Array(b) },
  i16: { descr: "<i2", bytes: 2, view: (b: ArrayBuffer) => new Int16Array(b) },
  i32: { descr: "<i4", bytes: 4, view: (b: ArrayBuffer) => new Int32Array(b) },
  i64: { descr: "<i8", bytes: 8, view: (b: ArrayBuffer) => new BigInt64Array(b) },
  u8: { descr: "|u1", bytes: 1, view: (b: ArrayBuffer) => new Uint8Array(b) },
  u32: { descr: "<u4", bytes: 4, view: (b: ArrayBuffer) => new Uint32Array(b) },
  bool: { descr: "|b1", bytes: 1, view: (b: ArrayBuffer) => new Uint8Array(b) },
} as const;

export type NpyDType = keyof typeof DESCRIPTORS;
export type NpyData = TypedArray;

export interface NpyArray {
  readonly dtype: NpyDType;
  readonly shape: readonly number[];
  readonly data: NpyData;
}

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]; // \x93NUMPY
const MAX_HEADER_BYTES = 1 << 16;
const MAX_RANK = 32; // NumPy's own limit

/** `where` names the file in errors. */
export function readNpy(bytes: Uint8Array, where: string): NpyArray {
  const fail = (received: string, expected: string): PithError =>
    new PithError("file-format", `${where}: ${received}, expected ${expected}`);
  if (bytes.length < 10 || MAGIC.some((m, i) => bytes[i] !== m))
    throw fail(`not a NumPy file (${bytes.length} bytes)`, "a .npy array (numpy.save writes one)");
  const major = bytes[6]!;
  if (major < 1 || major > 3) throw fail(`.npy version ${major}`, "1, 2 or 3");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = major === 1 ? 10 : 12;
  if (bytes.length < start) throw fail("the header is cut off", "a whole .npy file");
  const headerBytes = major === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (headerBytes > MAX_HEADER_BYTES || start + headerBytes > bytes.length)
    throw fail(`a header of ${headerBytes} bytes in a file of ${bytes.length}`, "a whole .npy file");
  const header = parseHeader(new TextDecoder("latin1").decode(bytes.subarray(start, start + headerBytes)));
  if (!header) throw fail("the header is malformed", "{'descr': …, 'fortran_order': …, 'shape': …}");
  const dtype = dtypeOf(header.descr);
  if (!dtype)
    throw fail(
      `dtype ${JSON.stringify(header.descr)}`,
      `little-endian ${Object.keys(DESCRIPTORS).join(", ")} (convert with x.astype(numpy.float32))`,
    );
  const { bytes: elementBytes, view: viewOf } = DESCRIPTORS[dtype];
  const count = header.shape.reduce((n, d) => n * d, 1);
  const payload = bytes.length - start - headerBytes;
  if (!Number.isSafeInteger(count * elementBytes) || count * elementBytes !== payload)
    throw fail(
      `${payload} bytes of data for ${dtype}[${header.shape.join(",")}]`,
      `${Number.isSafeInteger(count * elementBytes) ? count * elementBytes : "fewer"} bytes`,
    );
  const data = viewOf(new Uint8Array(bytes.subarray(start + headerBytes)).buffer);
  return { dtype, shape: header.shape, data: header.fortran ? rowMajor(data, header.shape, viewOf) : data };
}

const dtypeOf = (descr: string): NpyDType | undefined =>
  (Object.keys(DESCRIPTORS) as NpyDType[]).find((name) => {
    const known = DESCRIPTORS[name].descr;
    return known === descr || (known.startsWith("|") && known.slice(1) === descr.replace(/^[<>=]/, ""));
  });

interface Header {
  readonly descr: string;
  readonly fortran: boolean;
  readonly shape: readonly number[];
}

/** The Python dictionary literal that numpy.save writes, keys in any order; undefined where it is anything else. */
function parseHeader(text: string): Header | undefined {
  const descr = /^[^'"]*\{(?:.*,)?\s*['"]descr['"]\s*:\s*['"]([^'"]{1,16})['"]/s.exec(text)?.[1];
  const fortran = /['"]fortran_order['"]\s*:\s*(True|False)\b/.exec(text)?.[1];
  const shape = /['"]shape['"]\s*:\s*\(\s*((?:\d{1,16}L?\s*,\s*)*(?:\d{1,16}L?\s*,?\s*)?)\)/.exec(text)?.[1];
  if (descr === undefined || fortran === undefined || shape === undefined) return undefined;
  const dims = shape
    .split(",")
    .map((d) => d.trim().replace(/L$/, ""))
    .filter((d) => d !== "")
    .map(Number);
  if (dims.length > MAX_RANK || dims.some((d) => !Number.isSafeInteger(d))) return undefined;
  return { descr, fortran: fortran === "True", shape: dims };
}

/** Column-major data in row-major order. */
function rowMajor(data: NpyData, shape: readonly number[], viewOf: (b: ArrayBuffer) => NpyData): NpyData {
  const out = viewOf(new ArrayBuffer(data.byteLength));
  const index = new Array<number>(shape.length).fill(0);
  for (let i = 0; i < out.length; i++) {
    let from = 0;
    for (let d = shape.length - 1; d >= 0; d--) from = from * shape[d]! + index[d]!;
    out[i] = data[from]!;
    for (let d = shape.length - 1; d >= 0 && ++index[d]! === shape[d]; d--) index[d] = 0;
  }
  return out;
}

export function writeNpy(array: NpyArray): Uint8Array {
  const { descr } = DESCRIPTORS[array.dtype];
  const shape = array.shape.length === 1 ? `(${array.shape[0]},)` : `(${array.shape.join(", ")})`;
  const dict = `{'descr': '${descr}', 'fortran_order': False, 'shape': ${shape}, }`;
  // Version 1.0: magic, version, u16 length; padded with spaces so that the data is 64-aligned.
  const headerBytes = Math.ceil((10 + dict.length + 1) / 64) * 64 - 10;
  const { data } = array;
  const out = new Uint8Array(10 + headerBytes + data.byteLength);
  out.set(MAGIC);
  out.set([1, 0, headerBytes & 0xff, headerBytes >> 8], 6);
  out.set(new TextEncoder().encode(`${dict.padEnd(headerBytes - 1)}\n`), 10);
  out.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), 10 + headerBytes);
  return out;
}

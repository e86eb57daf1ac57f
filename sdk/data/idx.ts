/** IDX files (.idx, .idx.gz), as MNIST is distributed: two zero bytes, a type, a rank, big-endian u32 dimensions, data. */
import { gunzipSync } from "node:zlib";
import { PithError } from "../error.ts";
import type { NpyArray, NpyDType } from "./npy.ts";

const MAX_BYTES = 2 ** 31;
const TYPES: Readonly<
  Record<
    number,
    { readonly dtype: NpyDType; readonly bytes: number; read(view: DataView, count: number): NpyArray["data"] }
  >
> = {
  8: { dtype: "u8", bytes: 1, read: (v, n) => Uint8Array.from({ length: n }, (_, i) => v.getUint8(i)) },
  9: { dtype: "i8", bytes: 1, read: (v, n) => Int8Array.from({ length: n }, (_, i) => v.getInt8(i)) },
  11: { dtype: "i16", bytes: 2, read: (v, n) => Int16Array.from({ length: n }, (_, i) => v.getInt16(i * 2)) },
  12: { dtype: "i32", bytes: 4, read: (v, n) => Int32Array.from({ length: n }, (_, i) => v.getInt32(i * 4)) },
  13: { dtype: "f32", bytes: 4, read: (v, n) => Float32Array.from({ length: n }, (_, i) => v.getFloat32(i * 4)) },
  14: { dtype: "f64", bytes: 8, read: (v, n) => Float64Array.from({ length: n }, (_, i) => v.getFloat64(i * 8)) },
};

export function readIdx(file: Uint8Array, where: string): NpyArray {
  const fail = (received: string, expected: string): PithError =>
    new PithError("file-format", `${where}: ${received}, expected ${expected}`);
  const bytes = file[0] === 0x1f && file[1] === 0x8b ? unzip(file, fail) : file;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const type = bytes.length >= 4 ? TYPES[bytes[2]!] : undefined;
  if (!type || bytes[0] !== 0 || bytes[1] !== 0) throw fail("not an IDX file", "0, 0, a type code and a rank");
  const rank = bytes[3]!;
  const start = 4 + rank * 4;
  if (bytes.length < start) throw fail("the header is cut off", `${rank} dimensions`);
  const shape = Array.from({ length: rank }, (_, i) => view.getUint32(4 + i * 4));
  const count = shape.reduce((n, d) => n * d, 1);
  if (count * type.bytes !== bytes.length - start)
    throw fail(`${bytes.length - start} bytes of data`, `${count * type.bytes} for ${type.dtype}[${shape.join(",")}]`);
  return {
    dtype: type.dtype,
    shape,
    data: type.read(new DataView(bytes.buffer, bytes.byteOffset + start, count * type.bytes), count),
  };
}

function unzip(file: Uint8Array, fail: (received: string, expected: string) => PithError): Uint8Array {
  try {
    return gunzipSync(file, { maxOutputLength: MAX_BYTES });
  } catch (error) {
    throw fail(`gzip: ${error instanceof Error ? error.message : String(error)}`, "a whole .gz file");
  }
}

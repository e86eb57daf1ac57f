import { deflateRawSync, gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { readIdx } from "../sdk/data/idx.ts";
import { type NpyArray, readNpy, writeNpy } from "../sdk/data/npy.ts";
import { readNpz } from "../sdk/data/npz.ts";
import { zip } from "./support/zip.ts";

/** A .npy file with a header of our choice. */
function npy(header: string, payload: Uint8Array, version = 1): Uint8Array {
  const text = new TextEncoder().encode(header);
  const length = version === 1 ? [text.length & 0xff, text.length >> 8] : [text.length & 0xff, text.length >> 8, 0, 0];
  return Uint8Array.of(0x93, ...new TextEncoder().encode("NUMPY"), version, 0, ...length, ...text, ...payload);
}
const f32 = (shape: readonly number[], data: Float32Array<ArrayBuffer>): NpyArray => ({ dtype: "f32", shape, data });

describe("npy", () => {
  test.each([[[]], [[0]], [[3]], [[2, 3, 1]]])("shape %j survives, and data starts 64-aligned", (shape) => {
    const count = shape.reduce((n, d) => n * d, 1);
    const file = writeNpy(
      f32(
        shape,
        Float32Array.from({ length: count }, (_, i) => i - 0.5),
      ),
    );
    expect((file.length - count * 4) % 64).toBe(0);
    expect(readNpy(file, "x")).toEqual(
      f32(
        shape,
        Float32Array.from({ length: count }, (_, i) => i - 0.5),
      ),
    );
  });
  test("column-major data is put in row-major order", () => {
    const file = npy("{'descr': '|i1', 'fortran_order': True, 'shape': (2, 3), }\n", Uint8Array.of(1, 4, 2, 5, 3, 6));
    expect(readNpy(file, "x").data).toEqual(Int8Array.of(1, 2, 3, 4, 5, 6));
  });
  test("version 2 headers, keys in another order", () => {
    expect(
      readNpy(npy('{"shape": (2,), "fortran_order": False, "descr": "<i2"}', Uint8Array.of(1, 0, 2, 0), 2), "x").data,
    ).toEqual(Int16Array.of(1, 2));
  });
  test("a view into a larger buffer reads its own bytes", () => {
    const file = writeNpy(f32([2], Float32Array.of(1, 2)));
    const shifted = new Uint8Array(file.length + 3);
    shifted.set(file, 3);
    expect(readNpy(shifted.subarray(3), "x").data).toEqual(Float32Array.of(1, 2));
  });
  const one = Uint8Array.of(0, 0, 128, 63);
  test.each([
    ["text", new TextEncoder().encode("hello, this is not an array"), "not a NumPy file"],
    ["nothing", new Uint8Array(0), "not a NumPy file"],
    [
      "a header longer than the file",
      Uint8Array.of(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, 0xff, 0xff),
      "a header of 65535 bytes",
    ],
    [
      "a header of 4 GB",
      Uint8Array.of(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 2, 0, 255, 255, 255, 255),
      "a header of 4294967295 bytes",
    ],
    ["version 9", npy("{}", one, 9), ".npy version 9"],
    ["code in the header", npy("__import__('os').system('x')", one), "the header is malformed"],
    ["pickled objects", npy("{'descr': '|O', 'fortran_order': False, 'shape': (1,)}", one), 'dtype "|O"'],
    ["big-endian", npy("{'descr': '>f4', 'fortran_order': False, 'shape': (1,)}", one), 'dtype ">f4"'],
    ["a structured dtype", npy("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,)}", one), "malformed"],
    ["a negative dimension", npy("{'descr': '<f4', 'fortran_order': False, 'shape': (-1,)}", one), "malformed"],
    [
      "more than there is",
      npy("{'descr': '<f4', 'fortran_order': False, 'shape': (1000000000,)}", one),
      "4 bytes of data for f32[1000000000]",
    ],
    [
      "a product that overflows",
      npy(`{'descr': '<f4', 'fortran_order': False, 'shape': (${"99999999, ".repeat(9)})}`, one),
      "expected fewer bytes",
    ],
    [
      "trailing bytes",
      npy("{'descr': '<f4', 'fortran_order': False, 'shape': ()}", Uint8Array.of(...one, 0)),
      "5 bytes of data for f32[], expected 4",
    ],
  ])("refuses %s", (_, bytes, expected) => {
    expect(() => readNpy(bytes, "x.npy")).toThrow(expected);
  });
  test("every truncation of a good file is refused", () => {
    const file = writeNpy(f32([3], Float32Array.of(1, 2, 3)));
    for (let n = 0; n < file.length; n++) expect(() => readNpy(file.subarray(0, n), "x")).toThrow("expected");
  });
});

describe("npz", () => {
  const a = writeNpy(f32([2], Float32Array.of(1, 2)));
  const archive = zip([
    { name: "a.npy", data: a, packed: a, method: 0 },
    { name: "b.npy", data: a, packed: deflateRawSync(a), method: 8 },
  ]);
  test("stored and deflated members", () => {
    const arrays = readNpz(archive, "x.npz");
    expect([...arrays.keys()]).toEqual(["a", "b"]);
    expect(arrays.get("b")!.data).toEqual(Float32Array.of(1, 2));
  });
  test.each([
    ["text", new TextEncoder().encode("not a zip"), "not a ZIP file"],
    [
      "a member that is no array",
      zip([{ name: "../../etc/x", data: a, packed: a, method: 0 }]),
      'member "../../etc/x"',
    ],
    [
      "a member twice",
      zip([
        { name: "a.npy", data: a, packed: a, method: 0 },
        { name: "a.npy", data: a, packed: a, method: 0 },
      ]),
      'member "a.npy"',
    ],
    ["another compression", zip([{ name: "a.npy", data: a, packed: a, method: 12 }]), "compression method 12"],
    [
      "a bomb that says it is small",
      zip([{ name: "a.npy", data: a, packed: deflateRawSync(new Uint8Array(1 << 22)), method: 8 }]),
      "does not inflate",
    ],
    ["a wrong CRC", zip([{ name: "a.npy", data: new Uint8Array(a.length), packed: a, method: 0 }]), "fails its CRC"],
  ])("refuses %s", (_, bytes, expected) => {
    expect(() => readNpz(bytes, "x.npz")).toThrow(expected);
  });
  test("every truncation is refused", () => {
    for (let n = 0; n < archive.length; n++) expect(() => readNpz(archive.subarray(0, n), "x")).toThrow("expected");
  });
});

describe("idx", () => {
  const file = Uint8Array.of(0, 0, 0x0b, 2, 0, 0, 0, 2, 0, 0, 0, 1, 1, 2, 0xff, 0xff);
  test("big-endian data, gzipped or not", () => {
    expect(readIdx(file, "x")).toEqual({ dtype: "i16", shape: [2, 1], data: Int16Array.of(258, -1) });
    expect(readIdx(gzipSync(file), "x").data).toEqual(Int16Array.of(258, -1));
  });
  test.each([
    ["text", new TextEncoder().encode("text"), "not an IDX file"],
    ["a cut", file.subarray(0, 14), "2 bytes of data, expected 4"],
    ["no dimensions", file.subarray(0, 6), "the header is cut off"],
    ["a cut gzip", gzipSync(file).subarray(0, 12), "expected a whole .gz file"],
  ])("refuses %s", (_, bytes, expected) => {
    expect(() => readIdx(bytes, "x")).toThrow(expected);
  });
});

import { encode as cborgEncode } from "cborg";
import { describe, expect, test } from "vitest";
import { philox } from "../kernels/numerics/philox.ts";
import { type CborValue, decode, encode } from "../sdk/device/cbor.ts";
import { decodeFrame, encodeFrame, type Frame } from "../sdk/telemetry/frame.ts";
import { decodeVarints, encodeVarints } from "../sdk/telemetry/leb128.ts";
import { Random } from "../sdk/telemetry/random.ts";

const model = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
const frame = (counts: Uint32Array, samples = 256): Frame => ({
  model,
  boot: 0x12345678,
  sequence: 1000,
  samples,
  counts,
});

/** Counts of `samples` draws in each of the rows, as monitors that count one bin an inference give. */
function drawn(rows: readonly number[], samples: number, seed: number): Uint32Array {
  const random = new Random(seed);
  return Uint32Array.from(rows.flatMap((bins) => random.multinomial(Array(bins).fill(1 / bins), samples)));
}

describe("varints", () => {
  test("bytes of DWARF's examples", () => {
    expect([...encodeVarints([2, 127, 128, 129, 130, 12857])]).toEqual([2, 127, 0x80, 1, 0x81, 1, 0x82, 1, 0xb9, 0x64]);
  });

  test("round trip at every size", () => {
    const values = Uint32Array.of(0, 1, 127, 128, 16383, 16384, 2097151, 2097152, 268435455, 268435456, 0xffffffff);
    expect(decodeVarints(encodeVarints(values), values.length)).toEqual(values);
  });

  test.each([
    ["the end inside a counter", [0x80], 1],
    ["a fifth byte above 32 bits", [0xff, 0xff, 0xff, 0xff, 0x10], 1],
    ["a sixth byte", [0x80, 0x80, 0x80, 0x80, 0x80, 0x00], 1],
    ["padding", [0x80, 0x00], 1],
    ["bytes left over", [1, 2], 1],
    ["fewer bytes than counters", [1], 1 << 30],
  ])("refuses %s", (_, bytes, count) => expect(() => decodeVarints(Uint8Array.from(bytes), count)).toThrow("varints:"));

  test("refuses what is no counter", () =>
    expect(() => encodeVarints([2 ** 32])).toThrow("varint: received 4294967296 at 0"));
});

describe("frame", () => {
  test("round trip", () => {
    const original = frame(drawn([8, 8, 16, 10], 256, 1));
    expect(decodeFrame(encodeFrame(original), original.counts.length)).toEqual(original);
  });

  test.each([
    ["confidence and 10 classes", [16, 10], 256],
    ["confidence and 10 classes", [16, 10], 1024],
    ["3 axes (mean, span), confidence, 4 classes", [8, 8, 8, 8, 8, 8, 16, 4], 50],
    ["4 features of a group", [8, 8, 8, 8], 1024],
  ])("%s: below 100 bytes", (_, rows, samples) => {
    expect(encodeFrame(frame(drawn(rows, samples, 3), samples)).length).toBeLessThan(100);
  });

  test("is read by an independent CBOR encoder's eyes", () => {
    const { boot, sequence, samples, counts } = frame(drawn([8], 50, 2), 50);
    const theirs = cborgEncode(
      new Map<number, unknown>([
        [0, 0],
        [1, model],
        [2, boot],
        [3, sequence],
        [4, samples],
        [5, encodeVarints(counts)],
        [99, "later"],
      ]),
    );
    expect(decodeFrame(theirs, 8)).toEqual(frame(counts, 50));
  });

  test.each<[string, CborValue, string]>([
    ["no map", [1], "frame: received no map"],
    ["another type", new Map([[0, 7]]), "frame: received type 7"],
    ["no model", new Map([[0, 0]]), "no model hash"],
    [
      "no counts",
      new Map<number, CborValue>([
        [0, 0],
        [1, model],
      ]),
      "no counts",
    ],
    [
      "a negative boot",
      new Map<number, CborValue>([
        [0, 0],
        [1, model],
        [2, -1],
        [3, 0],
        [4, 0],
        [5, new Uint8Array(0)],
      ]),
      "boot -1",
    ],
    [
      "a text sequence",
      new Map<number, CborValue>([
        [0, 0],
        [1, model],
        [2, 0],
        [3, "0"],
        [4, 0],
        [5, new Uint8Array(0)],
      ]),
      "sequence 0",
    ],
    [
      "samples beyond u32",
      new Map<number, CborValue>([
        [0, 0],
        [1, model],
        [2, 0],
        [3, 0],
        [4, 2 ** 32],
        [5, new Uint8Array(0)],
      ]),
      "samples",
    ],
  ])("refuses %s", (_, value, message) => expect(() => decodeFrame(encode(value), 0)).toThrow(message));

  test("every byte flipped or cut: decodes to a frame or throws a PithError, nothing else", () => {
    const bytes = encodeFrame(frame(drawn([8, 16], 50, 4), 50));
    for (let i = 0; i < bytes.length; i++) {
      for (let bit = 0; bit < 8; bit++) expectFrameOrError(bytes.map((b, j) => (j === i ? b ^ (1 << bit) : b)));
      expect(() => decodeFrame(bytes.subarray(0, i), 24)).toThrow();
    }
  });
});

function expectFrameOrError(bytes: Uint8Array): void {
  try {
    expect(decodeFrame(bytes, 24).counts).toHaveLength(24);
  } catch (error) {
    expect((error as Error).name).toBe("PithError");
  }
}

describe("cbor", () => {
  test.each<[CborValue]>([
    [0],
    [23],
    [24],
    [255],
    [256],
    [65536],
    [2 ** 32],
    [Number.MAX_SAFE_INTEGER],
    [-1],
    [-256],
    [true],
    [null],
    ["grün"],
    [[1, [2, "x"]]],
  ])("%j: cborg's bytes, and back", (value) => {
    expect(encode(value)).toEqual(cborgEncode(value));
    expect(decode(encode(value))).toEqual(value);
  });

  test("indefinite maps, as Zephyr sends them", () =>
    expect(decode(Uint8Array.of(0xbf, 1, 2, 0xff))).toEqual(new Map([[1, 2]])));

  test.each([
    ["nesting", Array(100).fill(0x81)],
    ["a huge array", [0x9a, 0xff, 0xff, 0xff, 0xff]],
    ["a huge string", [0x5b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]],
    ["a key twice", [0xa2, 1, 1, 1, 1]],
    ["a float", [0xf9, 0, 0]],
    ["a tag", [0xc0, 0]],
    ["text that is not UTF-8", [0x61, 0xff]],
    ["nothing", []],
    ["bytes after the value", [0, 0]],
  ])("refuses %s", (_, bytes) => expect(() => decode(Uint8Array.from(bytes))).toThrow("cbor decode:"));
});

test("philox: the vectors of Random123's kat_vectors", () => {
  const F = 0xffffffff;
  expect([...philox([0, 0, 0, 0], [0, 0])]).toEqual([0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8]);
  expect([...philox([F, F, F, F], [F, F])]).toEqual([0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd]);
  expect([...philox([0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], [0xa4093822, 0x299f31d0])]).toEqual([
    0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1,
  ]);
});

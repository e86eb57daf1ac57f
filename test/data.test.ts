import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, describe, expect, test } from "vitest";
import { philox } from "../kernels/numerics/philox.ts";
import { csvRows } from "../sdk/data/csv.ts";
import {
  dataset,
  gasDriftBatches,
  loadData,
  MOTOR_CLASSES,
  namedData,
  rows,
  simulateMotor,
  windows,
} from "../sdk/data/index.ts";
import { PithError } from "../sdk/error.ts";
import { realData } from "./support/real-data.ts";

const folder = mkdtempSync(join(tmpdir(), "pith-data-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;
const file = (content: string | Uint8Array, end = ".csv"): string => {
  const path = join(folder, `f${files++}${end}`);
  writeFileSync(path, content);
  return path;
};
const rowsOf = async (path: string): Promise<readonly (readonly string[])[]> => {
  const out: (readonly string[])[] = [];
  for await (const row of csvRows(path)) out.push(row.fields);
  return out;
};
const failure = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work;
  } catch (error) {
    if (error instanceof PithError) return `${error.code} ${error.message}`;
    throw error;
  }
  throw new Error("nothing was thrown");
};

test("philox: the known answers of Random123 (kat_vectors, philox4x32 10)", () => {
  const hex = (w: Uint32Array): string => [...w].map((v) => v.toString(16).padStart(8, "0")).join(" ");
  expect(hex(philox([0, 0, 0, 0], [0, 0]))).toBe("6627e8d5 e169c58d bc57ac4c 9b00dbd8");
  const f = 0xffffffff;
  expect(hex(philox([f, f, f, f], [f, f]))).toBe("408f276d 41c83b0e a20bc7c6 6d5451fd");
  expect(hex(philox([0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], [0xa4093822, 0x299f31d0]))).toBe(
    "d16cfe09 94fdcceb 5001e420 24126ea1",
  );
});

describe("dataset", () => {
  const data = dataset({
    inputs: { x: { type: { dtype: "f32", shape: [2] }, data: Float32Array.of(1, 2, 3, 4, 5, 6) } },
    labels: Int32Array.of(0, 1, 0),
    classes: ["a", "b"],
  });
  test("slices and samples are views of the same memory", () => {
    expect([...data.slice(1, 3)].map((s) => [...s.inputs["x"]!, s.label])).toEqual([
      [3, 4, 1],
      [5, 6, 0],
    ]);
    expect(data.at(1).inputs["x"]!.buffer).toBe(data.inputs["x"]!.data.buffer);
    expect(data.slice(2, 99).length).toBe(1);
  });
  test("refuses lengths that disagree and samples that are not there", () => {
    expect(() => dataset({ inputs: data.inputs, labels: Int32Array.of(0) })).toThrow(
      "labels has 1 samples, expected 3",
    );
    expect(() => data.at(3)).toThrow("sample 3, expected 0 to 2");
  });
});

describe("csv", () => {
  test("quotes, line ends and a byte order mark as in RFC 4180", async () => {
    expect(await rowsOf(file('\uFEFFa,"b ""c""","d\r\ne"\r\n\r\n1,,3\n4,5,6'))).toEqual([
      ["a", 'b "c"', "d\ne".replace("\n", "\r\n")],
      ["1", "", "3"],
      ["4", "5", "6"],
    ]);
  });
  test("gzip; a cut-off and a false .gz are typed errors", async () => {
    const packed = gzipSync("a,b\n1,2\n".repeat(5000));
    expect((await rowsOf(file(packed, ".csv.gz"))).length).toBe(10_000);
    expect(await failure(rowsOf(file(packed.subarray(0, 40), ".csv.gz")))).toMatch(
      /^file-format .*expected UTF-8 text compressed with gzip/,
    );
    expect(await failure(rowsOf(file("plain", ".csv.gz")))).toMatch(/^file-format .*incorrect header check/);
  });
  test.each([
    ["an open quote", 'a,"b\n', "ends inside a quoted field"],
    ["a quote inside", 'a,b"c\n', "a quote inside a field"],
    ["text after a quote", 'a,"b"c\n', "after a closing quote"],
    ["an endless row", `"${"x".repeat(1 << 20)}`, "characters in one row"],
  ])("refuses %s", async (_, text, expected) => {
    expect(await failure(rowsOf(file(text)))).toContain(expected);
  });
  test("bytes that are not UTF-8, a folder, a missing file", async () => {
    expect(await failure(rowsOf(file(Uint8Array.of(0x61, 0xff, 0xfe))))).toMatch(/^file-format/);
    expect(await failure(rowsOf(folder))).toMatch(/^file-format .*a folder/);
    expect(await failure(rowsOf(join(folder, "none.csv")))).toMatch(/^file-missing/);
  });
});

const header = "rec,part,x,y,label";
const recording = (rec: string, part: string, label: string, n: number, x = 0): string =>
  Array.from({ length: n }, (_, i) => `${rec},${part},${x + i},${-i},${label}`).join("\n");
const csv = (...parts: readonly string[]): string => file([header, ...parts, ""].join("\n"));
const options = { input: "v", columns: ["x", "y"], label: "label", group: "rec", split: "part", length: 4, hop: 2 };

describe("windows", () => {
  test("never cross recordings, labels or splits", async () => {
    const splits = await windows(
      csv(
        recording("r0", "train", "b", 7, 100),
        recording("r1", "train", "a", 4, 200),
        recording("r2", "test", "a", 3),
        recording("r3", "test", "b", 6, 300),
      ),
      options,
    );
    expect(splits.train.classes).toEqual(["a", "b"]);
    expect([...splits.train].map((s) => [s.inputs["v"]![0], s.inputs["v"]![1], s.inputs["v"]![6], s.label])).toEqual([
      [100, 0, 103, 1],
      [102, -2, 105, 1],
      [200, 0, 203, 0],
    ]);
    expect([...splits.test].map((s) => s.inputs["v"]![0])).toEqual([300, 302]);
    expect([...splits.train.groups!]).toEqual([0, 0, 1]);
    expect(splits.train.inputs["v"]!.type).toEqual({ dtype: "f32", shape: [4, 2] });
  });
  test.each([
    [
      "a missing column",
      { columns: ["x", "yy"] },
      [recording("r", "train", "a", 4)],
      'no column "yy" (did you mean "y"?)',
    ],
    [
      "a NaN",
      {},
      [recording("r", "train", "a", 4), "r,train,NaN,1,a"],
      'line 6 column "x": "NaN", expected a finite number',
    ],
    ["an empty value", {}, ["r,train,,1,a"], 'line 2 column "x": empty'],
    ["a ragged row", {}, [recording("r", "train", "a", 4), "r,train,1"], "line 6: 3 fields, expected 5"],
    ["an unknown split", {}, [recording("r", "trian", "a", 4)], '"trian", expected train, test or validation'],
    ["no test rows", {}, [recording("r", "train", "a", 4)], "the test split is empty"],
    [
      "a class without training data",
      {},
      [recording("r", "train", "a", 4), recording("q", "test", "b", 4)],
      'no training sample of class "b"',
    ],
    [
      "a recording in two splits",
      {},
      [recording("r", "train", "a", 4), recording("r", "test", "a", 4)],
      '"r" is in train and in test',
    ],
    ["recordings that are too short", { length: 9 }, [recording("r", "train", "a", 4)], "no recording has 9 rows"],
    ["a hop of zero", { hop: 0 }, [recording("r", "train", "a", 4)], "hop is 0"],
    ["no rows", {}, [], "no rows after the column names"],
  ])("refuses %s", async (_, change, parts, expected) => {
    expect(await failure(windows(csv(...parts), { ...options, ...change }))).toContain(expected);
  });
});

describe("rows", () => {
  test("one sample a row; numeric classes sort by value; a rule maps values to splits", async () => {
    const path = csv("b1,1,1,2,10", "b1,1,3,4,9", "b2,2,5,6,10", "b3,3,7,8,9");
    const splits = await rows(path, {
      inputs: { f: ["y", "x"] },
      label: "label",
      group: "rec",
      split: { column: "part", train: ["1"], test: ["2"] },
    });
    expect(splits.train.classes).toEqual(["9", "10"]);
    expect([...splits.train.inputs["f"]!.data]).toEqual([2, 1, 4, 3]);
    expect([...splits.test.labels!]).toEqual([1]);
    expect(splits.test.length).toBe(1);
  });
});

describe("simulated motor", () => {
  const splits = simulateMotor();
  test("1000 training and 300 test windows of five classes; same seed, same values", () => {
    expect([splits.train.length, splits.test.length, splits.train.classes]).toEqual([1000, 300, MOTOR_CLASSES]);
    expect(simulateMotor().test.inputs["accel"]!.data).toEqual(splits.test.inputs["accel"]!.data);
    expect(simulateMotor({ seed: 2 }).test.inputs["accel"]!.data).not.toEqual(splits.test.inputs["accel"]!.data);
  });
  test("gravity is 1 g in every window within bias, and values are codes of 1/4096 g", () => {
    for (const { inputs } of splits.test) {
      const values = Array.from(inputs["accel"]!, Number);
      const mean = [0, 1, 2].map((axis) => values.reduce((sum, v, i) => sum + (i % 3 === axis ? v / 200 : 0), 0));
      expect(Math.abs(Math.hypot(...mean) - 1)).toBeLessThan(0.1); // bias of at most 0.04 g, and what a window's cut leaves of the vibration
    }
    expect([...splits.test.inputs["accel"]!.data].every((v) => Number.isInteger(Number(v) * 4096))).toBe(true);
  });
  test("a loosened sensor changes what is measured, not the classes", () => {
    const loose = simulateMotor({ loosened: 1 });
    expect(loose.test.labels).toEqual(splits.test.labels);
    expect(loose.test.inputs["accel"]!.data).not.toEqual(splits.test.inputs["accel"]!.data);
  });
});

test("an unknown name says which names exist", async () => {
  expect(await failure(loadData("har-exercize"))).toContain('did you mean "har-exercise"?');
  expect(await failure(loadData("nowhere/x.npz"))).toMatch(/^file-missing/);
});

describe.skipIf(!realData)("real data sets", () => {
  test("har-exercise: 24 and 8 recordings of 1000 rows, windows of 200 every 25", async () => {
    const { train, test: held } = await namedData("har-exercise").load();
    expect([train.length, held.length]).toEqual([24 * 33, 8 * 33]);
    expect(train.classes).toEqual(["jumpingjack", "lunge", "other", "squat"]);
  });
  test("gas-drift: batches 1 and 2", async () => {
    const { train, test: later } = await gasDriftBatches({ train: ["1"], test: ["2"] });
    expect([train.length, later.length, train.inputs["sensors"]!.type.shape]).toEqual([445, 1244, [128]]);
  });
  test("occupancy: the official splits", async () => {
    const { train, test: held } = await namedData("occupancy").load();
    expect([train.length, held.length]).toEqual([8143, 2665 + 9752]);
  });
});

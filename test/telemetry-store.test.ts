import {
  appendFileSync,
  copyFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { FrameStore, type StoredFrame } from "../sdk/telemetry/store.ts";

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "pith-store-"));
});
afterEach(() => rmSync(dir, { recursive: true }));

const frames: StoredFrame[] = Array.from({ length: 5 }, (_, i) => ({
  device: `device-${i % 2}`,
  receivedMs: 1_700_000_000_000 + i,
  frame: Uint8Array.from({ length: 3 + 7 * i }, (_, j) => i * 31 + j),
}));
const first = () => join(dir, "00000001.log");

/** Opens, reads everything, and closes. */
function contents(directory = dir): { frames: StoredFrame[]; tornBytes: number } {
  const store = new FrameStore(directory);
  try {
    return { frames: [...store.frames()], tornBytes: store.tornBytes };
  } finally {
    store.close();
  }
}

function write(options = {}): void {
  const store = new FrameStore(dir, options);
  for (const frame of frames) store.append(frame);
  store.close();
}

describe("frame store", () => {
  test("gives back what was appended, over openings and batches", () => {
    write();
    const store = new FrameStore(dir);
    store.append(...frames);
    expect([...store.frames()]).toEqual([...frames, ...frames]);
    store.close();
    expect(contents()).toEqual({ frames: [...frames, ...frames], tornBytes: 0 });
  });

  test("begins new segments and reads them in order", () => {
    write({ segmentBytes: 64 });
    expect(readdirSync(dir).length).toBeGreaterThan(2);
    expect(contents().frames).toEqual(frames);
  });

  test("cut at every byte: what was whole is there, the torn end is gone, and appending goes on", () => {
    write();
    const whole = readFileSync(first());
    const ends: number[] = [];
    for (let at = 8; at < whole.length; at = ends.at(-1)!) ends.push(at + 8 + whole.readUInt32LE(at));
    for (let cut = 0; cut <= whole.length; cut++) {
      writeFileSync(first(), whole.subarray(0, cut));
      const kept = ends.filter((end) => end <= cut).length;
      const store = new FrameStore(dir);
      expect([...store.frames()]).toEqual(frames.slice(0, kept));
      expect(store.tornBytes).toBe(cut - (cut < 8 ? 0 : kept === 0 ? 8 : ends[kept - 1]!));
      store.append(frames[0]!);
      store.close();
      expect(contents()).toEqual({ frames: [...frames.slice(0, kept), frames[0]!], tornBytes: 0 });
    }
  });

  test("a torn end of zeros or rubbish, as after a power cut: cut off", () => {
    write();
    for (const tail of [new Uint8Array(40), Uint8Array.from({ length: 40 }, (_, i) => i * 37)]) {
      const before = statSync(first()).size;
      appendFileSync(first(), tail);
      expect(contents()).toEqual({ frames, tornBytes: 40 });
      expect(statSync(first()).size).toBe(before);
    }
  });

  test("damage before whole records is refused and left as it is", () => {
    write();
    const bytes = readFileSync(first());
    bytes[8 + 8 + 4]! ^= 1;
    writeFileSync(first(), bytes);
    expect(() => new FrameStore(dir)).toThrow(/damaged record at byte 8 of \d+/);
    expect(readFileSync(first())).toEqual(bytes);
  });

  test("a closed segment that was cut short is damage", () => {
    write({ segmentBytes: 64 });
    truncateSync(first(), statSync(first()).size - 1);
    expect(() => contents()).toThrow("00000001.log has a damaged record");
  });

  test("another file in its place is refused", () => {
    writeFileSync(first(), "not a log, long enough");
    expect(() => new FrameStore(dir)).toThrow('expected "pithlog1"');
  });

  test("files that are no segments are ignored", () => {
    write();
    copyFileSync(first(), join(dir, "backup.log"));
    expect(contents().frames).toEqual(frames);
  });
});

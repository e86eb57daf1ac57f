import { generateKeyPairSync } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { decode } from "../sdk/device/cbor.ts";
import { USER_GROUP } from "../sdk/device/commands.ts";
import { connectDevice, type Device } from "../sdk/device/device.ts";
import { buildImage, parseImage } from "../sdk/device/image.ts";
import type { UploadProgress } from "../sdk/device/upload.ts";
import { PithError } from "../sdk/error.ts";
import { FakeDevice, type Faults } from "./support/fake-device.ts";

const { privateKey } = generateKeyPairSync("ed25519");
const payload = Uint8Array.from({ length: 5000 }, (_, i) => (i * 31) & 255);
const image = buildImage({
  payload,
  version: "1.2.3",
  securityCounter: 7,
  target: 0x0104,
  manifestHash: 0xdeadbeef,
  privateKey,
});
const hash = Uint8Array.from(parseImage(image).hash);
const SHORT = { timeoutMs: 20, attempts: 4 };

describe("requests under faults", () => {
  let fake: FakeDevice;
  let device: Device;
  const consoleText: string[] = [];
  beforeEach(async () => {
    fake = new FakeDevice();
    consoleText.length = 0;
    device = await connectDevice(fake, { ...SHORT, onConsole: (text) => consoleText.push(text) });
  });
  afterEach(() => device.close());

  const everyKth = (k: number) => (n: number) => n % k === k - 1;
  const faults: [string, Faults][] = [
    ["nothing", {}],
    ["every 3rd response lost", { drop: everyKth(3) }],
    ["every 3rd request lost", { dropRequest: everyKth(3) }],
    ["every 2nd response corrupt", { corrupt: everyKth(2) }],
    ["every response twice", { duplicate: () => true }],
    ["log text between all lines", { consoleText: "[00:01] <inf> hello\n" }],
    ["offsets that go back", { offset: (n, offset) => (n % 5 === 4 ? Math.max(0, offset - 200) : offset) }],
    ["a start anew", { offset: (n, offset) => (n === 9 ? 0 : offset) }],
    ["all together", { drop: everyKth(5), corrupt: everyKth(4), duplicate: everyKth(3), consoleText: "log\n" }],
  ];
  test.each(faults)("an upload completes with %s", async (_, given) => {
    fake.faults = given;
    const progress: UploadProgress[] = [];
    await device.upload(image, { onProgress: (step) => progress.push(step) });
    expect(fake.slots[0]).toEqual(image);
    expect(progress.at(-1)).toMatchObject({ sent: image.length, total: image.length });
    if (given.consoleText) expect(consoleText.join("")).toContain(given.consoleText);
  });

  test("an upload that was cut off resumes where it was, over another link", async () => {
    const cut = new AbortController();
    const upload = device.upload(image, {
      signal: cut.signal,
      onProgress: ({ sent }) => sent > 2000 && cut.abort(new Error("cut")),
    });
    await expect(upload).rejects.toThrow("cut");
    const again = await connectDevice(fake.reconnect(), SHORT);
    const sent: number[] = [];
    await again.upload(image, { onProgress: (step) => sent.push(step.sent) });
    expect(sent[0]).toBeGreaterThan(2000);
    expect(fake.slots[0]).toEqual(image);
  });

  test("chunks fill the device's buffer and no more", async () => {
    for (const bytes of [128, 384, 1024, 4096]) {
      fake.bufferBytes = bytes;
      const sizes: number[] = [];
      const write = fake.write.bind(fake);
      fake.write = (frame) => {
        const text = Buffer.from(frame)
          .toString("latin1")
          .split("\n")
          .map((line) => line.slice(2));
        sizes.push(Buffer.concat(text.map((line) => Buffer.from(line, "base64"))).length);
        return write(frame);
      };
      await device.upload(image);
      expect(Math.max(...sizes)).toBeLessThanOrEqual(bytes);
      expect(Math.max(...sizes)).toBeGreaterThan(Math.min(bytes, image.length) - 20);
      fake.write = write;
    }
  });

  test("an offset beyond the image, and an upload that never gets on, fail clean", async () => {
    fake.faults = { offset: () => 1e6 };
    await expect(device.upload(image)).rejects.toThrow(/asks for offset 1000000 of/);
    fake.faults = { offset: (_, offset) => Math.min(offset, 1000) };
    await expect(device.upload(image)).rejects.toThrow(/expected progress/);
  });

  test("silence ends in one error that says how long, and the next request works", async () => {
    fake.faults = { drop: () => true };
    await expect(device.info()).rejects.toThrow(
      /fake: read pith\/0: silence for 0\.\d s after 4 attempts, expected a response/,
    );
    fake.faults = {};
    expect(await device.info()).toMatchObject({ board: "fake", active: undefined, bootId: 7 });
  });

  test("a port that goes away for a moment costs an attempt; one that stays away is the error", async () => {
    const write = fake.write.bind(fake);
    let left = 2;
    fake.write = (bytes) => (left-- > 0 ? Promise.reject(new PithError("link", "port x: gone")) : write(bytes));
    expect(await device.info()).toMatchObject({ board: "fake" });
    left = 100;
    await expect(device.info()).rejects.toThrow("port x: gone");
  });

  test("abort and close end a request at once; the transport is closed", async () => {
    fake.faults = { drop: () => true };
    await expect(device.info({ signal: AbortSignal.abort(new Error("no")) })).rejects.toThrow("no");
    const abort = new AbortController();
    const info = device.info({ signal: abort.signal });
    setImmediate(() => abort.abort(new Error("stop")));
    await expect(info).rejects.toThrow("stop");
    const [first, second] = [device.info(), device.images()];
    const both = Promise.allSettled([first, second]);
    setImmediate(() => device.close());
    expect((await both).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    expect(fake.isClosed).toBe(true);
    await expect(device.info()).rejects.toThrow(/the link was closed/);
  });

  test("install: upload, test, reset, check, confirm; a second one sends nothing", async () => {
    fake.faults = { drop: everyKth(7) };
    expect(await device.install(image)).toEqual({ slot: 0, hash, wasActive: false });
    expect([fake.active, fake.confirmed, fake.bootId]).toEqual([0, true, 8]);
    const chunks = fake.log.filter((command) => command === "1/1").length;
    expect(await device.install(image)).toEqual({ slot: 0, hash, wasActive: true });
    expect(fake.log.filter((command) => command === "1/1").length).toBe(chunks);
  });

  test("install says so when the board went back to what it had", async () => {
    fake.revertsAfterTest = true;
    await expect(device.install(image)).rejects.toThrow(
      /after the reset no image is active, expected [0-9a-f]{64}: the board refused it: the self-test gave other bytes/,
    );
    expect(fake.confirmed).toBe(false);
  });

  test.each([0, 1, 100, 1000])("inference on %i bytes, under faults, runs once", async (length) => {
    fake.faults = { drop: everyKth(4), duplicate: everyKth(3) };
    const input = Uint8Array.from({ length }, (_, i) => i & 255);
    expect(await device.inferBytes(input)).toEqual(input.map((byte) => byte + 1));
    expect(fake.runs).toBe(1);
    expect(await device.stepCrcs(input, 20)).toEqual(Array.from({ length: 20 }, (_, i) => i));
    expect(fake.runs).toBe(1);
  });

  test("small inference takes one request", async () => {
    fake.log.length = 0;
    await device.inferBytes(new Uint8Array(90));
    expect(fake.log).toEqual([`${USER_GROUP}/1`]);
  });

  test("peek joins pieces", async () => {
    expect(await device.peek(5, 150)).toEqual(Uint8Array.from({ length: 150 }, (_, i) => (5 + (i - (i % 64))) & 255));
  });

  test("telemetry: a frame repeats until acknowledged, and iteration ends with its signal", async () => {
    const first = await device.readFrame();
    expect(await device.readFrame()).toEqual(first);
    expect(await device.readFrame(first.seq)).toMatchObject({ seq: 2, more: true });
    const stop = new AbortController();
    const seen: unknown[] = [];
    for await (const frame of device.telemetry({ signal: stop.signal, pollMs: 5 })) {
      seen.push((decode(frame) as number[])[0]);
      if (seen.length === 3) stop.abort();
    }
    expect(seen).toEqual([2, 3, 4]);
  });

  test("a refusal carries the status and is not repeated", async () => {
    fake.log.length = 0;
    await expect(device.test(new Uint8Array(32))).rejects.toMatchObject({
      code: "device",
      details: { name: "not-pending", status: 18 },
    });
    expect(fake.log).toEqual(["1/0"]);
  });
});

import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { decode, encode } from "../sdk/device/cbor.ts";
import { STATUS, USER_GROUP } from "../sdk/device/commands.ts";
import { connectDevice, type Device } from "../sdk/device/device.ts";
import { crc16, encodeFrame, FrameDecoder } from "../sdk/device/framing.ts";
import { buildImage, parseImage, verifyImage } from "../sdk/device/image.ts";
import {
  developmentKey,
  developmentKeyPath,
  generateKeyFile,
  keyHash,
  loadKeyFile,
  publicKeyBytes,
} from "../sdk/device/keys.ts";
import { openError, openSerial } from "../sdk/device/serial.ts";
import { decodeMessage, encodeMessage, OP, type SmpMap, type SmpMessage } from "../sdk/device/smp.ts";
import { IMAGE_CODES, replyError, SMP_CODES } from "../sdk/device/smp-errors.ts";
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
const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, "hex"));
const message = (fields: Partial<SmpMessage>): Uint8Array =>
  encodeMessage({ op: OP.write, version: 0, group: 0, sequence: 0, id: 0, payload: new Map(), ...fields });

describe("framing and messages", () => {
  /** Made with an independent encoder. */
  const golden: [name: string, body: Uint8Array, raw: string, base64: string][] = [
    [
      "echo, v1",
      message({ payload: new Map([["d", "hi"]]) }),
      "0200000600000000a16164626869",
      "ABACAAAGAAAAAKFhZGJoaQkX",
    ],
    [
      "echo, v2",
      message({ version: 1, payload: new Map([["d", "hi"]]) }),
      "0a00000600000000a16164626869",
      "ABAKAAAGAAAAAKFhZGJoaeJ8",
    ],
    ["image list", message({ op: OP.read, group: 1, sequence: 1 }), "0000000100010100a0", "AAsAAAABAAEBAKCxzg=="],
    ["reset", message({ sequence: 2, id: 5 }), "0200000100000205a0", "AAsCAAABAAACBaCnuA=="],
    ["params", message({ op: OP.read, sequence: 3, id: 6 }), "0000000100000306a0", "AAsAAAABAAADBqADvA=="],
    [
      "upload response",
      message({
        op: OP.writeResponse,
        group: 1,
        sequence: 4,
        id: 1,
        payload: new Map([
          ["rc", 0],
          ["off", 100],
        ]),
      }),
      "0300000b00010401a262726300636f66661864",
      "ABUDAAALAAEEAaJicmMAY29mZhhk1Fs=",
    ],
  ];
  test.each(golden)("golden vector %s: bytes and line, both ways", (_, body, raw, base64) => {
    expect(Buffer.from(body).toString("hex")).toBe(raw);
    expect(Buffer.from(encodeFrame(body)).toString("latin1")).toBe(`\x06\x09${base64}\n`);
    expect(decodeFrames(encodeFrame(body)).bodies).toEqual([body]);
    expect(encodeMessage(decodeMessage(body))).toEqual(body);
  });

  test("golden vector first upload chunk: two lines, the first of 127 bytes", () => {
    const data = Uint8Array.from({ length: 100 }, (_, i) => i);
    const fields: SmpMap = new Map();
    fields.set("len", 100).set("off", 0).set("sha", new Uint8Array(32)).set("data", data);
    const lines = Buffer.from(encodeFrame(message({ group: 1, sequence: 4, id: 1, payload: fields }))).toString(
      "latin1",
    );
    const [first, second] = lines.split(/(?<=\n)/);
    expect(first!.slice(2, 30)).toBe("AKcCAACdAAEEAaRjbGVuGGRjb2Zm");
    expect([first!.length, second!.length, second!.slice(0, 2)]).toEqual([127, 107, "\x04\x14"]);
  });

  test("CRC-16/XMODEM of 123456789 is 0x31c3", () => expect(crc16(Buffer.from("123456789"))).toBe(0x31c3));

  test.each([1, 2, 3, 89, 90, 91, 92, 1000])("a body of %i bytes in a log, cut into pieces of any length", (length) => {
    const body = Uint8Array.from({ length }, (_, i) => i & 255);
    const stream = Buffer.concat([Buffer.from("boot\nuart:~$ "), encodeFrame(body), Buffer.from("bye\n")]);
    for (const piece of [1, 7, 4096])
      expect(decodeFrames(stream, piece)).toEqual({ bodies: [body], text: "boot\nuart:~$ bye\n" });
  });

  test("lines that the sender cut shorter, and carriage returns, are legal", () => {
    const body = Uint8Array.from({ length: 60 }, (_, i) => i);
    const text = Buffer.from(encodeFrame(body)).toString("latin1").slice(2, -1);
    const cut = `\x06\x09${text.slice(0, 12)}\r\n\x04\x14${text.slice(12, 40)}\n\x04\x14${text.slice(40)}\n`;
    expect(decodeFrames(Buffer.from(cut, "latin1")).bodies).toEqual([body]);
  });

  test("damage is dropped without a word, and a new start begins anew", () => {
    const body = Uint8Array.from({ length: 100 }, (_, i) => i);
    const frame = Buffer.from(encodeFrame(body));
    const second = frame.indexOf("\x04\x14");
    for (const damaged of [frame.subarray(0, second), frame.subarray(second), frame.subarray(0, 50)])
      expect(decodeFrames(Buffer.concat([damaged, frame])).bodies).toEqual([body]);
    for (let at = 2; at < frame.length; at++) {
      const flipped = Buffer.from(frame);
      flipped[at]! ^= 1;
      for (const got of decodeFrames(flipped).bodies) {
        expect(at).toBeGreaterThan(frame.length - 6); // the bits of the last character that carry nothing
        expect(got).toEqual(body);
      }
    }
  });

  test("messages that are not SMP are refused", () => {
    for (const bad of ["02", "0200000200000000a0", "1200000100000000a0", "0400000100000000a0", "020000010000000001"])
      expect(() => decodeMessage(hex(bad))).toThrow(/smp message/);
  });

  function decodeFrames(bytes: Uint8Array, piece = bytes.length): { bodies: Uint8Array[]; text: string } {
    const [bodies, text]: [Uint8Array[], string[]] = [[], []];
    const decoder = new FrameDecoder({ onBody: (body) => bodies.push(body), onText: (part) => text.push(part) });
    for (let at = 0; at < bytes.length; at += piece) decoder.push(bytes.subarray(at, at + piece));
    return { bodies, text: text.join("") };
  }
});

describe("replies", () => {
  const of = (fields: Record<string, number | string | Map<string, number>>) =>
    replyError("x", new Map(Object.entries(fields)));
  const err = (group: number, rc: number) => of({ err: new Map(Object.entries({ group, rc })) });

  test("done: an empty map, and rc 0", () => expect([of({}), of({ rc: 0, off: 1 })]).toEqual([undefined, undefined]));

  test.each(Object.entries(STATUS).slice(1))("status %s comes as its words", (name, [code, about, hint]) => {
    const error = err(USER_GROUP, code)!;
    expect(error.message).toBe(`x: the device refused: ${about}, expected success (${hint})`);
    expect([error.code, error.details["status"], error.details["name"]]).toEqual(["device", code, name]);
    expect(of({ rc: 1, rsn: code })!.message).toBe(error.message); // the image group gives it as the reason
  });

  test("codes of SMP and of the image group come as their words, unknown ones by number", () => {
    for (const [rc, [about]] of SMP_CODES.entries()) if (rc) expect(of({ rc })!.message).toContain(about);
    for (const [rc, [about]] of IMAGE_CODES.entries()) if (rc) expect(err(1, rc)!.message).toContain(about);
    expect(err(200, 77)!.message).toContain("code 77 of group 200");
    expect(of({ rc: 5, rsn: "because" })!.message).toContain("because");
  });
});

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

describe("images", () => {
  test("build and parse agree", () => {
    const parsed = verifyImage(image, publicKeyBytes(privateKey));
    expect(parsed).toMatchObject({
      version: "1.2.3",
      flags: 0x10,
      securityCounter: 7,
      model: { target: 0x0104, abi: 1, manifestHash: 0xdeadbeef },
    });
    expect([parsed.payload, parsed.keyHash]).toEqual([payload, keyHash(privateKey)]);
    expect(Buffer.from(image.subarray(0, 4)).toString("hex")).toBe("3db8f396");
  });

  test("the protected area is MCUboot's, byte for byte", () => {
    const at = 32 + payload.length;
    const area = "08692000" + "5000040007000000" + "a000080004010000" + "01000000" + "a0010400efbeadde";
    expect(Buffer.from(image.subarray(at, at + 32)).toString("hex")).toBe(area);
    expect(Buffer.from(image.subarray(at + 32, at + 40)).toString("hex")).toBe("0769900010002000");
  });

  test("every flipped bit (header and TLVs all, payload sampled), cut and extension is refused", () => {
    const publicKey = publicKeyBytes(privateKey);
    for (let bit = 0; bit < 8 * image.length; bit += bit > 256 && bit < 8 * (payload.length + 20) ? 97 : 1) {
      const flipped = Uint8Array.from(image);
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      expect(() => verifyImage(flipped, publicKey), `bit ${bit}`).toThrow(/image: /);
    }
    for (let length = 0; length < image.length; length += length > 32 && length < payload.length ? 101 : 1)
      expect(() => verifyImage(image.subarray(0, length), publicKey)).toThrow(/image: /);
    expect(() => verifyImage(Buffer.concat([image, Uint8Array.of(0)]), publicKey)).toThrow(/image: /);
  });

  test("another key and a malformed version are refused", () => {
    const other = generateKeyPairSync("ed25519");
    expect(() => verifyImage(image, other.publicKey)).toThrow(/does not know/);
    for (const version of ["1.2", "256.0.0", "1.0.65536", "v1.0.0", ""])
      expect(() =>
        buildImage({ payload, version, securityCounter: 0, target: 1, manifestHash: 0, privateKey }),
      ).toThrow(/image version/);
  });
});

describe("keys and ports", () => {
  let folder = "";
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "pith-keys-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  test("the development key is made once, mode 0600, and refused for releases, as a copy or re-encoded too", () => {
    const key = developmentKey(folder);
    expect(publicKeyBytes(developmentKey(folder))).toEqual(publicKeyBytes(key));
    expect(statSync(developmentKeyPath(folder)).mode & 0o777).toBe(0o600);
    const copy = join(folder, "copy.pem");
    writeFileSync(copy, readFileSync(developmentKeyPath(folder)));
    expect(() => loadKeyFile(copy, { release: true })).toThrow(/the development key, expected a release key/);
    writeFileSync(copy, key.export({ format: "pem", type: "pkcs8" }));
    expect(() => loadKeyFile(copy, { release: true, folder })).toThrow(/the development key/);
    expect(publicKeyBytes(loadKeyFile(copy))).toEqual(publicKeyBytes(key));
  });

  test("a release key loads; nothing is overwritten; other files are refused by name", () => {
    const path = join(folder, "release.pem");
    const key = generateKeyFile(path);
    expect(publicKeyBytes(loadKeyFile(path, { release: true, folder }))).toEqual(publicKeyBytes(key));
    expect(() => generateKeyFile(path)).toThrow(/the file exists/);
    expect(() => loadKeyFile(join(folder, "none"))).toThrow(/expected a PEM file/);
    writeFileSync(path, "text");
    expect(() => loadKeyFile(path)).toThrow(/not a private key/);
    writeFileSync(path, generateKeyPairSync("x25519").privateKey.export({ format: "pem", type: "pkcs8" }));
    expect(() => loadKeyFile(path)).toThrow(/type x25519, expected ed25519/);
  });

  test("a port that does not open says why and what to do", async () => {
    await expect(openSerial({ port: join(folder, "none") })).rejects.toThrow(
      /there is no such port, expected one that pith ports lists/,
    );
    expect(openError("p", new Error("Error: Permission denied, cannot open p")).message).toMatch(/dialout.*udev/);
    expect(openError("p", new Error("Resource temporarily unavailable Cannot lock port")).message).toMatch(
      /another program/,
    );
    expect(openError("p", new Error("Inappropriate ioctl for device")).message).toMatch(/no serial port/);
  });

  test("cbor goes through untouched by framing", () => {
    const body = encode(new Map([["k", Uint8Array.of(6, 9, 4, 20, 10)]]));
    const got: Uint8Array[] = [];
    new FrameDecoder({ onBody: (bytes) => got.push(bytes) }).push(encodeFrame(body));
    expect(got).toEqual([body]);
  });
});

import { generateKeyPairSync } from "node:crypto";
import { closeSync, openSync, readSync, writeSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DESCRIPTOR_FIELDS, type DescriptorField, decodeDescriptor } from "../sdk/compile/abi.ts";
import { crc32 } from "../sdk/compile/crc32.ts";
import { COMMANDS, STATUS, type StatusName, USER_GROUP } from "../sdk/device/commands.ts";
import { connectDevice } from "../sdk/device/device.ts";
import { encodeFrame, FrameDecoder } from "../sdk/device/framing.ts";
import { parseImage } from "../sdk/device/image.ts";
import { openSerial } from "../sdk/device/serial.ts";
import { GROUP, IMAGE } from "../sdk/device/smp.ts";
import { decodeFrame } from "../sdk/telemetry/frame.ts";
import { FIRST_SLOT_SECTOR } from "../targets/boards/flash-file.ts";
import { boardNamed } from "../targets/index.ts";
import { body } from "./support/agent-requests.ts";
import {
  BOARD_NAMES,
  BoardRig,
  boardMissing,
  expectedOf,
  inferOn,
  inputOf,
  type TestModel,
  testModel,
} from "./support/board-rig.ts";

const reasons = new Map(await Promise.all(BOARD_NAMES.map(async (name) => [name, await boardMissing(name)] as const)));

describe.each(BOARD_NAMES)("board %s", (name) => {
  const reason = reasons.get(name);
  if (reason !== undefined) {
    test.skip(`skipped: ${reason}`, () => {});
    return;
  }
  const rig = new BoardRig(name);
  let model: TestModel;
  let first: Uint8Array;

  beforeAll(async () => {
    model = await testModel(name, { inputs: 17, classes: 9, seed: 1 });
    first = rig.image(model);
    await rig.powerOn(true);
    await rig.connect();
  }, 300_000);
  afterAll(() => rig.dispose());

  const erase = (slot: number): Promise<unknown> =>
    rig.device.client.request(GROUP.image, IMAGE.erase, "write", new Map([["slot", slot]]), { patience: 5 });
  const activeHash = async (): Promise<Uint8Array | undefined> =>
    (await rig.device.images()).find(({ isActive }) => isActive)?.hash;
  const answersAs = async (asked: TestModel, samples = 5): Promise<void> => {
    for (let s = 0; s < samples; s++) expect(await inferOn(rig.device, asked, s)).toEqual(expectedOf(asked, s));
  };
  const refusedWith = (reason: StatusName) => ({
    code: "device",
    details: { status: STATUS[reason][0], name: reason },
  });

  test("a fresh board has no model; after an install it gives the portable module's bytes on 200 inputs", async () => {
    expect(await rig.device.info()).toMatchObject({ active: undefined, board: name, securityCounter: 0, refused: 0 });
    await expect(rig.device.inferBytes(new Uint8Array(17))).rejects.toMatchObject(refusedWith("no-model"));
    expect(await rig.device.install(first)).toMatchObject({ slot: 0, wasActive: false });
    expect(await rig.device.install(first)).toMatchObject({ slot: 0, wasActive: true });
    const start = performance.now();
    await answersAs(model, 200);
    console.log(`${name}: ${Math.round(200_000 / (performance.now() - start))} inferences/s over the link`);
  });

  test("the CRC of every step's output is that of the portable module", async () => {
    await rig.device.configure({ state: true, monitors: true });
    model.module.reset();
    for (const sample of [0, 1, 2]) {
      const { steps } = model.module.steps({ x: inputOf(model, sample) });
      const crcs = await rig.device.stepCrcs(new Uint8Array(inputOf(model, sample).buffer), steps.length);
      expect(crcs).toEqual(steps.map((bytes) => crc32(bytes)));
      model.module.resetMonitors(); // the device counts nothing while it steps
    }
    expect((await rig.device.info()).stepCount).toBe(model.module.manifest.steps.length);
  });

  test("a telemetry frame stays the same until it is acknowledged, and has the counts of the module's monitors", async () => {
    await rig.device.configure({ state: true, monitors: true });
    model.module.reset();
    await answersAs(model, 40);
    const frame = await rig.device.readFrame();
    await inferOn(rig.device, model, 99);
    expect(await rig.device.readFrame()).toEqual(frame);
    const words = model.module.monitors().length;
    const decoded = decodeFrame(frame.frame, words);
    expect(decoded).toMatchObject({ sequence: frame.seq, samples: 40, boot: (await rig.device.info()).bootId });
    expect(decoded.counts).toEqual(model.module.monitors());
    model.module.resetMonitors();
    expectedOf(model, 99);
    const next = await rig.device.readFrame(frame.seq);
    expect(decodeFrame(next.frame, words)).toMatchObject({
      sequence: frame.seq + 1,
      samples: 1,
      counts: model.module.monitors(),
    });
    expect(await rig.device.readFrame(frame.seq)).toEqual(next); // an acknowledgement that comes again
    expect((await rig.device.readFrame(next.seq)).frame).toHaveLength(0);
  });

  test("a request that comes twice infers once and is answered twice with the same bytes", async () => {
    await rig.disconnect();
    const transport = await openSerial({ port: rig.port });
    const got: Uint8Array[] = [];
    let arrived: (answer: Uint8Array) => void = () => {};
    const decoder = new FrameDecoder({ onBody: (bytes) => arrived(bytes) });
    transport.listen((bytes) => decoder.push(bytes));
    const data = new Uint8Array(inputOf(model, 3).buffer);
    const request = encodeFrame(body(USER_GROUP, COMMANDS.infer.id, "write", { off: 0, data, run: true }));
    for (let times = 0; times < 2; times++) {
      const answer = new Promise<Uint8Array>((done) => {
        arrived = done;
      });
      await transport.write(Buffer.concat([Uint8Array.of(10), request]));
      got.push(await answer);
    }
    expect(got[1]).toEqual(got[0]);
    const device = await connectDevice(transport);
    expect(decodeFrame((await device.readFrame()).frame, model.module.monitors().length).samples).toBe(1);
    await device.close();
    await rig.connect();
  });

  const damaged: readonly (readonly [string, StatusName, (image: Uint8Array) => number])[] = [
    ["the header's magic", "image-malformed", () => 1],
    ["the header's version", "image-hash", () => 20],
    ["the start of the payload", "image-hash", () => 32],
    ["the middle of the payload", "image-hash", () => 32 + (model.payload.length >> 1)],
    ["the end of the payload", "image-hash", () => 31 + model.payload.length],
    ["the security counter", "image-hash", () => 32 + model.payload.length + 8],
    ["the hash", "image-hash", (image) => image.length - 64 - 4 - 36 - 10],
    ["the key hash", "image-key", (image) => image.length - 64 - 4 - 10],
    ["the signature's first half", "image-signature", (image) => image.length - 60],
    ["the signature's second half", "image-signature", (image) => image.length - 10],
  ];
  test.each(damaged)("one flipped bit in %s: %s, at the end of the upload", async (_, reason, position) => {
    const image = Uint8Array.from(first);
    image[position(image)]! ^= 4;
    await expect(rig.device.upload(image)).rejects.toMatchObject(refusedWith(reason));
  });

  test("another key, another core and too much RAM are refused with their reasons; the old model answers on", async () => {
    const stranger = generateKeyPairSync("ed25519").privateKey;
    await expect(rig.device.upload(rig.image(model, { privateKey: stranger }))).rejects.toMatchObject(
      refusedWith("image-key"),
    );
    await expect(rig.device.upload(rig.image(model, { target: 0x7777 }))).rejects.toMatchObject(
      refusedWith("image-target"),
    );
    const large = withField(model.payload, "ramBytes", 1 << 30);
    await expect(rig.device.upload(rig.image(model, { payload: large }))).rejects.toMatchObject(
      refusedWith("image-ram"),
    );
    expect(await activeHash()).toEqual(parseImage(first).hash);
    await answersAs(model);
  });

  test("an image whose self-test gives other bytes is refused at the reset, and the old model answers", async () => {
    const payload = Uint8Array.from(model.payload);
    payload[decodeDescriptor(payload).selfTestOffset + 4]! ^= 1;
    await expect(rig.device.install(rig.image(model, { payload }))).rejects.toMatchObject(
      refusedWith("image-selftest"),
    );
    expect(await rig.device.info()).toMatchObject({
      refused: STATUS["image-selftest"][0],
      active: 0,
      isConfirmed: true,
    });
    await answersAs(model);
  });

  test("an image that faults in its self-test is reverted by the reset that the fault is", async () => {
    const payload = Uint8Array.from(model.payload);
    const at = decodeDescriptor(payload).inferOffset & ~1;
    payload.set(name === "qemu-m4" ? [0x00, 0xde] : process.arch === "arm64" ? [0, 0, 0, 0] : [0x0f, 0x0b], at);
    await expect(rig.device.install(rig.image(model, { payload }))).rejects.toMatchObject(
      refusedWith("image-selftest"),
    );
    await answersAs(model);
  });

  test("an unconfirmed image goes back at the next reset; a pending one can be replaced", async () => {
    const second = rig.image(model, { version: "1.1.0", securityCounter: 2 });
    const hash = Uint8Array.from(parseImage(second).hash);
    await rig.device.upload(second);
    await rig.device.test(hash);
    expect((await rig.device.images()).find(({ isPending }) => isPending)?.hash).toEqual(hash);
    expect(await rig.device.reset()).toMatchObject({ active: 1, isConfirmed: false, securityCounter: 1 });
    await answersAs(model);
    await expect(rig.device.upload(first)).rejects.toMatchObject(refusedWith("slot-busy"));
    expect(await rig.device.reset()).toMatchObject({ active: 0, isConfirmed: true, securityCounter: 1, refused: 0 });
    await expect(rig.device.test(new Uint8Array(32))).rejects.toMatchObject({ code: "device" });
    await rig.device.confirm(); // what runs is permanent already
  });

  test("the same bytes run from slot A and from slot B, the other slot erased; what is in use is not erased", async () => {
    const again = (version: string): Uint8Array => rig.image(model, { version });
    await erase(1);
    expect((await rig.device.images()).map(({ slot }) => slot)).toEqual([0]);
    await answersAs(model); // first, in slot A
    await expect(erase(0)).rejects.toMatchObject(refusedWith("slot-busy"));
    await expect(erase(2)).rejects.toMatchObject(refusedWith("argument"));
    expect((await rig.device.install(again("1.2.0"))).slot).toBe(1);
    await erase(0);
    expect((await rig.device.install(again("1.3.0"))).slot).toBe(0);
    await erase(1);
    expect((await rig.device.install(first)).slot).toBe(1);
    await erase(0);
    expect(await rig.device.reset()).toMatchObject({ active: 1, isConfirmed: true });
    expect(await activeHash()).toEqual(parseImage(first).hash);
    await answersAs(model); // the same bytes, in slot B
    await expect(erase(1)).rejects.toMatchObject(refusedWith("slot-busy"));
  });

  test("confirm is permanent and raises the counter; an older counter is then refused, and flash outlives the power", async () => {
    await rig.device.install(rig.image(model, { version: "2.0.0", securityCounter: 7 }));
    expect(await rig.device.info()).toMatchObject({ securityCounter: 7, isConfirmed: true });
    await expect(rig.device.upload(rig.image(model, { securityCounter: 6 }))).rejects.toMatchObject(
      refusedWith("image-counter"),
    );
    await rig.cutPower();
    await rig.powerOn();
    await rig.connect();
    expect(await rig.device.info()).toMatchObject({ securityCounter: 7, isConfirmed: true, active: 0 });
    await answersAs(model);
  });

  test("a board whose confirmed image was damaged has no model, and takes the same image again in the other slot", async () => {
    const image = rig.image(model, { version: "2.0.0", securityCounter: 7 });
    const flashFile = rig.flashFile;
    await rig.cutPower();
    const { sectorBytes } = boardNamed(name).flash;
    flipByte(flashFile, FIRST_SLOT_SECTOR * sectorBytes + 32 + (model.payload.length >> 1));
    await rig.powerOn();
    await rig.connect();
    expect(await rig.device.info()).toMatchObject({ active: undefined, securityCounter: 7 });
    expect((await rig.device.install(image)).slot).toBe(1);
    expect(await rig.device.reset()).toMatchObject({ active: 1, isConfirmed: true });
    await answersAs(model);
  });
});

function flipByte(path: string, at: number): void {
  const file = openSync(path, "r+");
  const byte = new Uint8Array(1);
  readSync(file, byte, 0, 1, at);
  writeSync(
    file,
    byte.map((b) => b ^ 0xff),
    0,
    1,
    at,
  );
  closeSync(file);
}

function withField(payload: Uint8Array, field: DescriptorField, value: number): Uint8Array {
  const out = Uint8Array.from(payload);
  const index = DESCRIPTOR_FIELDS.findIndex(([name]) => name === field);
  new DataView(out.buffer).setUint32(4 * index, value, true);
  return out;
}

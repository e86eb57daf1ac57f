/** What tests of the agent send and have it run, without a board: request bodies and a model of three bytes of code. */
import type { KeyObject } from "node:crypto";
import { createHash } from "node:crypto";
import {
  ABI_VERSION,
  DESCRIPTOR_BYTES,
  DESCRIPTOR_MAGIC,
  encodeDescriptor,
  selfTestInput,
  TARGETS,
} from "../../sdk/compile/abi.ts";
import { crc32 } from "../../sdk/compile/crc32.ts";
import { COMMANDS, USER_GROUP } from "../../sdk/device/commands.ts";
import { buildImage, parseImage } from "../../sdk/device/image.ts";
import { encodeMessage, GROUP, IMAGE, OP, OS, type SmpMap } from "../../sdk/device/smp.ts";

/** The two machines that the host's agent is built for. */
export const hostTarget = process.arch === "arm64" ? TARGETS.aarch64 : TARGETS.x86_64;
/** "return 0": xor eax, eax; ret or mov w0, #0; ret. */
const CODE = process.arch === "arm64" ? [0x00, 0x00, 0x80, 0x52, 0xc0, 0x03, 0x5f, 0xd6] : [0x31, 0xc0, 0xc3];
const PORT_BYTES = 16;
const SEED = 0x243f6a88;

/** The payload of a model whose output lies where its input does, so that code which does nothing is the identity. */
export function identityPayload(manifestHash: number, totalBytes: number, selfTestCrc?: number): Uint8Array {
  const table = DESCRIPTOR_BYTES;
  const [span, test, code] = [table, table + 8, table + 16];
  const payload = Uint8Array.from({ length: totalBytes }, (_, i) => (i * 151 + manifestHash) & 255);
  payload.set(
    encodeDescriptor({
      magic: DESCRIPTOR_MAGIC,
      abi: ABI_VERSION,
      descriptorBytes: DESCRIPTOR_BYTES,
      imageBytes: totalBytes,
      target: hostTarget,
      kernelVersion: 1,
      ramBytes: 64,
      ramAlignment: 16,
      stackBytes: 64,
      initOffset: code,
      inferOffset: code,
      stepOffset: code,
      monitorsResetOffset: code,
      stepCount: 1,
      stepsOffset: span,
      inputCount: 1,
      inputsOffset: span,
      outputCount: 1,
      outputsOffset: span,
      stateOffset: 32,
      stateBytes: 32,
      monitorsOffset: 48,
      monitorsBytes: 16,
      selfTestCount: 1,
      selfTestOffset: test,
      manifestHash,
      reserved0: 0,
      reserved1: 0,
    }),
  );
  const view = new DataView(payload.buffer);
  view.setUint32(span, 0, true);
  view.setUint32(span + 4, PORT_BYTES, true);
  view.setUint32(test, SEED, true);
  view.setUint32(test + 4, selfTestCrc ?? crc32(selfTestInput(SEED, PORT_BYTES)), true);
  payload.set(CODE, code);
  return payload;
}

export function identityImage(options: {
  manifestHash: number;
  counter: number;
  totalBytes: number;
  privateKey: KeyObject;
}): Uint8Array {
  const { manifestHash, counter, totalBytes, privateKey } = options;
  return buildImage({
    payload: identityPayload(manifestHash, totalBytes),
    version: "1.0.0",
    securityCounter: counter,
    target: hostTarget,
    manifestHash,
    privateKey,
  });
}

let sequence = 0;

/** One request body with the next sequence number. */
export function body(
  group: number,
  id: number,
  op: "read" | "write",
  fields: Readonly<Record<string, number | boolean | string | Uint8Array>> = {},
): Uint8Array {
  const payload: SmpMap = new Map(Object.entries(fields));
  return encodeMessage({ op: OP[op], version: 1, group, id, sequence: sequence++ & 255, payload });
}

export const resetBody = (): Uint8Array => body(GROUP.os, OS.reset, "write");
export const testBody = (image: Uint8Array): Uint8Array =>
  body(GROUP.image, IMAGE.state, "write", { hash: Uint8Array.from(parseImage(image).hash), confirm: false });
export const confirmBody = (): Uint8Array => body(GROUP.image, IMAGE.state, "write", { confirm: true });

/** An upload in chunks that end where sectors do, so that sending all of them again resumes one that was cut off. */
export function uploadBodies(image: Uint8Array, chunkBytes: number): Uint8Array[] {
  const sha = Uint8Array.from(createHash("sha256").update(image).digest());
  return Array.from({ length: Math.ceil(image.length / chunkBytes) }, (_, i) => {
    const off = i * chunkBytes;
    const data = image.slice(off, off + chunkBytes);
    return body(
      GROUP.image,
      IMAGE.upload,
      "write",
      off === 0 ? { image: 0, len: image.length, sha, off, data } : { off, data },
    );
  });
}

/** Upload, test, reset, confirm. */
export const installBodies = (image: Uint8Array, chunkBytes: number): Uint8Array[] => [
  ...uploadBodies(image, chunkBytes),
  testBody(image),
  resetBody(),
  confirmBody(),
];

/** One request of every command. */
export function everyCommand(image: Uint8Array): Uint8Array[] {
  const user = (
    command: keyof typeof COMMANDS,
    op: "read" | "write",
    fields: Parameters<typeof body>[3] = {},
  ): Uint8Array => body(USER_GROUP, COMMANDS[command].id, op, fields);
  return [
    body(GROUP.os, OS.echo, "write", { d: "hello" }),
    body(GROUP.os, OS.params, "read"),
    resetBody(),
    body(GROUP.image, IMAGE.state, "read"),
    testBody(image),
    confirmBody(),
    body(GROUP.image, IMAGE.erase, "write", { slot: 1 }),
    body(GROUP.image, IMAGE.erase, "write"),
    body(GROUP.stat, 0, "read", { name: "pith" }),
    body(GROUP.stat, 1, "read"),
    user("info", "read"),
    user("infer", "write", { off: 0, data: new Uint8Array(PORT_BYTES).fill(7), run: true }),
    user("infer", "write", { off: 0, data: new Uint8Array(5), run: false }),
    user("infer", "read", { off: 0 }),
    user("step", "write", { i: 0, n: 1 }),
    user("step", "read", { off: 0, len: 64 }),
    user("telemetry", "read", { ack: 0, off: 0 }),
    user("telemetry", "read"),
    user("configure", "write", { fresh: true, state: true, monitors: true }),
  ];
}

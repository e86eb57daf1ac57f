import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { encode } from "../sdk/device/cbor.ts";
import { encodeFrame, FrameDecoder } from "../sdk/device/framing.ts";
import { buildImage, verifyImage } from "../sdk/device/image.ts";
import {
  developmentKey,
  developmentKeyPath,
  generateKeyFile,
  keyHash,
  loadKeyFile,
  publicKeyBytes,
} from "../sdk/device/keys.ts";
import { openError, openSerial } from "../sdk/device/serial.ts";

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

  test("an image that MCUboot's imgtool signed is read and verified", () => {
    const key = "8ad161a34471b415eeb434725317fc1f0224be6f9dbcf728606b3e847f8609c4";
    const signed =
      "3db8f3960000000020002000100000001000000001020300040000000000000030313233343536373839616263646566" +
      "086920005000040007000000a00008000401000001000000a00104000500000007699000100020006b05fc318bfdca34" +
      "9a8fc1629a78fb28d93e15787dcc2dbfd361e8e0f1c151c101002000623c7359ead4b5cea01c6f877f8998bd8d8cc660" +
      "c63a73d98edd4fabed05e04e24004000adcb532c70266269fbd787e13cae6ddfdd0e9707b70fc06aadf1d81b3558de18" +
      "7fead52f90472a3d6dbfc1289611a6b8ba7fd31004e75d310948d8757d6d5202";
    expect(verifyImage(Buffer.from(signed, "hex"), Uint8Array.from(Buffer.from(key, "hex")))).toMatchObject({
      version: "1.2.3+4",
      flags: 0x10,
      payload: Buffer.from("0123456789abcdef"),
      securityCounter: 7,
      model: { target: 0x0104, abi: 1, manifestHash: 5 },
    });
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

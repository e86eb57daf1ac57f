/**
 * A model image in MCUboot's format: header, payload, protected TLVs (covered by the hash), TLVs.
 *
 *     header 32 bytes: magic u32 | load u32 0 | header bytes u16 | protected TLV bytes u16 | payload bytes u32 |
 *                      flags u32 | major u8, minor u8, revision u16, build u32 | 0 u32            (little-endian)
 *     protected 0x6908: SEC_CNT u32 | 0x00a0: target u32, abi u32 | 0x01a0: manifestHash u32
 *     unprotected 0x6907: SHA256 of all before it | KEYHASH | ED25519 over those 32 bytes
 *
 * An area is { magic u16, bytes u16 (these four included) }, then { type u16, bytes u16, data } each.
 */
import { createHash, createPublicKey, type KeyObject, sign, verify } from "node:crypto";
import { ABI_VERSION } from "../compile/abi.ts";
import { PithError } from "../error.ts";
import { IMAGE_TLV, STATUS } from "./commands.ts";
import { keyHash, publicKeyFromBytes } from "./keys.ts";

export const IMAGE_MAGIC = 0x96f3b83d;
export const IMAGE_HEADER_BYTES = 32;
/** Data only: a bootloader never starts it. */
export const FLAG_NON_BOOTABLE = 0x10;
const PROTECTED_MAGIC = 0x6908;
const TLV_MAGIC = 0x6907;
const TLV_HEAD_BYTES = 4;
/** MCUboot's types, beside IMAGE_TLV's own. */
const TLV = { keyHash: 0x01, sha256: 0x10, ed25519: 0x24, securityCounter: 0x50 } as const;
const VERSION = /^(\d+)\.(\d+)\.(\d+)(?:\+(\d+))?$/;

export interface ImageOptions {
  /** Starts with the descriptor of compile/abi.ts. */
  readonly payload: Uint8Array;
  /** `major.minor.revision` or `major.minor.revision+build`. */
  readonly version: string;
  /** A board refuses images below the highest counter it has confirmed. */
  readonly securityCounter: number;
  /** A TARGETS id. */
  readonly target: number;
  readonly manifestHash: number;
  readonly privateKey: KeyObject;
}

export interface Image {
  readonly version: string;
  readonly flags: number;
  readonly payload: Uint8Array;
  readonly securityCounter: number | undefined;
  /** pith's own facts; undefined in an image of another tool. */
  readonly model: { readonly target: number; readonly abi: number; readonly manifestHash: number } | undefined;
  /** What the SHA-256 covers: header, payload and protected TLVs. */
  readonly covered: Uint8Array;
  /** The hash as stated, by which a device names the image. */
  readonly hash: Uint8Array;
  readonly keyHash: Uint8Array | undefined;
  readonly signature: Uint8Array | undefined;
}

export function buildImage(options: ImageOptions): Uint8Array {
  const { payload, privateKey } = options;
  const guarded = tlvArea(PROTECTED_MAGIC, [
    [TLV.securityCounter, words(options.securityCounter)],
    [IMAGE_TLV.target, words(options.target, ABI_VERSION)],
    [IMAGE_TLV.manifestHash, words(options.manifestHash)],
  ]);
  const covered = Buffer.concat([header(payload.length, guarded.length, options.version), payload, guarded]);
  const digest = sha256(covered);
  const signed = tlvArea(TLV_MAGIC, [
    [TLV.sha256, digest],
    [TLV.keyHash, keyHash(privateKey)],
    [TLV.ed25519, sign(null, digest, privateKey)],
  ]);
  return Uint8Array.from(Buffer.concat([covered, signed]));
}

/** Takes an image apart; throws PithError("file-format") when it is not whole. Hash and signature are not checked. */
export function parseImage(bytes: Uint8Array): Image {
  if (bytes.length < IMAGE_HEADER_BYTES) throw malformed(`${bytes.length} bytes`, `at least ${IMAGE_HEADER_BYTES}`);
  const view = viewOf(bytes);
  if (view.getUint32(0, true) !== IMAGE_MAGIC)
    throw malformed(`magic 0x${hex32(view.getUint32(0, true))}`, `0x${hex32(IMAGE_MAGIC)}`);
  const headerBytes = view.getUint16(8, true);
  const payloadEnd = headerBytes + view.getUint32(12, true);
  const coveredEnd = payloadEnd + view.getUint16(10, true);
  if (headerBytes < IMAGE_HEADER_BYTES || coveredEnd > bytes.length)
    throw malformed(`${bytes.length} bytes with parts up to ${coveredEnd}`, "a whole image");
  const guarded =
    coveredEnd > payloadEnd
      ? readArea(bytes.subarray(payloadEnd, coveredEnd), PROTECTED_MAGIC)
      : new Map<number, Uint8Array>();
  const rest = readArea(bytes.subarray(coveredEnd), TLV_MAGIC);
  const hash = fixed(rest, TLV.sha256, 32);
  if (hash === undefined) throw malformed("no SHA-256 TLV", "one");
  const target = fixed(guarded, IMAGE_TLV.target, 8);
  const manifestHash = fixed(guarded, IMAGE_TLV.manifestHash, 4);
  const counter = fixed(guarded, TLV.securityCounter, 4);
  return {
    version: `${bytes[20]}.${bytes[21]}.${view.getUint16(22, true)}+${view.getUint32(24, true)}`.replace(/\+0$/, ""),
    flags: view.getUint32(16, true),
    payload: bytes.subarray(headerBytes, payloadEnd),
    securityCounter: counter && word(counter, 0),
    model:
      target && manifestHash
        ? { target: word(target, 0), abi: word(target, 1), manifestHash: word(manifestHash, 0) }
        : undefined,
    covered: bytes.subarray(0, coveredEnd),
    hash,
    keyHash: fixed(rest, TLV.keyHash, 32),
    signature: fixed(rest, TLV.ed25519, 64),
  };
}

/** Parses, then checks hash, key and signature, as a device does; throws PithError("file-format") at the first failure. */
export function verifyImage(bytes: Uint8Array, publicKey: KeyObject | Uint8Array): Image {
  const given = publicKey instanceof Uint8Array ? publicKeyFromBytes(publicKey) : publicKey;
  const key = given.type === "private" ? createPublicKey(given) : given;
  const image = parseImage(bytes);
  if (!sha256(image.covered).equals(image.hash)) throw refused("image-hash");
  if (image.keyHash === undefined || !Buffer.from(image.keyHash).equals(keyHash(key))) throw refused("image-key");
  if (image.signature === undefined || !verify(null, image.hash, key, image.signature))
    throw refused("image-signature");
  return image;
}

function header(payloadBytes: number, protectedBytes: number, version: string): Uint8Array {
  const parts = VERSION.exec(version)
    ?.slice(1)
    .map((part) => Number(part ?? 0));
  const limits = [0xff, 0xff, 0xffff, 0xffffffff];
  if (parts === undefined || parts.some((part, i) => part > (limits[i] ?? 0)))
    throw new PithError(
      "usage",
      `image version: ${JSON.stringify(version)}, expected major.minor.revision[+build] up to 255.255.65535+4294967295 (for example 1.0.0)`,
    );
  const [major = 0, minor = 0, revision = 0, build = 0] = parts;
  const out = new Uint8Array(IMAGE_HEADER_BYTES);
  const view = viewOf(out);
  view.setUint32(0, IMAGE_MAGIC, true);
  view.setUint16(8, IMAGE_HEADER_BYTES, true);
  view.setUint16(10, protectedBytes, true);
  view.setUint32(12, payloadBytes, true);
  view.setUint32(16, FLAG_NON_BOOTABLE, true);
  out.set([major, minor], 20);
  view.setUint16(22, revision, true);
  view.setUint32(24, build, true);
  return out;
}

function tlvArea(magic: number, entries: readonly (readonly [type: number, data: Uint8Array])[]): Uint8Array {
  const records = entries.flatMap(([type, data]) => [halves(type, data.length), data]);
  const bytes = records.reduce((sum, { length }) => sum + length, TLV_HEAD_BYTES);
  return Buffer.concat([halves(magic, bytes), ...records]);
}

/** The TLVs of an area that fills `area` exactly; a type that comes twice is refused. */
function readArea(area: Uint8Array, magic: number): Map<number, Uint8Array> {
  const view = viewOf(area);
  if (area.length < TLV_HEAD_BYTES || view.getUint16(0, true) !== magic || view.getUint16(2, true) !== area.length)
    throw malformed("a TLV area of another magic or length", `0x${magic.toString(16)} with ${area.length} bytes`);
  const out = new Map<number, Uint8Array>();
  for (let at = TLV_HEAD_BYTES; at < area.length; ) {
    const end = at + TLV_HEAD_BYTES + (at + TLV_HEAD_BYTES <= area.length ? view.getUint16(at + 2, true) : 0);
    if (end > area.length) throw malformed(`a TLV up to byte ${end} of an area of ${area.length}`, "one within");
    const type = view.getUint16(at, true);
    if (out.has(type)) throw malformed(`TLV 0x${type.toString(16)} twice`, "each type once");
    out.set(type, area.subarray(at + TLV_HEAD_BYTES, end));
    at = end;
  }
  return out;
}

function fixed(area: ReadonlyMap<number, Uint8Array>, type: number, length: number): Uint8Array | undefined {
  const data = area.get(type);
  if (data && data.length !== length)
    throw malformed(`TLV 0x${type.toString(16)} of ${data.length} bytes`, `${length}`);
  return data;
}

function sha256(bytes: Uint8Array): Buffer {
  return createHash("sha256").update(bytes).digest();
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function halves(...values: number[]): Uint8Array {
  return Uint8Array.from(values.flatMap((value) => [value & 255, value >> 8]));
}

function words(...values: number[]): Uint8Array {
  const out = new Uint8Array(4 * values.length);
  values.forEach((value, i) => viewOf(out).setUint32(4 * i, value, true));
  return out;
}

function word(bytes: Uint8Array, index: number): number {
  return viewOf(bytes).getUint32(4 * index, true);
}

function hex32(value: number): string {
  return value.toString(16).padStart(8, "0");
}

function malformed(received: string, expected: string): PithError {
  return new PithError("file-format", `image: ${received}, expected ${expected} (is this a signed pith image?)`);
}

function refused(name: "image-hash" | "image-key" | "image-signature"): PithError {
  const [status, about, hint] = STATUS[name];
  return new PithError("file-format", `image: ${about}, expected a sound image (${hint})`, { status, name });
}

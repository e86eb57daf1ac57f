/** From a build to a signed image, and what a folder or file given to a command holds. */
import type { KeyObject } from "node:crypto";
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { decodeDescriptor } from "../../sdk/compile/abi.ts";
import { buildImage, parseImage } from "../../sdk/device/image.ts";
import { PithError } from "../../sdk/error.ts";
import { version } from "../../sdk/version.ts";
import { readInput } from "./load-model.ts";

/** Signs a payload; target and manifest hash are those of its descriptor. */
export function signPayload(payload: Uint8Array, privateKey: KeyObject, securityCounter: number): Uint8Array {
  const { target, manifestHash } = descriptorOf(payload);
  return buildImage({ payload, version, securityCounter, target, manifestHash, privateKey });
}

function descriptorOf(payload: Uint8Array): ReturnType<typeof decodeDescriptor> {
  try {
    return decodeDescriptor(payload);
  } catch (error) {
    throw new PithError("file-format", error instanceof Error ? error.message : String(error));
  }
}

const IMAGE_MAGIC = 0x96f3b83d;

/** The image to send: a signed one as it is, a payload or a build folder signed with `key`. */
export function imageFrom(path: string, key: () => KeyObject, securityCounter: number): Uint8Array {
  const file = existsSync(path) && statSync(path).isDirectory() ? payloadIn(path) : path;
  const bytes = readInput(file, "a build folder made by pith compile, or a signed image");
  const isImage = bytes.length >= 4 && new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true) === IMAGE_MAGIC;
  if (!isImage) return signPayload(bytes, key(), securityCounter);
  parseImage(bytes);
  return bytes;
}

function payloadIn(folder: string): string {
  const found = readdirSync(folder).filter((name) => name.endsWith(".bin"));
  if (found.length !== 1)
    throw new PithError(
      "file-format",
      `${folder}: ${found.length === 0 ? "no device image" : `${found.length} device images`}, expected one .bin (pith compile --target cortex-m4 -o ${folder} makes it)`,
    );
  return join(folder, found[0]!);
}

/**
 * Upload of an image through SMP's image group. The device says after every chunk where it wants the next, and is
 * believed: a repeated, lost or resumed chunk needs nothing else. An upload that was cut off resumes when the same
 * bytes are sent again, since the first chunk carries their SHA-256.
 */
import { createHash } from "node:crypto";
import { PithError } from "../error.ts";
import { encode } from "./cbor.ts";
import { PACKET_OVERHEAD_BYTES } from "./framing.ts";
import type { SmpClient } from "./link.ts";
import { GROUP, IMAGE, OS, SMP_HEADER_BYTES, type SmpMap } from "./smp.ts";

/** The first chunk may erase a whole slot: 5 s at the usual wait. */
const ERASE_PATIENCE = 5;
/** Of devices that do not tell: Zephyr's UART MTU. */
const DEFAULT_BUFFER_BYTES = 256;
/** Chunks end at multiples of this, where the write units of flash end. */
const CHUNK_ALIGNMENT = 16;
/** Answers in a row that do not bring the upload beyond where it has been. */
const MAX_STALLS = 16;
/** A byte string's head, beyond the one byte of an empty one: its length in up to 16 bits. */
const BYTES_HEAD_EXTRA = 2;

export interface UploadProgress {
  readonly sent: number;
  readonly total: number;
  /** Goodput since the upload began or resumed. */
  readonly bytesPerSecond: number;
}

export interface UploadOptions {
  readonly onProgress?: ((progress: UploadProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The longest message that the device takes, from its os parameters. */
export async function messageLimit(client: SmpClient, signal?: AbortSignal): Promise<number> {
  const parameters = await client
    .request(GROUP.os, OS.params, "read", new Map(), { signal })
    .catch((error: unknown) => {
      if (error instanceof PithError && error.code === "device") return new Map<string, number>();
      throw error;
    });
  const buffer = parameters.get("buf_size");
  return (typeof buffer === "number" ? buffer : DEFAULT_BUFFER_BYTES) - PACKET_OVERHEAD_BYTES;
}

/** Bytes of data that fit a message beside the map's other entries; `fields` holds an empty `data`. */
export function dataCapacity(messageBytes: number, fields: SmpMap): number {
  const capacity = messageBytes - SMP_HEADER_BYTES - encode(fields).length - BYTES_HEAD_EXTRA;
  if (capacity < CHUNK_ALIGNMENT)
    throw new PithError(
      "link",
      `transfer: a message of ${messageBytes} bytes leaves ${capacity} for data, expected at least ${CHUNK_ALIGNMENT} (raise the agent's buffer)`,
    );
  return capacity;
}

/** Sends `bytes` to the image slot that is free. */
export async function uploadImage(client: SmpClient, bytes: Uint8Array, options: UploadOptions = {}): Promise<void> {
  const { onProgress, signal } = options;
  const limit = await messageLimit(client, signal);
  const sha = Uint8Array.from(createHash("sha256").update(bytes).digest());
  const startMs = performance.now();
  let resumedAt: number | undefined;
  let stalls = 0;
  for (let offset = 0, reached = -1; ; ) {
    const response = await sendChunk(client, bytes, offset, sha, limit, signal);
    const next = response.get("off");
    if (typeof next !== "number" || next < 0 || next > bytes.length)
      throw new PithError(
        "link",
        `upload: the device asks for offset ${String(next)} of ${bytes.length} bytes, expected one within (send the image again)`,
      );
    // A far jump after the first chunk is a resumed upload, whose old bytes do not count as goodput.
    resumedAt ??= next > limit ? next : 0;
    const seconds = Math.max(performance.now() - startMs, 1) / 1000;
    onProgress?.({ sent: next, total: bytes.length, bytesPerSecond: Math.max(0, next - resumedAt) / seconds });
    if (next === bytes.length) {
      if (response.get("match") !== false) return;
      throw new PithError(
        "device",
        "upload: the device has other bytes than were sent, expected the same SHA-256 (upload it again)",
      );
    }
    stalls = next > reached ? 0 : stalls + 1;
    if (stalls > MAX_STALLS)
      throw new PithError(
        "link",
        `upload: the device asked ${stalls} times for bytes up to ${reached} of ${bytes.length}, expected progress (check its flash and its console)`,
      );
    reached = Math.max(reached, next);
    offset = next;
  }
}

function sendChunk(
  client: SmpClient,
  bytes: Uint8Array,
  offset: number,
  sha: Uint8Array,
  limit: number,
  signal: AbortSignal | undefined,
): Promise<SmpMap> {
  const fields: SmpMap = new Map();
  if (offset === 0) fields.set("image", 0).set("len", bytes.length).set("sha", sha);
  fields.set("off", offset).set("data", new Uint8Array(0));
  let end = Math.min(bytes.length, offset + dataCapacity(limit, fields));
  if (end < bytes.length) end = Math.max(end - (end % CHUNK_ALIGNMENT), offset + 1);
  fields.set("data", bytes.subarray(offset, end));
  return client.request(GROUP.image, IMAGE.upload, "write", fields, {
    signal,
    ...(offset === 0 && { patience: ERASE_PATIENCE }),
  });
}

/**
 * A telemetry frame: what a device's monitors counted since the last acknowledged frame. CBOR map, integer keys:
 *
 *     0  type            FRAME_COUNTS
 *     1  model           first bytes of the SHA-256 of the manifest (bstr, 1..32; 4 or 8 in practice)
 *     2  boot            id of the device's boot, u32
 *     3  sequence        of the frame within the boot, u32, one more for every acknowledged frame
 *     4  samples         inferences counted, u32
 *     5  counts          LEB128 deltas of the monitors region, one per u32 word, in layout order (bstr)
 *
 * Unknown keys are ignored, so that later devices may add some. An unread frame is repeated byte for byte, which is
 * what makes (device, boot, sequence) an identity and merging idempotent.
 */
import { type CborValue, decode, encode } from "../device/cbor.ts";
import { PithError } from "../error.ts";
import { decodeVarints, encodeVarints } from "./leb128.ts";

export const FRAME_COUNTS = 0;
const KEY = { type: 0, model: 1, boot: 2, sequence: 3, samples: 4, counts: 5 } as const;
const MAX_FRAME_BYTES = 1 << 23;

export interface Frame {
  readonly model: Uint8Array;
  readonly boot: number;
  readonly sequence: number;
  readonly samples: number;
  /** One delta a word of the monitors region. */
  readonly counts: Uint32Array;
}

export function encodeFrame(frame: Frame): Uint8Array {
  return encode(
    new Map<number | string, CborValue>([
      [KEY.type, FRAME_COUNTS],
      [KEY.model, frame.model],
      [KEY.boot, frame.boot],
      [KEY.sequence, frame.sequence],
      [KEY.samples, frame.samples],
      [KEY.counts, encodeVarints(frame.counts)],
    ]),
  );
}

/** Decodes a frame for a layout of `words` words; throws `file-format` on anything else. */
export function decodeFrame(bytes: Uint8Array, words: number): Frame {
  if (bytes.length > MAX_FRAME_BYTES) throw malformed(`${bytes.length} bytes`, `at most ${MAX_FRAME_BYTES}`);
  const map = decode(bytes);
  if (!(map instanceof Map)) throw malformed("no map", "a map with integer keys");
  if (map.get(KEY.type) !== FRAME_COUNTS) throw malformed(`type ${String(map.get(KEY.type))}`, `${FRAME_COUNTS}`);
  const model = map.get(KEY.model);
  if (!(model instanceof Uint8Array) || model.length < 1 || model.length > 32)
    throw malformed("no model hash", "1 to 32 bytes at key 1");
  const counts = map.get(KEY.counts);
  if (!(counts instanceof Uint8Array)) throw malformed("no counts", "a byte string at key 5");
  return {
    model,
    boot: u32(map, "boot"),
    sequence: u32(map, "sequence"),
    samples: u32(map, "samples"),
    counts: decodeVarints(counts, words),
  };
}

function u32(map: Map<number | string, CborValue>, field: keyof typeof KEY): number {
  const value = map.get(KEY[field]);
  if (typeof value !== "number" || value < 0 || value > 0xffffffff)
    throw malformed(`${field} ${String(value)}`, `a u32 at key ${KEY[field]}`);
  return value;
}

function malformed(received: string, expected: string): PithError {
  return new PithError(
    "file-format",
    `frame: received ${received}, expected ${expected} (is the device's agent of this version?)`,
  );
}

/** Bytes longer than a message, in pieces: input to the device at offsets that it confirms, output from it. */
import { PithError } from "../error.ts";
import { bytesOf, numberOf } from "./device-info.ts";
import type { SmpMap } from "./smp.ts";
import { dataCapacity } from "./upload.ts";

export type Requester = (op: "read" | "write", fields: SmpMap) => Promise<SmpMap>;

/** Answers in a row that do not bring a transfer further. */
const MAX_STALLS = 4;
/** Outputs beyond this are a defect, not a model. */
const MAX_READ_BYTES = 1 << 26;

/** Writes `data` by `{off, data, run}` and gives the last response; small data takes a single request. */
export async function writeBytes(
  request: Requester,
  data: Uint8Array,
  { messageBytes, run }: { messageBytes: number; run: boolean },
): Promise<SmpMap> {
  for (let offset = 0, reached = 0, stalls = 0; ; ) {
    const fields: SmpMap = new Map();
    fields.set("off", offset).set("data", new Uint8Array(0)).set("run", run);
    const end = Math.min(data.length, offset + dataCapacity(messageBytes, fields));
    // `run` stands in the last piece only: a device that runs is slow to answer.
    fields.set("data", data.subarray(offset, end)).set("run", run && end === data.length);
    const response = await request("write", fields);
    // After a run the response holds the output already.
    if (end === data.length && response.has("out")) return response;
    const next = numberOf(response, "off", "infer");
    if (next === data.length && end === data.length) return response;
    stalls = next > reached ? 0 : stalls + 1;
    if (next < 0 || next > data.length || stalls > MAX_STALLS)
      throw new PithError(
        "link",
        `device infer: asked for offset ${next} after ${end} of ${data.length} bytes, expected ${end} (does the input fit the model?)`,
      );
    reached = Math.max(reached, next);
    offset = next;
  }
}

/** Reads the bytes under `dataKey` by `{off}`, whose `len` says how many there are; `first` may hold the beginning. */
export async function readBytes(
  request: Requester,
  { dataKey, first }: { dataKey: string; first?: SmpMap },
): Promise<Uint8Array> {
  const initial = first?.has(dataKey) ? first : await request("read", new Map([["off", 0]]));
  const length = numberOf(initial, "len", dataKey);
  if (length < 0 || length > MAX_READ_BYTES) throw broken(dataKey, `${length} bytes`, `at most ${MAX_READ_BYTES}`);
  const out = new Uint8Array(length);
  for (let at = 0, response = initial; ; response = await request("read", new Map([["off", at]]))) {
    const piece = bytesOf(response, dataKey, dataKey);
    // A write's response names the input's offset under `off`, so only later pieces are checked for it.
    if (response !== first && numberOf(response, "off", dataKey) !== at)
      throw broken(dataKey, `offset ${numberOf(response, "off", dataKey)}`, `${at}`);
    if (piece.length > length - at || (piece.length === 0 && at < length))
      throw broken(dataKey, `${piece.length} bytes at ${at} of ${length}`, "a piece of the rest");
    out.set(piece, at);
    at += piece.length;
    if (at === length) return out;
  }
}

function broken(key: string, received: string, expected: string): PithError {
  return new PithError("link", `device ${key}: ${received}, expected ${expected} (update pith or the agent)`);
}

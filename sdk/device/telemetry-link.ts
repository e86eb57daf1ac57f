/** Telemetry frames over a link: a frame is repeated byte for byte until its number is acknowledged. */
import { PithError } from "../error.ts";
import { bytesOf, numberOf } from "./device-info.ts";
import type { SmpMap } from "./smp.ts";
import type { Requester } from "./transfer.ts";
import { wait } from "./wait.ts";

/** Between looks for a new frame. */
export const TELEMETRY_POLL_MS = 1000;

export interface Frame {
  readonly seq: number;
  /** CBOR, as telemetry decodes it; empty when nothing happened. */
  readonly frame: Uint8Array;
  /** The device has more to tell at once: no need to wait before the next. */
  readonly more: boolean;
}

export async function readFrame(request: Requester, ack: number | undefined): Promise<Frame> {
  const initial = await request("read", new Map(ack === undefined ? [] : [["ack", ack]]));
  const seq = numberOf(initial, "seq", "telemetry");
  const length = numberOf(initial, "len", "telemetry");
  const parts: Uint8Array[] = [];
  let at = 0;
  for (let response: SmpMap = initial; ; response = await request("read", new Map([["off", at]]))) {
    const piece = bytesOf(response, "f", "telemetry");
    const sound =
      numberOf(response, "seq", "telemetry") === seq &&
      (response.get("off") ?? 0) === at &&
      piece.length <= length - at &&
      (piece.length > 0 || at === length);
    if (!sound)
      throw new PithError(
        "link",
        `device telemetry: a piece that does not go on at ${at} of ${length} bytes of frame ${seq}, expected one that does (read it again)`,
      );
    parts.push(piece);
    at += piece.length;
    if (at === length)
      return { seq, frame: Uint8Array.from(Buffer.concat(parts)), more: response.get("more") === true };
  }
}

/** At least once: a frame is acknowledged by the request after it, so one that a consumer broke off at comes again. */
export async function* telemetryFrames(
  read: (ack: number | undefined) => Promise<Frame>,
  { pollMs = TELEMETRY_POLL_MS, signal }: { pollMs?: number; signal?: AbortSignal | undefined },
): AsyncGenerator<Uint8Array, void> {
  let ack: number | undefined;
  try {
    while (!signal?.aborted) {
      const { seq, frame, more } = await read(ack);
      if (frame.length > 0) yield frame;
      ack = seq;
      if (!more) await wait(pollMs, signal);
    }
  } catch (error) {
    if (!signal?.aborted) throw error;
  }
}

/**
 * Requests over a transport: one at a time, matched by sequence number. A lost or damaged message is silence, so a
 * request is sent again, the same bytes with the same sequence number, after a time-out that grows. A device that
 * keeps its last response can thus answer a repeated request without doing it twice.
 */
import { randomInt } from "node:crypto";
import { PithError } from "../error.ts";
import { USER_GROUP } from "./commands.ts";
import { encodeFrame, FrameDecoder } from "./framing.ts";
import { decodeMessage, encodeMessage, GROUP, OP, type SmpMap, type SmpMessage } from "./smp.ts";
import { replyError } from "./smp-errors.ts";
import type { Transport } from "./transport.ts";

/** First wait for a response, beside the time that the bytes need on the line. */
export const REQUEST_TIMEOUT_MS = 1000;
export const REQUEST_ATTEMPTS = 5;
/** Each wait is this much longer than the one before, up to MAX_TIMEOUT_MS (or the first wait, if that is longer). */
const BACKOFF = 1.5;
const MAX_TIMEOUT_MS = 5000;
/** Time on the line is counted for the request and a response as long, twice. */
const LINE_TIME_FACTOR = 4;

export interface RequestOptions {
  /** How many times longer than usual the first wait is, for a request that takes the device long. */
  readonly patience?: number;
  readonly attempts?: number;
  readonly signal?: AbortSignal | undefined;
}

export interface SmpClientOptions {
  /** Text on the port that is no SMP: logs of the device. */
  readonly onConsole?: ((text: string) => void) | undefined;
  /** Defaults for all requests: tests shorten them. */
  readonly timeoutMs?: number;
  readonly attempts?: number;
}

/** Ends a line that a lost byte or an earlier program left open in the device, which would spoil the next frame. */
const NEWLINE = Uint8Array.of(0x0a);

interface Waiting {
  readonly request: SmpMessage;
  readonly resolve: (response: SmpMessage) => void;
  readonly reject: (error: PithError) => void;
}

export class SmpClient {
  readonly transport: Transport;
  readonly #timeoutMs: number;
  readonly #attempts: number;
  /** Starts anywhere, so that a device does not take the first request for the last one of the program before. */
  #sequence = randomInt(256);
  #hasAnswered = false;
  #waiting: Waiting | undefined;
  #turn: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(transport: Transport, options: SmpClientOptions = {}) {
    this.transport = transport;
    this.#timeoutMs = options.timeoutMs ?? REQUEST_TIMEOUT_MS;
    this.#attempts = options.attempts ?? REQUEST_ATTEMPTS;
    const decoder = new FrameDecoder({ onBody: (body) => this.#receive(body), onText: options.onConsole });
    transport.listen((bytes) => decoder.push(bytes));
  }

  /**
   * Sends one request and gives the response's map. Throws PithError("device") with `details.status` when the device
   * refuses, PithError("link") when it stays silent or the port is lost, and the signal's reason when it is aborted.
   */
  request(
    group: number,
    id: number,
    op: "read" | "write",
    payload: SmpMap,
    options: RequestOptions = {},
  ): Promise<SmpMap> {
    const answer = this.#turn.then(() => this.#exchange({ group, id, op: OP[op], version: 1, payload }, options));
    this.#turn = answer.catch(() => {});
    return answer;
  }

  /** Ends the request under way and closes the transport. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#waiting?.reject(this.#closedError());
    await this.transport.close();
  }

  async #exchange(header: Omit<SmpMessage, "sequence">, options: RequestOptions): Promise<SmpMap> {
    const request: SmpMessage = { ...header, sequence: this.#sequence };
    this.#sequence = (this.#sequence + 1) & 255;
    const frame = encodeFrame(encodeMessage(request));
    const afterNewline = Buffer.concat([NEWLINE, frame]);
    const attempts = options.attempts ?? this.#attempts;
    const lineMs = (LINE_TIME_FACTOR * 1000 * frame.length) / this.transport.bytesPerSecond;
    const firstMs = this.#timeoutMs * (options.patience ?? 1);
    let waitedMs = 0;
    for (let attempt = 0; attempt < attempts; attempt++) {
      const timeoutMs = Math.min(firstMs * BACKOFF ** attempt, Math.max(firstMs, MAX_TIMEOUT_MS)) + lineMs;
      const isClean = attempt === 0 && this.#hasAnswered;
      const isLast = attempt === attempts - 1;
      const response = await this.#attempt(request, isClean ? frame : afterNewline, timeoutMs, options.signal).catch(
        (error: unknown) => {
          // A port that went away is opened again by the next attempt.
          if (isLast || this.#closed || !(error instanceof PithError && error.code === "link")) throw error;
          return undefined;
        },
      );
      this.#hasAnswered = response !== undefined;
      if (response !== undefined) {
        const refused = replyError(`${this.transport.name}: ${describe(request)}`, response.payload);
        if (refused) throw refused;
        return response.payload;
      }
      waitedMs += timeoutMs;
    }
    throw new PithError(
      "link",
      `${this.transport.name}: ${describe(request)}: silence for ${(waitedMs / 1000).toFixed(1)} s after ${attempts} attempts, expected a response (is the agent running there, at this --baud?)`,
    );
  }

  /** One sending; undefined when no response came in time. */
  async #attempt(
    request: SmpMessage,
    frame: Uint8Array,
    timeoutMs: number,
    signal: AbortSignal | undefined,
  ): Promise<SmpMessage | undefined> {
    if (this.#closed) throw this.#closedError();
    signal?.throwIfAborted();
    let timer: NodeJS.Timeout | undefined;
    let isSettled = false;
    let onAbort: (() => void) | undefined;
    const response = new Promise<SmpMessage | undefined>((resolve, reject) => {
      this.#waiting = { request, resolve, reject };
      onAbort = () => reject(signal?.reason);
      signal?.addEventListener("abort", onAbort, { once: true });
      this.transport.write(frame, signal).then(() => {
        if (!isSettled) timer = setTimeout(() => resolve(undefined), timeoutMs);
      }, reject);
    });
    try {
      return await response;
    } finally {
      isSettled = true;
      this.#waiting = undefined;
      if (onAbort) signal?.removeEventListener("abort", onAbort);
      clearTimeout(timer);
    }
  }

  /** A response that no request waits for is late or repeated, and dropped. */
  #receive(body: Uint8Array): void {
    const waiting = this.#waiting;
    if (waiting === undefined) return;
    let response: SmpMessage;
    try {
      response = decodeMessage(body);
    } catch {
      return; // as silent as a wrong CRC: the request is sent again
    }
    const { op, group, id, sequence } = waiting.request;
    if (response.op !== op + 1 || response.group !== group || response.id !== id || response.sequence !== sequence)
      return;
    waiting.resolve(response);
  }

  #closedError(): PithError {
    return new PithError(
      "link",
      `${this.transport.name}: the link was closed, expected an open one (open the device again)`,
    );
  }
}

const GROUP_NAMES = new Map<number, string>([
  ...Object.entries(GROUP).map(([name, id]) => [id, name] as const),
  [USER_GROUP, "pith"],
]);

function describe({ op, group, id }: SmpMessage): string {
  return `${op === OP.read ? "read" : "write"} ${GROUP_NAMES.get(group) ?? `group ${group}`}/${id}`;
}

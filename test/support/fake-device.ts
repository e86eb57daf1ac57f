import { createHash } from "node:crypto";
import { encode } from "../../sdk/device/cbor.ts";
import { COMMANDS, STATUS, USER_GROUP } from "../../sdk/device/commands.ts";
import { encodeFrame, FrameDecoder } from "../../sdk/device/framing.ts";
import { parseImage } from "../../sdk/device/image.ts";
import { decodeMessage, encodeMessage, GROUP, IMAGE, OP, OS, type SmpMap } from "../../sdk/device/smp.ts";
import type { Transport } from "../../sdk/device/transport.ts";

/** What goes wrong on the line; each is asked with the running number of the response. */
export interface Faults {
  dropRequest?: (n: number) => boolean;
  drop?: (n: number) => boolean;
  corrupt?: (n: number) => boolean;
  duplicate?: (n: number) => boolean;
  /** Text between any two lines of a response. */
  consoleText?: string;
  /** Replaces the offset an upload chunk is answered with. */
  offset?: (n: number, offset: number) => number;
}

type Answer = SmpMap | { status: number };

/** An agent in memory: SMP framing, two image slots, an echo model (output = input + 1), telemetry. No pty, no timing. */
export class FakeDevice implements Transport {
  readonly name = "fake";
  readonly bytesPerSecond = Number.POSITIVE_INFINITY;
  readonly log: string[] = [];
  faults: Faults = {};
  isClosed = false;
  bufferBytes = 256;
  bootId = 7;
  /** Requests swallowed after a reset, as while a board starts. */
  deafFor = 0;
  revertsAfterTest = false;
  slots: (Uint8Array | undefined)[] = [undefined, undefined];
  active = -1;
  pending = -1;
  confirmed = false;
  runs = 0;
  #upload: { sha: string; bytes: Uint8Array; at: number } | undefined;
  #input = new Uint8Array(0);
  #seq = 1;
  #responses = 0;
  #requests = 0;
  #last: { request: string; response: Uint8Array } | undefined;
  #listener: (bytes: Uint8Array) => void = () => {};
  readonly #decoder = new FrameDecoder({ onBody: (body) => this.#receive(body) });

  listen(listener: (bytes: Uint8Array) => void): void {
    this.#listener = listener;
  }

  async write(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length; at += 31) this.#decoder.push(bytes.subarray(at, at + 31));
  }

  async close(): Promise<void> {
    this.isClosed = true;
  }

  /** A new line to the same board, as after a lost cable. */
  reconnect(): this {
    this.isClosed = false;
    this.#last = undefined;
    return this;
  }

  #receive(body: Uint8Array): void {
    const request = decodeMessage(body);
    if (this.deafFor > 0 && this.deafFor--) return;
    if (this.faults.dropRequest?.(this.#requests++)) return;
    const key = Buffer.from(body).toString("hex");
    // As the agent does: a repeated request is answered again, not done again.
    if (this.#last?.request !== key) {
      this.log.push(`${request.group}/${request.id}`);
      const answer = this.#answer(request.group, request.id, request.op, request.payload);
      const payload: SmpMap =
        answer instanceof Map
          ? answer
          : new Map([
              [
                "err",
                new Map([
                  ["group", USER_GROUP],
                  ["rc", answer.status],
                ] as const),
              ],
            ]);
      const op = request.op === OP.read ? OP.readResponse : OP.writeResponse;
      this.#last = { request: key, response: encodeMessage({ ...request, op, payload }) };
    }
    this.#respond(this.#last.response);
  }

  #respond(response: Uint8Array): void {
    const n = this.#responses++;
    const { drop, corrupt, duplicate, consoleText } = this.faults;
    if (drop?.(n)) return;
    const frame = Buffer.from(encodeFrame(response));
    if (corrupt?.(n)) frame[2 + ((n * 7) % (frame.length - 3))]! ^= 1 << (n % 7);
    const lines = frame.toString("latin1").split(/(?<=\n)/);
    const text = consoleText === undefined ? lines.join("") : lines.flatMap((line) => [consoleText, line]).join("");
    for (let times = duplicate?.(n) ? 2 : 1; times > 0; times--)
      setImmediate(() => this.#listener(Buffer.from(text, "latin1")));
  }

  #answer(group: number, id: number, op: number, fields: SmpMap): Answer {
    const isWrite = op === OP.write;
    if (group === GROUP.os && id === OS.params)
      return new Map(Object.entries({ buf_size: this.bufferBytes, buf_count: 1 }));
    if (group === GROUP.os && id === OS.reset) return this.#reset();
    if (group === GROUP.image && id === IMAGE.upload) return this.#chunk(fields);
    if (group === GROUP.image && id === IMAGE.state) return isWrite ? this.#setState(fields) : this.#states();
    if (group !== USER_GROUP) return new Map([["rc", 8]]);
    if (id === COMMANDS.info.id) return this.#info();
    if (id === COMMANDS.infer.id) return isWrite ? this.#infer(fields) : this.#output(Number(fields.get("off")));
    if (id === COMMANDS.step.id && isWrite)
      return new Map([["crc", Array.from({ length: Number(fields.get("n")) }, (_, i) => Number(fields.get("i")) + i)]]);
    if (id === COMMANDS.step.id)
      return new Map([
        ["data", new Uint8Array(Math.min(64, Number(fields.get("len")))).fill(Number(fields.get("off")) & 255)],
      ]);
    if (id === COMMANDS.telemetry.id) return this.#telemetry(fields);
    return new Map();
  }

  #reset(): Answer {
    this.bootId++;
    this.deafFor = 2;
    this.#last = undefined;
    if (this.pending >= 0 && !this.revertsAfterTest) {
      this.active = this.pending;
      this.confirmed = false;
    }
    this.pending = -1;
    return new Map();
  }

  #chunk(fields: SmpMap): Answer {
    const [offset, data] = [Number(fields.get("off")), fields.get("data") as Uint8Array];
    if (offset === 0) {
      const sha = Buffer.from(fields.get("sha") as Uint8Array).toString("hex");
      if (this.#upload?.sha !== sha) this.#upload = { sha, bytes: new Uint8Array(Number(fields.get("len"))), at: 0 };
    }
    const upload = this.#upload;
    if (upload === undefined) return new Map([["off", 0]]);
    if (offset === upload.at) {
      upload.bytes.set(data, offset);
      upload.at += data.length;
    }
    const next = this.faults.offset?.(this.#responses, upload.at) ?? upload.at;
    upload.at = Math.min(upload.at, next);
    if (next < upload.bytes.length) return new Map([["off", next]]);
    const match = createHash("sha256").update(upload.bytes).digest("hex") === upload.sha;
    if (match) this.slots[this.active === 0 ? 1 : 0] = upload.bytes;
    this.#upload = undefined;
    return new Map(Object.entries({ off: next, match }));
  }

  #states(): Answer {
    const images = this.slots.flatMap((bytes, slot) =>
      bytes === undefined
        ? []
        : [
            new Map(
              Object.entries({
                slot,
                version: "1.0.0",
                hash: parseImage(bytes).hash,
                active: slot === this.active,
                confirmed: slot === this.active && this.confirmed,
                pending: slot === this.pending,
              }),
            ),
          ],
    );
    return new Map([["images", images]]);
  }

  #setState(fields: SmpMap): Answer {
    const hash = fields.get("hash");
    if (!(hash instanceof Uint8Array)) {
      this.confirmed = true;
      return new Map();
    }
    this.pending = this.slots.findIndex(
      (bytes) => bytes !== undefined && Buffer.from(parseImage(bytes).hash).equals(hash),
    );
    return this.pending < 0 ? { status: STATUS["not-pending"][0] } : new Map();
  }

  #info(): Answer {
    return new Map(
      Object.entries({
        ...{
          board: "fake",
          target: 1,
          abi: 1,
          kernel: 1,
          slots: 2,
          slot_size: 65536,
          active: this.active,
          confirmed: this.confirmed,
          ram: 65536,
        },
        ...{
          counter: 0,
          boot: this.bootId,
          up: 5,
          dev: true,
          in: this.#input.length,
          out: 0,
          steps: 20,
          hash: 9,
          monitors: 0,
          refused: this.revertsAfterTest ? STATUS["image-selftest"][0] : 0,
        },
      }),
    );
  }

  #infer(fields: SmpMap): Answer {
    const [offset, data] = [Number(fields.get("off")), fields.get("data") as Uint8Array];
    if (offset > this.#input.length) return { status: STATUS.offset[0] };
    this.#input = Uint8Array.from(Buffer.concat([this.#input.subarray(0, offset), data]));
    if (fields.get("run")) {
      this.runs++;
      return this.#output(0).set("off", this.#input.length);
    }
    return new Map([["off", this.#input.length]]);
  }

  #output(offset: number): SmpMap {
    const out = this.#input.map((byte) => byte + 1);
    return new Map<string, number | Uint8Array>([
      ["len", out.length],
      ["off", offset],
      ["out", out.slice(offset, offset + 100)],
    ]);
  }

  #telemetry(fields: SmpMap): Answer {
    if (fields.get("ack") === this.#seq) this.#seq++;
    const frame = encode(Array.from({ length: 150 }, () => this.#seq));
    const offset = Number(fields.get("off") ?? 0);
    return new Map<string, number | boolean | Uint8Array>([
      ["seq", this.#seq],
      ["len", frame.length],
      ["off", offset],
      ["f", frame.slice(offset, offset + 100)],
      ["more", this.#seq < 3],
    ]);
  }
}

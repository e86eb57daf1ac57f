/**
 * SMP's console framing: a packet shares a serial port with log text.
 *
 *     packet = base64( LEN u16 | body | CRC-16/XMODEM(body) u16 ), big-endian, LEN = bytes of body and CRC
 *     line   = 06 09 (first) or 04 14 (further), up to 124 base64 characters, 0A: at most 127 bytes
 *
 * A sender may cut lines shorter, so each line is decoded by itself. A damaged packet is dropped without a word: the
 * requester times out and sends again. Everything outside such lines is console text.
 */

/** Bytes a packet has beside its body: LEN and CRC. A device's `buf_size` counts them. */
export const PACKET_OVERHEAD_BYTES = 4;

const LINE_CHARS = 124;
const START = [0x06, 0x09] as const;
const CONTINUATION = [0x04, 0x14] as const;
const [NEWLINE, RETURN] = [0x0a, 0x0d] as const;
/** Text without a newline is handed on at this length; a frame line is never as long. */
const MAX_LINE_BYTES = 512;
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

/** CRC-16/XMODEM: polynomial 0x1021, initial 0, not reflected. */
export function crc16(bytes: Uint8Array): number {
  let crc = 0;
  for (const byte of bytes) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000 ? ((crc << 1) ^ 0x1021) & 0xffff : crc << 1;
  }
  return crc;
}

/** The lines that carry `body`, at most 65533 bytes. */
export function encodeFrame(body: Uint8Array): Uint8Array {
  const [length, crc] = [body.length + 2, crc16(body)];
  if (length > 0xffff) throw new RangeError(`frame: ${body.length} bytes, expected at most ${0xffff - 2}`);
  const packet = Buffer.concat([Uint8Array.of(length >> 8, length & 255), body, Uint8Array.of(crc >> 8, crc & 255)]);
  const text = packet.toString("base64");
  const lines: Uint8Array[] = [];
  for (let at = 0; at < text.length; at += LINE_CHARS) {
    const marker = at === 0 ? START : CONTINUATION;
    lines.push(Uint8Array.from(marker), Buffer.from(`${text.slice(at, at + LINE_CHARS)}\n`, "latin1"));
  }
  return Buffer.concat(lines);
}

export interface FrameSink {
  /** A whole body whose CRC is right. */
  readonly onBody: (body: Uint8Array) => void;
  /** Console text, by lines, newline included. */
  readonly onText?: ((text: string) => void) | undefined;
}

/** Splits a stream of bytes, cut anywhere, into packets and console text. */
export class FrameDecoder {
  readonly #sink: FrameSink;
  #line: number[] = [];
  /** Decoded bytes of the packet under way. */
  #packet: Uint8Array | undefined;

  constructor(sink: FrameSink) {
    this.#sink = sink;
  }

  push(bytes: Uint8Array): void {
    for (const byte of bytes) {
      this.#line.push(byte);
      // A frame may follow text that had no newline, such as a shell's prompt.
      if (this.#line.length > 2 && isMarker(this.#line.at(-2), byte)) this.#flush(2);
      else if (byte === NEWLINE || this.#line.length === MAX_LINE_BYTES) this.#flush(0);
    }
  }

  /** Takes the line but for its last `keep` bytes. */
  #flush(keep: number): void {
    const line = Uint8Array.from(this.#line);
    const taken = line.subarray(0, line.length - keep);
    this.#line = keep === 0 ? [] : this.#line.slice(-keep);
    if (isMarker(taken[0], taken[1])) this.#frameLine(taken[0] === START[0], taken.subarray(2));
    else this.#sink.onText?.(Buffer.from(taken).toString("utf8"));
  }

  #frameLine(isStart: boolean, line: Uint8Array): void {
    const before = isStart ? new Uint8Array(0) : this.#packet;
    this.#packet = undefined;
    const part = decodeLine(line);
    if (before === undefined || part === undefined) return;
    const packet = Buffer.concat([before, part]);
    if (packet.length < 2) return;
    const end = 2 + packet.readUInt16BE(0);
    if (packet.length < end) this.#packet = packet;
    else if (packet.length === end && end > PACKET_OVERHEAD_BYTES && crc16(packet.subarray(2)) === 0)
      this.#sink.onBody(Uint8Array.from(packet.subarray(2, end - 2)));
  }
}

function isMarker(a: number | undefined, b: number | undefined): boolean {
  return (a === START[0] && b === START[1]) || (a === CONTINUATION[0] && b === CONTINUATION[1]);
}

/** The bytes of a line after its marker; nothing when it is not whole base64. */
function decodeLine(line: Uint8Array): Uint8Array | undefined {
  if (line.at(-1) !== NEWLINE) return undefined;
  const text = Buffer.from(line.subarray(0, line.at(-2) === RETURN ? -2 : -1)).toString("latin1");
  return text.length % 4 === 0 && BASE64.test(text) ? Buffer.from(text, "base64") : undefined;
}

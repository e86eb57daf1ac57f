import { describe, expect, test } from "vitest";
import { STATUS, USER_GROUP } from "../sdk/device/commands.ts";
import { crc16, encodeFrame, FrameDecoder } from "../sdk/device/framing.ts";
import { decodeMessage, encodeMessage, OP, type SmpMap, type SmpMessage } from "../sdk/device/smp.ts";
import { IMAGE_CODES, replyError, SMP_CODES } from "../sdk/device/smp-errors.ts";

const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, "hex"));
const message = (fields: Partial<SmpMessage>): Uint8Array =>
  encodeMessage({ op: OP.write, version: 0, group: 0, sequence: 0, id: 0, payload: new Map(), ...fields });

describe("framing and messages", () => {
  /** Made with an independent encoder. */
  const golden: [name: string, body: Uint8Array, raw: string, base64: string][] = [
    [
      "echo, v1",
      message({ payload: new Map([["d", "hi"]]) }),
      "0200000600000000a16164626869",
      "ABACAAAGAAAAAKFhZGJoaQkX",
    ],
    [
      "echo, v2",
      message({ version: 1, payload: new Map([["d", "hi"]]) }),
      "0a00000600000000a16164626869",
      "ABAKAAAGAAAAAKFhZGJoaeJ8",
    ],
    ["image list", message({ op: OP.read, group: 1, sequence: 1 }), "0000000100010100a0", "AAsAAAABAAEBAKCxzg=="],
    ["reset", message({ sequence: 2, id: 5 }), "0200000100000205a0", "AAsCAAABAAACBaCnuA=="],
    ["params", message({ op: OP.read, sequence: 3, id: 6 }), "0000000100000306a0", "AAsAAAABAAADBqADvA=="],
    [
      "upload response",
      message({
        op: OP.writeResponse,
        group: 1,
        sequence: 4,
        id: 1,
        payload: new Map([
          ["rc", 0],
          ["off", 100],
        ]),
      }),
      "0300000b00010401a262726300636f66661864",
      "ABUDAAALAAEEAaJicmMAY29mZhhk1Fs=",
    ],
  ];
  test.each(golden)("golden vector %s: bytes and line, both ways", (_, body, raw, base64) => {
    expect(Buffer.from(body).toString("hex")).toBe(raw);
    expect(Buffer.from(encodeFrame(body)).toString("latin1")).toBe(`\x06\x09${base64}\n`);
    expect(decodeFrames(encodeFrame(body)).bodies).toEqual([body]);
    expect(encodeMessage(decodeMessage(body))).toEqual(body);
  });

  test("golden vector first upload chunk: two lines, the first of 127 bytes", () => {
    const data = Uint8Array.from({ length: 100 }, (_, i) => i);
    const fields: SmpMap = new Map();
    fields.set("len", 100).set("off", 0).set("sha", new Uint8Array(32)).set("data", data);
    const lines = Buffer.from(encodeFrame(message({ group: 1, sequence: 4, id: 1, payload: fields }))).toString(
      "latin1",
    );
    const [first, second] = lines.split(/(?<=\n)/);
    expect(first!.slice(2, 30)).toBe("AKcCAACdAAEEAaRjbGVuGGRjb2Zm");
    expect([first!.length, second!.length, second!.slice(0, 2)]).toEqual([127, 107, "\x04\x14"]);
  });

  test("CRC-16/XMODEM of 123456789 is 0x31c3", () => expect(crc16(Buffer.from("123456789"))).toBe(0x31c3));

  test.each([1, 2, 3, 89, 90, 91, 92, 1000])("a body of %i bytes in a log, cut into pieces of any length", (length) => {
    const body = Uint8Array.from({ length }, (_, i) => i & 255);
    const stream = Buffer.concat([Buffer.from("boot\nuart:~$ "), encodeFrame(body), Buffer.from("bye\n")]);
    for (const piece of [1, 7, 4096])
      expect(decodeFrames(stream, piece)).toEqual({ bodies: [body], text: "boot\nuart:~$ bye\n" });
  });

  test("lines that the sender cut shorter, and carriage returns, are legal", () => {
    const body = Uint8Array.from({ length: 60 }, (_, i) => i);
    const text = Buffer.from(encodeFrame(body)).toString("latin1").slice(2, -1);
    const cut = `\x06\x09${text.slice(0, 12)}\r\n\x04\x14${text.slice(12, 40)}\n\x04\x14${text.slice(40)}\n`;
    expect(decodeFrames(Buffer.from(cut, "latin1")).bodies).toEqual([body]);
  });

  test("damage is dropped without a word, and a new start begins anew", () => {
    const body = Uint8Array.from({ length: 100 }, (_, i) => i);
    const frame = Buffer.from(encodeFrame(body));
    const second = frame.indexOf("\x04\x14");
    for (const damaged of [frame.subarray(0, second), frame.subarray(second), frame.subarray(0, 50)])
      expect(decodeFrames(Buffer.concat([damaged, frame])).bodies).toEqual([body]);
    for (let at = 2; at < frame.length; at++) {
      const flipped = Buffer.from(frame);
      flipped[at]! ^= 1;
      for (const got of decodeFrames(flipped).bodies) {
        expect(at).toBeGreaterThan(frame.length - 6); // the bits of the last character that carry nothing
        expect(got).toEqual(body);
      }
    }
  });

  test("messages that are not SMP are refused", () => {
    for (const bad of ["02", "0200000200000000a0", "1200000100000000a0", "0400000100000000a0", "020000010000000001"])
      expect(() => decodeMessage(hex(bad))).toThrow(/smp message/);
  });

  function decodeFrames(bytes: Uint8Array, piece = bytes.length): { bodies: Uint8Array[]; text: string } {
    const [bodies, text]: [Uint8Array[], string[]] = [[], []];
    const decoder = new FrameDecoder({ onBody: (body) => bodies.push(body), onText: (part) => text.push(part) });
    for (let at = 0; at < bytes.length; at += piece) decoder.push(bytes.subarray(at, at + piece));
    return { bodies, text: text.join("") };
  }
});

describe("replies", () => {
  const of = (fields: Record<string, number | string | Map<string, number>>) =>
    replyError("x", new Map(Object.entries(fields)));
  const err = (group: number, rc: number) => of({ err: new Map(Object.entries({ group, rc })) });

  test("done: an empty map, and rc 0", () => expect([of({}), of({ rc: 0, off: 1 })]).toEqual([undefined, undefined]));

  test.each(Object.entries(STATUS).slice(1))("status %s comes as its words", (name, [code, about, hint]) => {
    const error = err(USER_GROUP, code)!;
    expect(error.message).toBe(`x: the device refused: ${about}, expected success (${hint})`);
    expect([error.code, error.details["status"], error.details["name"]]).toEqual(["device", code, name]);
    expect(of({ rc: 1, rsn: code })!.message).toBe(error.message); // the image group gives it as the reason
  });

  test("codes of SMP and of the image group come as their words, unknown ones by number", () => {
    for (const [rc, [about]] of SMP_CODES.entries()) if (rc) expect(of({ rc })!.message).toContain(about);
    for (const [rc, [about]] of IMAGE_CODES.entries()) if (rc) expect(err(1, rc)!.message).toContain(about);
    expect(err(200, 77)!.message).toContain("code 77 of group 200");
    expect(of({ rc: 5, rsn: "because" })!.message).toContain("because");
  });
});

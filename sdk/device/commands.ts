/**
 * The user group of the device protocol: one table of ids, commands and status codes. `targets/agent/commands.h` and
 * `docs/protocol.md` are generated from it; the host decoder reads it. Payloads are CBOR maps with text keys.
 */

export const USER_GROUP = 65;

/** op read (0) or write (2), as SMP has them; `request` and `response` list the keys. */
export const COMMANDS = {
  info: {
    id: 0,
    about: "read: board, limits and the active model",
    request: "",
    response:
      "board tstr, target uint, abi uint, kernel uint, slots uint, slot_size uint, active int (-1: none), confirmed bool, ram uint, counter uint (security), boot uint, up uint (ms), dev bool, in uint (bytes), out uint, steps uint, hash uint (manifestHash), monitors uint (bytes), refused uint (STATUS of the image that the last reset refused, 0: none)",
  },
  infer: {
    id: 1,
    about: "write: input bytes at `off`; `run` infers once the input is complete. read: output bytes from `off`",
    request: "off uint, data bstr, run bool | off uint",
    response: "off uint (next expected) | len uint (all outputs), off uint, out bstr",
  },
  step: {
    id: 2,
    about: "write: runs steps i..i+n-1 on the input written before; read (development): bytes of ram",
    request: "i uint, n uint (at most 16) | off uint, len uint",
    response: "crc [uint] (CRC-32 of each step's output) | data bstr",
  },
  telemetry: {
    id: 3,
    about: "read: the frame since the last acknowledged one, repeated byte for byte until `ack` names its seq",
    request: "ack uint?, off uint?",
    response: "seq uint, len uint (of the frame), off uint, f bstr, more bool",
  },
  configure: {
    id: 4,
    about: "write: resets state or monitors; `fresh` resets the state before every inference",
    request: "fresh bool?, state bool?, monitors bool?",
    response: "",
  },
} as const;

/** Status codes of group 65, also given as the reason by the image group. */
export const STATUS = {
  ok: [0, "done", ""],
  "no-model": [1, "no model is active", "flash one"],
  argument: [2, "an argument is missing or out of range", "update the host's pith"],
  offset: [3, "the offset is not the one expected", "start the transfer again"],
  "no-input": [4, "the input is not complete", "write all input bytes first"],
  "not-development": [5, "this board is no development board", "use a development build"],
  "image-malformed": [6, "the image is not well-formed", "build it again with pith compile"],
  "image-abi": [7, "the image has another ABI version", "compile it with the pith that fits this agent"],
  "image-target": [8, "the image was compiled for another core", "compile with this board's --target"],
  "image-ram": [9, "the model needs more RAM than the board gives", "compile with --ram"],
  "image-hash": [10, "the image's SHA-256 does not match its bytes", "upload it again"],
  "image-key": [11, "the image is signed with a key that this board does not know", "sign with the board's key"],
  "image-signature": [12, "the image's signature is wrong", "sign it again"],
  "image-counter": [13, "the image's security counter is older than the board's", "raise the counter and sign again"],
  "image-selftest": [
    14,
    "the self-test gave other bytes than the host, or did not end",
    "report this: it must not happen",
  ],
  "image-large": [15, "the image does not fit a slot", "compile with --flash"],
  "slot-busy": [16, "both slots are in use", "confirm the running image, or reset to revert"],
  flash: [17, "the flash did not take the bytes", "check the board's flash"],
  "not-pending": [18, "there is no image to confirm", "upload and test one first"],
  "image-monitors": [19, "the model has more monitor words than the agent keeps", "quantize with fewer monitors"],
  failed: [20, "the model returned a status", "compile it again"],
} as const satisfies Record<string, readonly [code: number, about: string, hint: string]>;

export type StatusName = keyof typeof STATUS;

/** Protected TLVs of the model image, beside MCUboot's own: vendor range 0x00A0... */
export const IMAGE_TLV = { target: 0x00a0, manifestHash: 0x01a0 } as const;

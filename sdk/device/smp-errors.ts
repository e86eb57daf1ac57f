/** Error replies of a device, as words: SMP's own codes, those of the image group, and STATUS of the user group. */
import { PithError } from "../error.ts";
import type { CborValue } from "./cbor.ts";
import { STATUS, type StatusName, USER_GROUP } from "./commands.ts";
import { GROUP, type SmpMap } from "./smp.ts";

type Row = readonly [about: string, hint: string];

/** SMP return codes, by number. */
export const SMP_CODES: readonly Row[] = [
  ["done", ""],
  ["an unknown error", "see the device's console"],
  ["it is out of memory", "send less at once"],
  ["an argument is invalid", "update pith or the agent"],
  ["it timed out", "try again"],
  ["there is no such entry", "list what the device has first"],
  ["it is in a state that forbids this", "confirm or reset first"],
  ["the message is too long", "lower the chunk size to the device's buf_size"],
  ["it has no such command", "flash an agent that has it"],
  ["the data is corrupt", "send it again"],
  ["it is busy", "try again later"],
  ["access is denied", "use a development build or an authorized key"],
  ["the protocol version is too old", "update pith"],
  ["the protocol version is too new", "update the agent"],
];

/** Codes of the image group in version 2 replies, by number. */
export const IMAGE_CODES: readonly Row[] = [
  ["done", ""],
  ["an unknown error", "see the device's console"],
  ["its flash layout cannot be read", "check the agent's slots"],
  ["the slot holds no image", "upload one first"],
  ["the image has no TLVs", "sign it"],
  ["a TLV is invalid", "build the image again"],
  ["the image has several hashes", "build the image again"],
  ["a TLV has a wrong size", "build the image again"],
  ["no image has this hash", "list the images first"],
  ["no slot is free", "confirm the running image, or erase a slot"],
  ["the flash area did not open", "check the agent's slots"],
  ["the flash could not be read", "check the board's flash"],
  ["the flash could not be written", "check the board's flash"],
  ["the flash could not be erased", "check the board's flash"],
  ["there is no such slot", "use one that the image list names"],
  ["it is out of memory", "send less at once"],
  ["an upload is under way already", "reset the device"],
  ["no upload is under way", "start the upload again"],
  ["there is no flash device", "check the agent's port layer"],
  ["a flash page is not known", "check the agent's port layer"],
  ["the offset is invalid", "start the upload again"],
  ["the length is missing or invalid", "start the upload again"],
  ["the image header is invalid", "build the image again"],
  ["the image magic is wrong", "flash a pith image"],
  ["the hash is invalid", "build the image again"],
  ["the flash address is invalid", "check the agent's slots"],
  ["the version cannot be read", "build the image again"],
  ["the running image is newer", "raise the version"],
  ["an image is pending already", "reset the device first"],
  ["the vector table is wrong", "link the image for this slot"],
];

const STATUS_ROWS: readonly (readonly [StatusName, number, string, string])[] = Object.entries(STATUS).map(
  ([name, [code, about, hint]]) => [name as StatusName, code, about, hint],
);

/** A status of the user group as its name, words and hint. */
export function statusWords(code: number): readonly [name: StatusName, about: string, hint: string] | undefined {
  const row = STATUS_ROWS.find(([, known]) => known === code && code !== STATUS.ok[0]);
  return row && [row[0], row[2], row[3]];
}

/** The device's refusal in `reply`, both forms understood: `{rc, rsn?}` and `{err: {group, rc}}`; nothing when it is done. */
export function replyError(where: string, reply: SmpMap): PithError | undefined {
  const err = reply.get("err");
  if (err instanceof Map) return refusal(where, asNumber(err.get("group")), asNumber(err.get("rc")), reply.get("rsn"));
  const rc = asNumber(reply.get("rc") ?? 0);
  return rc === 0 ? undefined : refusal(where, undefined, rc, reply.get("rsn"));
}

function refusal(where: string, group: number | undefined, rc: number, reason: CborValue | undefined): PithError {
  // A reason that is a number is the status of the user group, which says more than the image group's code.
  const status = group === USER_GROUP ? rc : typeof reason === "number" ? reason : undefined;
  const known = status === undefined ? undefined : statusWords(status);
  const row = known?.slice(1) ?? (group === GROUP.image ? IMAGE_CODES : SMP_CODES)[rc] ?? unknownCode(group, rc);
  const [about, hint] = row;
  const words = typeof reason === "string" && reason !== "" ? `${about}: ${reason}` : about;
  const details = { status: status ?? rc, name: known?.[0], group, rc };
  return new PithError("device", `${where}: the device refused: ${words}, expected success (${hint})`, details);
}

function unknownCode(group: number | undefined, rc: number): Row {
  return [`code ${rc}${group === undefined ? "" : ` of group ${group}`}`, "update pith"];
}

function asNumber(value: CborValue | undefined): number {
  return typeof value === "number" ? value : 1;
}

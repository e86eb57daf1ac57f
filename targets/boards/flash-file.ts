/** The flash of an emulated board: a file, erased to 0xff, with the board's key sector provisioned. */

import { randomBytes } from "node:crypto";
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";
import { crc32 } from "../../sdk/compile/crc32.ts";
import type { BoardFlash } from "../../sdk/device/board.ts";

/** Sectors before the slots: two selectors, keys, a stamp that the host renews at every start. */
export const FIRST_SLOT_SECTOR = 4;
const KEY_SECTOR = 2;
const STAMP_SECTOR = 3;
const KEY_MAGIC = 0x796b6970;
const DEVELOPMENT = 1;

/** Bytes of the file: `sectors` of them, or more where the emulator wants a whole memory. */
export const flashBytes = ({ sectorBytes, slotSectors }: BoardFlash): number =>
  (FIRST_SLOT_SECTOR + 2 * slotSectors) * sectorBytes;

/** pith_key_record of targets/agent/image.h: magic, flags, two keys, CRC. */
export function keyRecord(publicKey: Uint8Array): Uint8Array {
  const out = new Uint8Array(4 + 4 + 64 + 4);
  const view = new DataView(out.buffer);
  view.setUint32(0, KEY_MAGIC, true);
  view.setUint32(4, DEVELOPMENT, true);
  out.set(publicKey, 8);
  out.fill(0xff, 40, 72);
  view.setUint32(72, crc32(out.subarray(0, 72)), true);
  return out;
}

/**
 * Makes the file where it is missing, has another size, or `fresh` is asked for; otherwise its content stays. The
 * key record is rewritten where the board now trusts another key; the stamp is renewed.
 */
export function prepareFlash(
  path: string,
  flash: BoardFlash,
  options: { readonly publicKey: Uint8Array; readonly fresh: boolean; readonly totalBytes?: number },
): void {
  const total = options.totalBytes ?? flashBytes(flash);
  mkdirSync(dirname(path), { recursive: true });
  const usable = existsSync(path) && statSync(path).size === total;
  if (!usable || options.fresh) {
    const erased = new Uint8Array(total).fill(0xff);
    const draft = `${path}.${process.pid}.tmp`;
    writeFileSync(draft, erased);
    renameSync(draft, path);
  }
  const record = keyRecord(options.publicKey);
  const at = KEY_SECTOR * flash.sectorBytes;
  const fd = openSync(path, "r+");
  try {
    if (
      !readFileSync(path)
        .subarray(at, at + record.length)
        .equals(record)
    )
      writeSync(fd, record, 0, record.length, at);
    writeSync(fd, randomBytes(4), 0, 4, STAMP_SECTOR * flash.sectorBytes);
  } finally {
    closeSync(fd);
  }
}

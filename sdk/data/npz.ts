/** NumPy's .npz archives: a ZIP of .npy members, stored or deflated (APPNOTE.TXT 4.3; sizes from the central directory). */
import { crc32, inflateRawSync } from "node:zlib";
import { PithError } from "../error.ts";
import { type NpyArray, readNpy } from "./npy.ts";

const END_BYTES = 22;
const ENTRY_BYTES = 46;
const LOCAL_BYTES = 30;
const MAX_MEMBERS = 1024;
const MAX_MEMBER_BYTES = 2 ** 31;

export function readNpz(bytes: Uint8Array, where: string): ReadonlyMap<string, NpyArray> {
  const fail = (received: string): PithError =>
    new PithError("file-format", `${where}: ${received}, expected a .npz archive (numpy.savez writes one)`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = findEnd(view);
  if (end < 0) throw fail("not a ZIP file");
  const count = view.getUint16(end + 10, true);
  let at = view.getUint32(end + 16, true);
  if (count > MAX_MEMBERS) throw fail(`${count} members`);
  const arrays = new Map<string, NpyArray>();
  for (let i = 0; i < count; i++) {
    if (at + ENTRY_BYTES > end || view.getUint32(at, true) !== 0x02014b50) throw fail(`member ${i} is malformed`);
    const [nameBytes, extraBytes, commentBytes] = [28, 30, 32].map((o) => view.getUint16(at + o, true)) as [
      number,
      number,
      number,
    ];
    const entry: Entry = {
      name: new TextDecoder().decode(bytes.subarray(at + ENTRY_BYTES, at + ENTRY_BYTES + nameBytes)),
      method: view.getUint16(at + 10, true),
      crc: view.getUint32(at + 16, true),
      packedBytes: view.getUint32(at + 20, true),
      memberBytes: view.getUint32(at + 24, true),
      local: view.getUint32(at + 42, true),
    };
    at += ENTRY_BYTES + nameBytes + extraBytes + commentBytes;
    if (!entry.name.endsWith(".npy") || arrays.has(entry.name.slice(0, -4)))
      throw fail(`member ${JSON.stringify(entry.name)}`);
    arrays.set(entry.name.slice(0, -4), readNpy(unpack(bytes, view, entry, fail), `${where} "${entry.name}"`));
  }
  return arrays;
}

interface Entry {
  readonly name: string;
  readonly method: number;
  readonly crc: number;
  readonly packedBytes: number;
  readonly memberBytes: number;
  readonly local: number;
}

/** Offset of the end-of-central-directory record, searched backwards over the longest comment; -1 where there is none. */
function findEnd(view: DataView): number {
  for (let at = view.byteLength - END_BYTES; at >= Math.max(0, view.byteLength - END_BYTES - 0xffff); at--)
    if (view.getUint32(at, true) === 0x06054b50) return at;
  return -1;
}

function unpack(bytes: Uint8Array, view: DataView, entry: Entry, fail: (received: string) => PithError): Uint8Array {
  const { name, local, packedBytes, memberBytes } = entry;
  const broken = (what: string): PithError => fail(`member ${JSON.stringify(name)} ${what}`);
  if (local + LOCAL_BYTES > bytes.length || view.getUint32(local, true) !== 0x04034b50)
    throw broken("has no local header");
  const start = local + LOCAL_BYTES + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
  if (start + packedBytes > bytes.length || memberBytes > MAX_MEMBER_BYTES) throw broken("is cut off");
  const packed = bytes.subarray(start, start + packedBytes);
  const member = entry.method === 0 ? packed : entry.method === 8 ? inflate(packed, memberBytes) : undefined;
  if (!member) throw broken(entry.method === 8 ? "does not inflate" : `uses compression method ${entry.method}`);
  if (member.length !== memberBytes) throw broken(`has ${member.length} bytes instead of ${memberBytes}`);
  if (crc32(member) !== entry.crc) throw broken("fails its CRC");
  return member;
}

/** Never inflates more than was announced. */
function inflate(packed: Uint8Array, memberBytes: number): Uint8Array | undefined {
  try {
    return inflateRawSync(packed, { maxOutputLength: memberBytes + 1 });
  } catch {
    return undefined;
  }
}

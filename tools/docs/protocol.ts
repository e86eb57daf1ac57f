/** docs/protocol.md: the bytes on the wire and in flash; the tables come from sdk/device/commands.ts. */
import { TARGETS } from "../../sdk/compile/abi.ts";
import { COMMANDS, IMAGE_TLV, STATUS, USER_GROUP } from "../../sdk/device/commands.ts";

type Table = (head: readonly string[], rows: readonly (readonly string[])[]) => string;

const hex = (value: number, digits = 2): string => `0x${value.toString(16).padStart(digits, "0")}`;

export function protocol(generated: string, table: Table): string {
  const commands = Object.entries(COMMANDS).map(([name, c]) => [
    `${c.id}`,
    `\`${name}\``,
    ...[c.about, c.request, c.response].map((text) => text.replaceAll("|", "\\|")),
  ]);
  const statuses = Object.entries(STATUS).map(([name, [code, about]]) => [`${code}`, `\`${name}\``, about]);
  const targets = Object.entries(TARGETS).map(([name, id]) => `${hex(id, 4)} ${name}`);
  return `# Device protocol

${generated}

What a host and an agent say to each other, and what an agent keeps in flash. Reasons are in \`design/device.md\`.

## Framing

SMP over a console, as mcumgr has it. A packet is cut into lines, which console text may stand between.

    packet = base64( LEN u16 | body | CRC u16 )          big-endian; LEN = bytes of body and CRC
    CRC    = CRC-16/XMODEM of body (polynomial 0x1021, initial 0)
    line   = 06 09 (first) or 04 14 (further) | at most 124 base64 characters | 0A

A sender may cut shorter lines; each is decoded by itself. A damaged packet is dropped without an answer. A host that
got no answer sends a newline and the same bytes again. An agent that gets a request whose bytes are those of the last
one, within 15 s, sends the last answer again and does nothing.

## Message

    byte 0      1    2..3     4..5     6           7
    0 0 0 V V O O O | 0 | length | group | sequence | id | CBOR map with text keys

V: version (0, 1). O: 0 read, 1 its answer, 2 write, 3 its answer. Errors are \`{"err": {"group": g, "rc": code}}\`, or
\`{"rc": code}\` with SMP's own codes: to version 0, for an unknown command, for a map that cannot be read. The agent reads
maps of at most 12 entries and four levels, no key twice, no integer above 32 bits. A packet has at most \`buf_size\`
bytes (os params), LEN and CRC included.

## SMP's own groups

| group | id | op | request | answer |
| --- | --- | --- | --- | --- |
| os 0 | 0 echo | read, write | d tstr | r tstr |
| os 0 | 5 reset | write | | |
| os 0 | 6 params | read | | buf_size uint, buf_count uint |
| image 1 | 0 state | read | | images [{slot, version, hash, pending?, confirmed?, active?}] |
| image 1 | 0 state | write | hash bstr(32), confirm bool | as read |
| image 1 | 1 upload | write | off uint, data bstr; with off 0 also len uint, sha bstr(32)? | off uint (next wanted), match bool (at the end) |
| image 1 | 5 erase | write | slot uint? (default: the free one) | |
| stat 2 | 0 | read | name "pith" | name, fields {received, refused, inferences, uploads} |
| stat 2 | 1 | read | | stat_list ["pith"] |

\`confirm: true\` without a hash means the running image; with one, it must be the running image's. A chunk at another
offset than the wanted one changes nothing; its answer says which is wanted. \`sha\` is that of all bytes sent: with it an
upload resumes, without it it begins anew. The last chunk's answer is an error when the image would be refused.

## User group ${USER_GROUP}

${table(["id", "command", "what", "request", "answer"], commands)}

A trailing \`?\` marks an optional key; \`|\` separates the write's form from the read's.

${table(["code", "status", "meaning"], statuses)}

## Image

MCUboot's format, little-endian. \`hash\` covers header, payload and protected TLVs; \`signature\` is Ed25519 over its 32
bytes.

    header 32     0x96f3b83d u32 | 0 u32 | header bytes u16 = 32 | protected TLV bytes u16 | payload bytes u32 |
                  flags u32 = 0x10 (not bootable) | major u8, minor u8, revision u16, build u32 | 0 u32
    payload       descriptor (design/abi.md), code, weights, tables
    protected     0x6908 u16 | bytes u16 | TLVs
    unprotected   0x6907 u16 | bytes u16 | TLVs
    TLV           type u16 | bytes u16 | data

| area | type | bytes | data |
| --- | --- | --- | --- |
| protected | 0x50 | 4 | security counter |
| protected | ${hex(IMAGE_TLV.target, 4)} | 8 | target id, ABI version |
| protected | ${hex(IMAGE_TLV.manifestHash, 4)} | 4 | manifest hash |
| unprotected | 0x10 | 32 | SHA-256 |
| unprotected | 0x01 | 32 | SHA-256 of the public key as SubjectPublicKeyInfo |
| unprotected | 0x24 | 64 | signature |

Targets: ${targets.join(", ")}. Other types are ignored; one of these with another length is refused.

## Flash

Sectors and program units are the board's (4096 and 8 bytes on both boards here). A unit is programmed once between
erases.

    sector 0, 1   selector records          sector 4 ...       slot A
    sector 2      key record                after it           slot B
    sector 3      the port's own            a slot's last one  upload record

**Selector record**, 32 bytes, appended; the valid one with the highest sequence counts. When a sector is full the
other is erased and goes on.

    magic 0x6c657370 u32 | sequence u32 | confirmed u8 | trial u8 | trial state u8 | refused u8 |
    security counter u32 | 0 u32 | 0 u32 | 0 u32 | CRC-32 u32

\`confirmed\` and \`trial\` are slots, 0xff for none. Trial state: 0 none, 1 pending (tried at the next reset), 2 running
(goes back at the next reset). \`refused\` is a status of the table above.

**Upload record**, 48 bytes at the start of the slot's last sector:

    magic 0x64617075 u32 | length u32 | SHA-256 of the bytes, 32 | 0 u32 | CRC-32 u32

Mark i, a program unit at 64 + 16 i that is not blank, says that sector i of the slot is whole.

**Key record**, 76 bytes: magic 0x796b6970 u32 | flags u32 (bit 0: development board) | two public keys of 32 bytes (ff:
none) | CRC-32 u32. Written once, when the board is provisioned.
`;
}

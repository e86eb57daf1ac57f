/** The agent's generated headers: from the ABI table and the command table. `npm run golden` writes them. */
import { ABI_VERSION, DESCRIPTOR_FIELDS, DESCRIPTOR_MAGIC, TARGETS } from "../../sdk/compile/abi.ts";
import { COMMANDS, IMAGE_TLV, STATUS, USER_GROUP } from "../../sdk/device/commands.ts";
import { kernelVersion } from "../../sdk/version.ts";

const note = (source: string): string =>
  `/* Generated from ${source} by targets/agent/headers.ts; run \`npm run golden\` after a change. */`;
const snake = (name: string): string =>
  name
    .replace(/([A-Z])/g, "_$1")
    .replace(/-/g, "_")
    .toLowerCase();
const shout = (name: string): string => snake(name).toUpperCase();
const hex = (value: number): string => `0x${value.toString(16).padStart(8, "0")}u`;

export function abiHeader(): string {
  return `${note("sdk/compile/abi.ts")}
#ifndef PITH_ABI_H
#define PITH_ABI_H

#include <stdint.h>

#define PITH_ABI_VERSION ${ABI_VERSION}u
#define PITH_KERNEL_VERSION ${kernelVersion}u
#define PITH_DESCRIPTOR_MAGIC ${hex(DESCRIPTOR_MAGIC)}

${Object.entries(TARGETS)
  .map(([name, id]) => `#define PITH_TARGET_${shout(name)} ${hex(id)}`)
  .join("\n")}

/* Little-endian; the payload of an image starts with it. */
typedef struct {
${DESCRIPTOR_FIELDS.map(([name, about]) => `  uint32_t ${snake(name)}; /* ${about} */`).join("\n")}
} pith_descriptor;

/* A row of the step, input and output tables. */
typedef struct {
  uint32_t offset; /* in ram */
  uint32_t bytes;
} pith_span;

/* A row of the self-test table. */
typedef struct {
  uint32_t seed;
  uint32_t crc;
} pith_self_test;

#endif
`;
}

export function commandsHeader(): string {
  return `${note("sdk/device/commands.ts")}
#ifndef PITH_COMMANDS_H
#define PITH_COMMANDS_H

#define PITH_GROUP ${USER_GROUP}u

${Object.entries(COMMANDS)
  .map(([name, { id }]) => `#define PITH_CMD_${shout(name)} ${id}u`)
  .join("\n")}

${Object.entries(IMAGE_TLV)
  .map(([name, id]) => `#define PITH_TLV_${shout(name)} 0x${id.toString(16).padStart(4, "0")}u`)
  .join("\n")}

/* Status of group ${USER_GROUP}. */
enum {
${Object.entries(STATUS)
  .map(([name, [code, about]]) => `  PITH_${shout(name)} = ${code}, /* ${about} */`)
  .join("\n")}
};

#endif
`;
}

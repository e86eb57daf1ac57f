/**
 * The program around a model on the host: reads requests on stdin, writes replies on stdout. All words are u32
 * little-endian.
 *
 *     request: command, length, length bytes        reply: status (i32), length, length bytes
 *
 *     1 init            -                            -
 *     2 infer           all inputs in order          all outputs in order
 *     3 step            index                        the output of that step
 *     4 monitors_reset  -                            -
 *     5 read            offset in ram, bytes         the bytes
 *     6 write           offset in ram, the bytes     -
 */
import type { Region } from "../../sdk/compile/emit-c/header.ts";
import type { ModelSource } from "./model-source.ts";

export const HOST_COMMANDS = { init: 1, infer: 2, step: 3, monitorsReset: 4, read: 5, write: 6 } as const;
/** A malformed request. */
export const HOST_BAD_REQUEST = -100;

const table = (name: string, regions: readonly Region[]) => `static const uint32_t ${name}_count = ${regions.length}u;
static const struct region ${name}[] = {
${[...regions.map(({ offset, bytes }) => `    { ${offset}u, ${bytes}u },`), "    { 0u, 0u }"].join("\n")}
};`;

export function hostMain({ name, inputs, outputs, steps, ramBytes }: ModelSource): string {
  const sum = (regions: readonly Region[]) => regions.reduce((total, { bytes }) => total + bytes, 0);
  const largest = Math.max(ramBytes, sum(inputs), sum(outputs)) + 16;
  return `/* ${name}: requests on stdin, replies on stdout. */
#include "${name}.h"
#include <stdio.h>
#include <string.h>
#ifdef _WIN32
#include <fcntl.h>
#include <io.h>
#endif

struct region {
    uint32_t offset;
    uint32_t bytes;
};

${table("inputs", inputs)}
${table("outputs", outputs)}
${table("steps", steps)}

/* Static, so that ram and weights lie within 4 GB of each other. */
static uint8_t ram[${Math.max(ramBytes, 16)}] __attribute__((aligned(16)));
static uint8_t message[${largest}];

static uint32_t word(const uint8_t *at)
{
    return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static void reply(int32_t status, uint32_t length)
{
    const uint32_t words[2] = { (uint32_t)status, length };
    uint8_t head[8];
    for (int i = 0; i < 8; i++) head[i] = (uint8_t)(words[i / 4] >> (8 * (i % 4)));
    fwrite(head, 1, sizeof head, stdout);
    fwrite(message, 1, length, stdout);
    fflush(stdout);
}

static int32_t infer(uint32_t *length)
{
    uint32_t at = 0;
    for (uint32_t i = 0; i < inputs_count; at += inputs[i++].bytes) memcpy(ram + inputs[i].offset, message + at, inputs[i].bytes);
    if (at != *length) return ${HOST_BAD_REQUEST};
    const int32_t status = ${name}_infer(ram);
    *length = 0;
    for (uint32_t i = 0; i < outputs_count; *length += outputs[i++].bytes)
        memcpy(message + *length, ram + outputs[i].offset, outputs[i].bytes);
    return status;
}

static int32_t handle(uint32_t command, uint32_t *length)
{
    const uint32_t given = *length;
    const uint32_t first = given >= 4 ? word(message) : 0;
    const uint32_t second = given >= 8 ? word(message + 4) : 0;
    *length = 0;
    switch (command) {
    case ${HOST_COMMANDS.init}: return ${name}_init(ram);
    case ${HOST_COMMANDS.infer}: *length = given; return infer(length);
    case ${HOST_COMMANDS.step}: {
        const int32_t status = ${name}_step(ram, (int32_t)first);
        if (first >= steps_count) return status;
        *length = steps[first].bytes;
        memcpy(message, ram + steps[first].offset, *length);
        return status;
    }
    case ${HOST_COMMANDS.monitorsReset}: return ${name}_monitors_reset(ram);
    case ${HOST_COMMANDS.read}:
        if (given != 8 || first > ${ramBytes}u || second > ${ramBytes}u - first) return ${HOST_BAD_REQUEST};
        memcpy(message, ram + first, second);
        *length = second;
        return 0;
    case ${HOST_COMMANDS.write}:
        if (given < 4 || first > ${ramBytes}u || given - 4 > ${ramBytes}u - first) return ${HOST_BAD_REQUEST};
        memcpy(ram + first, message + 4, given - 4);
        return 0;
    default: return ${HOST_BAD_REQUEST};
    }
}

int main(void)
{
    uint8_t head[8];
#ifdef _WIN32
    _setmode(_fileno(stdin), _O_BINARY);
    _setmode(_fileno(stdout), _O_BINARY);
#endif
    while (fread(head, 1, sizeof head, stdin) == sizeof head) {
        uint32_t length = word(head + 4);
        if (length > sizeof message || fread(message, 1, length, stdin) != length) return 1;
        const int32_t status = handle(word(head), &length);
        reply(status, length);
    }
    return 0;
}
`;
}

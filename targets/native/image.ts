/**
 * Device images: a model's C, compiled position-independent, behind a descriptor. The payload runs wherever it
 * lies, at any 16-aligned address.
 *
 *     descriptor | code | constants | tables of steps, inputs, outputs, self-test
 */
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { ABI_VERSION, DESCRIPTOR_BYTES, DESCRIPTOR_MAGIC, encodeDescriptor } from "../../sdk/compile/abi.ts";
import type { Region } from "../../sdk/compile/emit-c/header.ts";
import { PithError } from "../../sdk/error.ts";
import { cachedBuild, DEFAULT_BUILD_DIRECTORY } from "./build-cache.ts";
import { type Elf, readElf, SHN_ABS, SHN_UNDEF } from "./elf.ts";
import { type Machine, machineOf, targetId } from "./machine.ts";
import type { ModelSource } from "./model-source.ts";
import { stackBound } from "./stack-bound.ts";
import { commonFlags, type NativeTarget, requireToolchain, runTool } from "./toolchain.ts";

export interface ImageSource extends ModelSource {
  readonly target: NativeTarget;
  /** State in ram, monitors included. */
  readonly state: Region;
  readonly monitors: Region;
  readonly selfTest: readonly { readonly seed: number; readonly crc: number }[];
  /** First 4 bytes of the manifest's SHA-256, little-endian. */
  readonly manifestHash: number;
  readonly kernelVersion: number;
}

export interface LinkedImage {
  /** Descriptor first; a multiple of 16 bytes. */
  readonly payload: Uint8Array;
  readonly sizes: {
    readonly code: number;
    /** Weights and tables of the model, and constants of the compiler. */
    readonly constants: number;
    readonly descriptorAndTables: number;
  };
  /** Deepest call of any entry, one exception frame included. */
  readonly stackBytes: number;
  readonly compiler: string;
}

/** GCC may call these whatever the C says, and an image has no libc. */
const RUNTIME_C = `#include <stddef.h>
void *memcpy(void *restrict to, const void *restrict from, size_t n)
{
    unsigned char *t = to;
    const unsigned char *f = from;
    if ((((size_t)t | (size_t)f) & 3u) == 0)
        for (; n >= 4; n -= 4, t += 4, f += 4) *(unsigned __attribute__((may_alias)) *)t = *(const unsigned __attribute__((may_alias)) *)f;
    while (n-- > 0) *t++ = *f++;
    return to;
}
void *memmove(void *to, const void *from, size_t n)
{
    unsigned char *t = to;
    const unsigned char *f = from;
    if ((size_t)t - (size_t)f >= n) return memcpy(to, from, n);
    while (n-- > 0) t[n] = f[n];
    return to;
}
void *memset(void *to, int value, size_t n)
{
    unsigned char *t = to;
    const unsigned word = (unsigned char)value * 0x01010101u;
    for (; n > 0 && ((size_t)t & 3u) != 0; n--) *t++ = (unsigned char)value;
    for (; n >= 4; n -= 4, t += 4) *(unsigned __attribute__((may_alias)) *)t = word;
    while (n-- > 0) *t++ = (unsigned char)value;
    return to;
}
int memcmp(const void *a, const void *b, size_t n)
{
    const unsigned char *x = a;
    const unsigned char *y = b;
    for (; n > 0; n--, x++, y++)
        if (*x != *y) return *x - *y;
    return 0;
}
`;

/** Sections apart, so that what must be empty can be seen to be. */
const LINKER_SCRIPT = `SECTIONS
{
    . = ${DESCRIPTOR_BYTES};
    .text : ALIGN(16) { *(.text .text.*) }
    .rodata : ALIGN(16) { *(.rodata .rodata.*) }
    .got : { *(.got .got.*) }
    .data : { *(.data .data.*) }
    .bss : { *(.bss .bss.* COMMON) }
    /DISCARD/ : { *(.eh_frame .eh_frame_hdr .ARM.exidx* .ARM.extab* .note .note.* .comment .iplt .igot.plt .rel.iplt .rela.iplt .rela.plt .rel.plt) }
}
`;

const ENTRY_NAMES = ["init", "infer", "step", "monitors_reset"] as const;
const COMPILE_FLAGS = [
  "-fpie",
  "-ffunction-sections",
  "-fno-common",
  "-fno-stack-protector",
  "-fno-asynchronous-unwind-tables",
  "-fno-unwind-tables",
  "-fno-ident",
];

export async function linkImage(source: ImageSource, options: { buildDirectory?: string } = {}): Promise<LinkedImage> {
  const toolchain = await requireToolchain(source.target);
  const machine = machineOf(toolchain);
  const roots = ENTRY_NAMES.map((entry) => `${source.name}_${entry}`);
  const headers = machine.headers ? ["-isystem", "."] : [];
  const compile = [...commonFlags("."), ...COMPILE_FLAGS, ...machine.flags, ...headers, "-c"];
  const link = [
    ...machine.flags,
    "-nostdlib",
    "-static",
    "-no-pie",
    ...["-T,link.ld", "-q", "--build-id=none", "--gc-sections", "-z,noexecstack", `-e,${roots[1]}`].map(
      (f) => `-Wl,${f}`,
    ),
    ...roots.map((root) => `-Wl,-u,${root}`),
  ];
  const model = `${source.name}.c`;
  const files = {
    [model]: source.c,
    [`${source.name}.h`]: source.h,
    "runtime.c": `${RUNTIME_C}${machine.runtime ?? ""}`,
    "link.ld": LINKER_SCRIPT,
    ...machine.headers,
  };
  const directory = await cachedBuild(
    resolve(options.buildDirectory ?? DEFAULT_BUILD_DIRECTORY),
    ["image", toolchain.version, ...compile, ...link],
    files,
    async (cwd) => {
      await runTool(toolchain.cc, [...compile, "-fcallgraph-info=su", model, "-o", "model.o"], cwd);
      // The loops must not be recognized as the functions that they implement.
      const own = ["-ffreestanding", "-fno-tree-loop-distribute-patterns"];
      await runTool(toolchain.cc, [...compile, ...own, "runtime.c", "-o", "runtime.o"], cwd);
      await runTool(toolchain.cc, [...link, "model.o", "runtime.o", "-lgcc", "-o", "image.elf"], cwd);
    },
  );
  const elf = readElf(await readFile(join(directory, "image.elf")));
  checkPositionIndependent(elf, machine, source.name);
  const callGraph = await readFile(join(directory, "model.ci"), "utf8");
  const stackBytes = Math.ceil((stackBound([callGraph], roots) + machine.exceptionFrameBytes) / 8) * 8;
  return { ...assemble(source, elf, targetId(machine), stackBytes), stackBytes, compiler: toolchain.version };
}

/** Relocations that change nothing: hints to the linker. */
const MARKERS: readonly string[] = ["NONE", "RELAX", "ALIGN"];

/** The build fails on anything that ties the image to an address or gives it memory of its own. */
function checkPositionIndependent(elf: Elf, machine: Machine, name: string): void {
  const fail = (received: string) =>
    new PithError("internal", `image ${name}: ${received}, expected position-independent code without static data`);
  if (elf.machine !== machine.elfMachine) throw fail(`ELF machine ${elf.machine}`);
  for (const { name: section, allocated, bytes } of elf.sections)
    if (allocated && bytes > 0 && section !== ".text" && section !== ".rodata")
      throw fail(`${bytes} bytes of ${section}`);
  for (const { type, offset, symbol, target } of elf.relocations) {
    if (!target.allocated) continue;
    const at = `at 0x${offset.toString(16)} of ${target.name} against ${symbol.name || "a section"}`;
    const name = machine.relocations[type];
    if (name === undefined) throw fail(`a relocation of type ${type} ${at}`);
    if (!MARKERS.includes(name) && (symbol.section === SHN_ABS || symbol.section === SHN_UNDEF))
      throw fail(`a relocation ${at}, which has no place in the image`);
  }
}

function assemble(
  source: ImageSource,
  elf: Elf,
  target: number,
  stackBytes: number,
): Pick<LinkedImage, "payload" | "sizes"> {
  const align = (n: number) => Math.ceil(n / 16) * 16;
  const loaded = elf.sections.filter(({ allocated, bytes }) => allocated && bytes > 0);
  const linkedEnd = Math.max(...loaded.map(({ address, bytes }) => address + bytes));
  const { steps, inputs, outputs, selfTest } = source;
  const pairs = (regions: readonly Region[]) => regions.flatMap(({ offset, bytes }) => [offset, bytes]);
  const tables = [pairs(steps), pairs(inputs), pairs(outputs), selfTest.flatMap(({ seed, crc }) => [seed, crc])];
  const offsets: number[] = [];
  let end = align(linkedEnd);
  for (const table of tables) {
    offsets.push(end);
    end += table.length * 4;
  }
  const payload = new Uint8Array(align(end));
  for (const { address, contents } of loaded) payload.set(contents, address);
  const view = new DataView(payload.buffer);
  for (const [i, table] of tables.entries())
    for (const [k, word] of table.entries()) view.setUint32(offsets[i]! + k * 4, word >>> 0, true);
  const address = (entry: (typeof ENTRY_NAMES)[number]): number => {
    const symbol = elf.symbols.find(({ name }) => name === `${source.name}_${entry}`);
    if (!symbol) throw new PithError("internal", `image ${source.name}: no symbol for ${entry}, expected one`);
    return symbol.value;
  };
  payload.set(
    encodeDescriptor({
      magic: DESCRIPTOR_MAGIC,
      abi: ABI_VERSION,
      descriptorBytes: DESCRIPTOR_BYTES,
      imageBytes: payload.length,
      target,
      kernelVersion: source.kernelVersion,
      ramBytes: source.ramBytes,
      ramAlignment: 16,
      stackBytes,
      initOffset: address("init"),
      inferOffset: address("infer"),
      stepOffset: address("step"),
      monitorsResetOffset: address("monitors_reset"),
      stepCount: steps.length,
      stepsOffset: offsets[0]!,
      inputCount: inputs.length,
      inputsOffset: offsets[1]!,
      outputCount: outputs.length,
      outputsOffset: offsets[2]!,
      stateOffset: source.state.offset,
      stateBytes: source.state.bytes,
      monitorsOffset: source.monitors.offset,
      monitorsBytes: source.monitors.bytes,
      selfTestCount: selfTest.length,
      selfTestOffset: offsets[3]!,
      manifestHash: source.manifestHash,
      reserved0: 0,
      reserved1: 0,
    }),
  );
  const size = (name: string) => loaded.find((section) => section.name === name)?.bytes ?? 0;
  const code = size(".text");
  const constants = size(".rodata");
  return { payload, sizes: { code, constants, descriptorAndTables: payload.length - code - constants } };
}

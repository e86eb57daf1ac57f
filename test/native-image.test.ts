import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { DESCRIPTOR_BYTES, decodeDescriptor, selfTestInput, TARGETS } from "../sdk/compile/abi.ts";
import { emulatorMissing, measureInstructions } from "../targets/native/emulator.ts";
import { type ImageSource, linkImage } from "../targets/native/image.ts";
import { machineOf } from "../targets/native/machine.ts";
import { findToolchain, type NativeTarget, runTool } from "../targets/native/toolchain.ts";
import { compileAs, modelSource } from "./aot/asc.ts";
import { emitModel, instantiate, type TestPlan } from "./aot/models.ts";

const missing = await emulatorMissing("cortex-m4");
if (missing && process.env.PITH_REQUIRE_ALL) throw new Error(missing.missing);
/** Compilers on a busy machine. */
const SLOW_MS = 240_000;

/** Why images cannot be linked for this machine, or undefined where they can. */
async function hostMissing(): Promise<string | undefined> {
  const toolchain = await findToolchain("host");
  if ("missing" in toolchain) return toolchain.missing;
  try {
    machineOf(toolchain);
    return undefined;
  } catch (error) {
    return String(error);
  }
}
const hostReason = await hostMissing();

const plan: TestPlan = {
  arenaBytes: 4096,
  stateBytes: 64,
  weights: selfTestInput(7, 1024),
  inputs: [{ offset: 0, bytes: 1024 }],
  outputs: [{ offset: 2048, bytes: 128 }],
  steps: [
    { offset: 2048, bytes: 128 },
    { offset: 2176, bytes: 8 },
  ],
};

const ISA = `
@external("isa", "smlad") declare function smlad(a: i32, b: i32, c: i32): i32;
@external("isa", "sxtb16") declare function sxtb16(a: i32): i32;
@external("isa", "sxtb16_ror8") declare function sxtb16_ror8(a: i32): i32;
@external("isa", "pkhbt") declare function pkhbt(a: i32, b: i32): i32;
@external("isa", "pkhtb") declare function pkhtb(a: i32, b: i32): i32;
@external("isa", "ssat8") declare function ssat8(a: i32): i32;
function dots(x: usize, w: usize, out: usize): void {
  for (let c = 0; c < 32; c++) {
    let acc = 0;
    for (let i = 0; i < 32; i += 4) {
      const a = load<i32>(x + i), b = load<i32>(w + c * 32 + i);
      acc = smlad(sxtb16(a), sxtb16(b), acc);
      acc = smlad(sxtb16_ror8(a), sxtb16_ror8(b), acc);
    }
    const y = ((acc as i64) * 1518500250 + (1 << 30)) >> 36;
    store<i32>(out + c * 4, pkhtb(pkhbt(ssat8(y as i32), acc), acc) + i32(nearest(f32(acc) * 0.1)) + acc / (1 + c));
  }
}
`;
const source = modelSource({
  declarations: ISA,
  infer: "dots(ARENA, WEIGHTS, ARENA + 2048); store<i64>(ARENA + 2176, load<i64>(ARENA + 2048) / 1000003)",
  steps: ["dots(ARENA, WEIGHTS, ARENA + 2048)", "store<i64>(ARENA + 2176, load<i64>(ARENA + 2048) / 1000003)"],
});

function imageSource(wasm: Uint8Array, target: NativeTarget): ImageSource {
  return {
    ...emitModel(wasm, plan, target),
    target,
    state: { offset: plan.arenaBytes, bytes: plan.stateBytes },
    monitors: { offset: plan.arenaBytes, bytes: 4 },
    selfTest: [{ seed: 1, crc: 0x1234 }],
    manifestHash: 0xdeadbeef,
    kernelVersion: 1,
  };
}

describe("device images", () => {
  test.skipIf(missing)(
    "cortex-m4: an image in an emulator gives V8's bytes, within its stack bound",
    async () => {
      const wasm = await compileAs(source);
      const image = await linkImage(imageSource(wasm, "cortex-m4"));
      const descriptor = decodeDescriptor(image.payload);
      expect(descriptor).toMatchObject({
        target: TARGETS["cortex-m4"],
        imageBytes: image.payload.length,
        descriptorBytes: DESCRIPTOR_BYTES,
        stepCount: 2,
        ramBytes: 4160,
        selfTestCount: 1,
        manifestHash: 0xdeadbeef,
      });
      expect(descriptor.inferOffset & 1).toBe(1);
      const vectors = [1, 2, 3].map((seed) => selfTestInput(seed, 1024));
      const measured = (await measureInstructions("cortex-m4", image.payload, vectors))!;
      const reference = await instantiate(wasm, plan);
      reference.init();
      expect(measured.outputs).toEqual(vectors.map((v) => reference.infer([v])[0]));
      reference.init();
      reference.write(0, vectors[0]!);
      expect(measured.stepOutputs).toEqual([reference.step(0), reference.step(1)]);
      expect(measured.stackBytes).toBeLessThanOrEqual(image.stackBytes);
      expect(measured.infer).toBeGreaterThan(2000);
    },
    SLOW_MS,
  );

  test.skipIf(hostReason)(
    "host: one payload gives the same bytes at two addresses",
    async () => {
      const wasm = await compileAs(source);
      const { payload, stackBytes } = await linkImage(imageSource(wasm, "host"));
      expect(stackBytes).toBeGreaterThan(128);
      const directory = await mkdtemp(join(tmpdir(), "pith-image-"));
      try {
        await writeFile(join(directory, "load.c"), LOADER_C);
        await runTool("cc", ["-O1", "load.c", "-o", "load"], directory);
        await writeFile(join(directory, "payload.bin"), payload);
        const input = selfTestInput(5, 1024);
        await writeFile(join(directory, "input.bin"), input);
        const reference = await instantiate(wasm, plan);
        reference.init();
        const expected = Buffer.from(reference.infer([input])[0]!).toString("hex");
        for (const displacement of ["16", "4112", "65552"])
          expect(await runTool("./load", ["payload.bin", "input.bin", displacement], directory)).toBe(expected);
      } finally {
        await rm(directory, { recursive: true });
      }
    },
    SLOW_MS,
  );

  test("a C file with static data, or an absolute address, is refused with its place", async () => {
    const toolchain = await findToolchain("host");
    if ("missing" in toolchain || hostReason) return;
    const wasm = await compileAs(source);
    const good = imageSource(wasm, "host");
    const withText = (text: string) => ({ ...good, c: `${good.c}\n${text}\n` });
    const counter =
      "extern int32_t m_extra; int32_t m_extra = 3;\nint32_t m_monitors_reset2(void);\nint32_t m_monitors_reset2(void) { return m_extra++; }";
    const pointer = "int32_t m_x(void *r) ; static const void *const volatile p[1] = { (const void *)weights };\n";
    for (const [text, received] of [
      [`${counter}\n`, "bytes of .data"],
      [pointer, "bytes of .d|relocation"],
    ] as const) {
      const use = text === pointer ? "int32_t m_x(void *r) { return p[0] == r; }" : "";
      const c = withText(text + use).c.replace(/return \(int32_t\)fn\d+_infer/, (found) =>
        text === pointer ? `if (m_x(ram)) return -3; ${found}` : `if (m_monitors_reset2() == 9) return -3; ${found}`,
      );
      const early = text === pointer ? "int32_t m_x(void *r);" : "int32_t m_monitors_reset2(void);";
      await expect(linkImage({ ...good, c: c.replace("struct place {", `${early}\nstruct place {`) })).rejects.toThrow(
        new RegExp(received),
      );
    }
  });
});

/** Maps the payload at a displacement from a page, beside its ram, and prints the outputs of one inference. */
const LOADER_C = `#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
int main(int argc, char **argv)
{
    uint8_t *area = mmap(0, 1 << 20, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    uint8_t *image = area + atoi(argv[3]);
    uint8_t *ram = area + (1 << 19);
    FILE *f = fopen(argv[1], "rb");
    fread(image, 1, 1 << 18, f);
    fclose(f);
    const uint32_t *d = (const uint32_t *)image;
    int32_t (*init)(void *) = (int32_t (*)(void *))(image + d[9]);
    int32_t (*infer)(void *) = (int32_t (*)(void *))(image + d[10]);
    const uint32_t *in = (const uint32_t *)(image + d[16]);
    const uint32_t *out = (const uint32_t *)(image + d[18]);
    if (argc != 4 || init(ram) != 0) return 1;
    f = fopen(argv[2], "rb");
    fread(ram + in[0], 1, in[1], f);
    if (infer(ram) != 0) return 2;
    for (uint32_t i = 0; i < out[1]; i++) printf("%02x", ram[out[0] + i]);
    return 0;
}
`;

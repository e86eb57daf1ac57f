/** Every native target: the image's bytes are the portable module's, sizes and stack are known, counts repeat. */
import { describe, expect, test } from "vitest";
import { decodeDescriptor, selfTestInput, TARGETS } from "../sdk/compile/abi.ts";
import { compileModel } from "../sdk/compile/compile.ts";
import { C_TARGET_NAMES } from "../sdk/compile/emit-c/prelude.ts";
import { targetNamed } from "../targets/index.ts";
import { emulatorMissing, measureInstructions } from "../targets/native/emulator.ts";
import { EMULATORS, MICROBIT } from "../targets/native/emulators.ts";
import { runnerMissing } from "../targets/native/host-model.ts";
import { machineNamed } from "../targets/native/machine.ts";
import { smallCnn } from "./support/small-cnn.ts";

/** Compilers and emulators on a busy machine. */
const SLOW_MS = 240_000;
const NAMES = C_TARGET_NAMES;

const lacks = new Map(
  await Promise.all(
    NAMES.map(async (name) => {
      const missing = await (name === "host" || name === "linux-arm64" ? runnerMissing(name) : emulatorMissing(name));
      return [name, missing?.missing] as const;
    }),
  ),
);
for (const [name, reason] of lacks)
  if (reason !== undefined && process.env["PITH_REQUIRE_ALL"])
    throw new Error(`PITH_REQUIRE_ALL is set, but ${name} cannot run here: ${reason}`);

describe.each(NAMES)("%s", (name) => {
  test.skipIf(lacks.get(name))(
    "a small network: same bytes, sizes, stack and instructions",
    async () => {
      const { report, native } = await compileModel(smallCnn(), { target: targetNamed(name) });
      expect(report.notes).toEqual([]);
      expect(report.sameBytes).toEqual({ vectors: 2, equal: 2 });
      expect(report.flash.code).toBeGreaterThan(500);
      expect(report.ram.stack).toBeGreaterThan(0);
      const descriptor = decodeDescriptor(native!.payload!);
      expect(descriptor.target).toBe(TARGETS[machineNamed(name).id]);
      if (!EMULATORS[name]) return;
      // The budget of initialization: 1 000 instructions and one a word of state.
      expect(report.init.instructions).toBeLessThanOrEqual(1000 + report.ram.state / 4);
      expect(report.instructions).toBeGreaterThan(10_000);
      const steps = report.layers.reduce((sum, layer) => sum + layer.instructions!, 0);
      expect(Math.abs(report.instructions! - steps)).toBeLessThan(40 * report.layers.length);
      const vectors = [1, 2, 3].map((seed) => selfTestInput(seed, 9 * 7 * 3));
      const [first, again] = [
        (await measureInstructions(name, native!.payload!, vectors))!,
        (await measureInstructions(name, native!.payload!, vectors))!,
      ];
      expect(again).toEqual(first);
      expect(first.stackBytes).toBeGreaterThan(0);
      expect(first.stackBytes).toBeLessThanOrEqual(descriptor.stackBytes);
      if (name !== "cortex-m0plus") return;
      // A real ARMv6-M: no newer instruction, no unaligned access, the same count.
      const real = (await measureInstructions(name, native!.payload!, vectors, { emulator: MICROBIT }))!;
      expect(real.outputs).toEqual(first.outputs);
      expect(Math.abs(real.infer - first.infer)).toBeLessThanOrEqual(2);
    },
    SLOW_MS,
  );
});

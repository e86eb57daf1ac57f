import { describe, expect, test } from "vitest";
import { checkBody } from "../sdk/compile/wasm/check.ts";
import { readModule } from "../sdk/compile/wasm/module.ts";
import { emulatorMissing, measureInstructions } from "../targets/native/emulator.ts";
import { runHost } from "../targets/native/host-model.ts";
import { linkImage } from "../targets/native/image.ts";
import { assembleModel } from "./aot/assemble.ts";
import { emitModel, instantiate, type TestPlan } from "./aot/models.ts";
import { Random } from "./aot/random.ts";
import { BLOCK_TYPES, ProgramGenerator } from "./aot/random-program.ts";

const missing = await emulatorMissing("cortex-m4");
if (missing && process.env.PITH_REQUIRE_ALL) throw new Error(missing.missing);

/** Compilers on a busy machine. */
const SLOW_MS = 240_000;
const ARENA_BYTES = 1024;
const CALLEES = 4;
const planFor = (steps: number): TestPlan => ({
  arenaBytes: ARENA_BYTES,
  stateBytes: 16,
  weights: new Uint8Array(16),
  inputs: [{ offset: 0, bytes: ARENA_BYTES }],
  outputs: [{ offset: 0, bytes: ARENA_BYTES }],
  steps: Array.from({ length: steps }, () => ({ offset: 0, bytes: ARENA_BYTES })),
});

/** `steps` random functions over CALLEES others, which come first. */
function randomModel(seed: number, steps: number): Uint8Array {
  const random = new Random(seed);
  const callee = new ProgramGenerator(random, 0);
  const step = new ProgramGenerator(random, CALLEES);
  const callees = Array.from({ length: CALLEES }, () => callee.callee());
  const bodies = Array.from({ length: steps }, () => step.step());
  return assembleModel(bodies, { blockTypes: BLOCK_TYPES }, callees);
}

function arena(random: Random): Uint8Array {
  const words = Uint32Array.from({ length: ARENA_BYTES / 4 }, () => (random.below(3) ? random.u32() : random.below(4)));
  return new Uint8Array(words.buffer);
}

describe("random programs give V8's bytes as C", () => {
  // PITH_FUZZ multiplies the number of modules.
  const modules = Number(process.env.PITH_FUZZ ?? 1) * 3;
  const seeds = Array.from({ length: modules }, (_, i) => 100 + i);

  test.each(seeds)(
    "module %i of 60 functions on the host, 8 memories each",
    async (seed) => {
      const wasm = randomModel(seed, 60);
      expect(WebAssembly.validate(Uint8Array.from(wasm))).toBe(true);
      const module = readModule(wasm);
      for (const fn of module.functions) if (!fn.imported) checkBody(module, fn);
      const plan = planFor(60);
      const host = await runHost(emitModel(wasm, plan, "host"), { flags: ["-Werror", "-Wno-maybe-uninitialized"] });
      try {
        const reference = await instantiate(wasm, plan);
        const random = new Random(seed);
        for (let vector = 0; vector < 8; vector++) {
          const input = arena(random);
          reference.write(0, input);
          await host.write(0, input);
          for (let i = 0; i < 60; i++)
            expect(Buffer.from(await host.step(i)).toString("hex"), `step ${i}`).toBe(
              Buffer.from(reference.step(i)).toString("hex"),
            );
        }
      } finally {
        await host.close();
      }
    },
    SLOW_MS,
  );

  test.skipIf(missing)(
    "a module of 30 functions on an emulated cortex-m4",
    async () => {
      const wasm = randomModel(999, 30);
      const plan = planFor(30);
      const image = await linkImage({
        ...emitModel(wasm, plan, "cortex-m4"),
        target: "cortex-m4",
        state: { offset: ARENA_BYTES, bytes: 16 },
        monitors: { offset: ARENA_BYTES, bytes: 0 },
        selfTest: [],
        manifestHash: 0,
        kernelVersion: 1,
      });
      const inputs = [1, 2, 3].map((seed) => arena(new Random(seed)));
      const measured = await measureInstructions("cortex-m4", image.payload, inputs);
      const reference = await instantiate(wasm, plan);
      expect(measured?.outputs).toEqual(inputs.map((input) => reference.infer([input])[0]));
      expect(measured?.stackBytes).toBeLessThanOrEqual(image.stackBytes);
    },
    SLOW_MS,
  );
});

import { describe, expect, test } from "vitest";
import { decodeDescriptor, DESCRIPTOR_BYTES, selfTestInput, TARGETS } from "../sdk/compile/abi.ts";
import { emulatorMissing, measureInstructions } from "../targets/native/emulator.ts";
import { type ImageSource, linkImage } from "../targets/native/image.ts";
import type { NativeTarget } from "../targets/native/toolchain.ts";
import { compileAs, modelSource } from "./aot/asc.ts";
import { emitModel, instantiate, type TestPlan } from "./aot/models.ts";

const missing = await emulatorMissing();
if (missing && process.env.PITH_REQUIRE_ALL) throw new Error(missing.missing);

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
  test.skipIf(missing)("cortex-m4: an image in an emulator gives V8's bytes, within its stack bound", async () => {
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
    const measured = (await measureInstructions(image.payload, vectors))!;
    const reference = await instantiate(wasm, plan);
    reference.init();
    expect(measured.outputs).toEqual(vectors.map((v) => reference.infer([v])[0]));
    reference.init();
    reference.write(0, vectors[0]!);
    expect(measured.stepOutputs).toEqual([reference.step(0), reference.step(1)]);
    expect(measured.stackBytes).toBeLessThanOrEqual(image.stackBytes);
    expect(measured.infer).toBeGreaterThan(2000);
    console.log(image.sizes, image.stackBytes, { ...measured, outputs: 0, stepOutputs: 0 });
  });
});

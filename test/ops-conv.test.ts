/** Convolutions, pooling, batch norm in f32: the same bits in parts, in place and in C++ (int8: test/goldens-ops.test.ts). */
import { describe, expect, test } from "vitest";
import type { Attrs, Family, TypedArray } from "../kernels/op.ts";
import { assemble } from "../sdk/compile/assemble.ts";
import { definitionOf } from "../sdk/graph/registry.ts";
import { drawInputs, inputTypes, type Kernels, lowerSample, type Module, runCpu, runWasm } from "./elem-harness.ts";

const F32 = [
  "averagePool2d",
  "averagePool2dGrad",
  "batchMatmul",
  "batchNorm",
  "batchNormTrain",
  "batchNormTrainGrad",
  "conv2d",
  "conv2dInputGrad",
  "conv2dWeightGrad",
  "depthwiseConv2d",
  "depthwiseConv2dInputGrad",
  "depthwiseConv2dWeightGrad",
  "transposeConv",
];
const PAGES_BYTES = 1 << 20;

/** The kernels of some sources (`conv2d/conv2d`) in one family's module, which must import nothing. */
async function compileFamily(sources: readonly string[], family: Family): Promise<Module> {
  const entry = sources.map((source) => `export * from "./${source}.as";`).join("\n");
  const wasm = await assemble(entry, { family, flavour: "portable", memoryBytes: PAGES_BYTES });
  const module = new WebAssembly.Module(wasm as BufferSource);
  expect(WebAssembly.Module.imports(module)).toEqual([]);
  const { memory, ...kernels } = new WebAssembly.Instance(module).exports;
  return { kernels: kernels as Kernels, memory: memory as Module["memory"] };
}

describe("f32 kernels", async () => {
  const module = await compileFamily(
    F32.map((name) => `${name}/${name}`),
    "scalar",
  );
  const cases = F32.map(definitionOf).flatMap((definition) =>
    definition.samples.map((sample, i) => {
      const types = inputTypes(sample);
      const attrs: Attrs = { ...definition.attrs, ...(sample.attrs as Attrs | undefined) };
      const outputs = definition.infer(types, attrs);
      return {
        name: `${definition.name} ${JSON.stringify(sample.inputs)}`,
        inputs: drawInputs(sample, i + 1),
        outputs,
        lowered: lowerSample(definition, types, outputs, attrs),
      };
    }),
  );
  /** Signs of zero differ where one form skips a term that the other adds. */
  const bits = (data: TypedArray): number[] =>
    [...new Uint32Array(data.buffer, data.byteOffset, data.length)].map((b) => (b === 0x80000000 ? 0 : b));

  test.each(cases.map((c) => [c.name, c] as const))("%s gives the same bits in parts and in place", (_name, c) => {
    const whole = runWasm(module, c).map(bits);
    expect(runWasm(module, c, 3).map(bits)).toEqual(whole);
    expect(runWasm(module, c, 2, true).map(bits)).toEqual(whole);
  });

  test("C++ gives the bits of wasm", () => {
    const cpu = runCpu(F32, cases);
    cases.forEach((c, i) => {
      expect(
        cpu[i]!.map((y) => [...y].map((b) => (b === 0x80000000 ? 0 : b))),
        c.name,
      ).toEqual(runWasm(module, c).map(bits));
    });
  });
});

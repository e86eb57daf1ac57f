/** Convolutions, pooling, batch norm: int8 against TensorFlow Lite Micro's bytes, f32 in parts and in C++. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { type Attrs, elements, FAMILIES, type Family, type TypedArray } from "../kernels/op.ts";
import { assemble } from "../sdk/compile/assemble.ts";
import { definitionOf } from "../sdk/graph/registry.ts";
import {
  drawInputs,
  inputTypes,
  type Kernels,
  lowerSample,
  type Module,
  readNpy,
  runCpu,
  runWasm,
} from "./elem-harness.ts";
import { readOperator } from "./support/tflite-operator.ts";

const folder = fileURLToPath(new URL("./goldens-ops/", import.meta.url));
/** Operators by their TensorFlow Lite name. */
const INT8: Readonly<Record<string, string>> = {
  AVERAGE_POOL_2D: "averagePool2d",
  CONV_2D: "conv2d",
  DEPTHWISE_CONV_2D: "depthwiseConv2d",
  FULLY_CONNECTED: "dense",
};
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

const modules = new Map<string, Promise<Module>>();
/** The module of one kernel source, compiled once a family. */
function moduleOf(source: string, family: Family): Promise<Module> {
  const key = `${family} ${source}`;
  const module = modules.get(key) ?? compileFamily([source], family);
  modules.set(key, module);
  return module;
}

interface Golden {
  readonly name: string;
  readonly N: number;
  readonly kind: { readonly op: string; readonly dtype: string; readonly case: string };
}
/** Cases whose kernels lie in other files: test/goldens-ops.test.ts holds them. */
const SKIPPED: ReadonlySet<string> = new Set([
  "average_pool_2d_i8_act_rn1",
  "conv_2d_i8_grouped2",
  "depthwise_conv_2d_i8_act_rn1",
  "fully_connected_i8_k33_o17",
  "fully_connected_i8_runtime_weights",
]);
const goldens = (JSON.parse(readFileSync(`${folder}index.json`, "utf8")) as readonly Golden[]).filter(
  ({ name, kind }) => kind.op in INT8 && kind.dtype === "i8" && !SKIPPED.has(name),
);

describe("int8 kernels give TensorFlow Lite Micro's bytes in every family", () => {
  test.each(goldens.map((g) => [g.name, g] as const))("%s", async (name, golden) => {
    const definition = definitionOf(INT8[golden.kind.op]!);
    const { types, constants, output, attrs: given } = readOperator(`${folder}${name}/${name}.tflite`, golden.kind.op);
    const attrs: Attrs = { ...definition.attrs, ...given };
    if (definition.name !== "dense") expect(definition.infer(types, attrs)[0]!.shape).toEqual(output.shape);
    const [x, want] = [readNpy(`${folder}${name}/in0.npy`).data, readNpy(`${folder}${name}/out0.npy`).data];
    const [inSize, outSize] = [elements(types[0]!.shape), elements(output.shape)];
    for (const family of FAMILIES) {
      const lowered = definition.lower({
        inputs: types,
        outputs: [output],
        attrs,
        family,
        isConstant: (i) => constants[i] !== undefined,
        constant: (i) => constants[i]!,
      });
      const module = await moduleOf(`${definition.name}/${lowered.file ?? definition.name}`, family);
      for (let n = 0; n < golden.N; n++) {
        const inputs = [x.slice(n * inSize, (n + 1) * inSize)];
        const [got] = runWasm(module, { name, lowered, inputs, outputs: [output] });
        expect(Array.from(got as Int8Array), `${family}, record ${n}`).toEqual(
          Array.from(want.slice(n * outSize, (n + 1) * outSize) as Int8Array),
        );
      }
    }
  });
});

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

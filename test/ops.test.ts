/** One suite, every runtime: the samples of every operator in the registry. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { Tensor, type TypedArray } from "../kernels/op.ts";
import { kernelFolder } from "../sdk/compile/assemble.ts";
import { planGraph } from "../sdk/compile/plan.ts";
import { compilePortable } from "../sdk/compile/portable.ts";
import { createGraph } from "../sdk/graph/graph.ts";
import { interpret } from "../sdk/graph/interpret.ts";
import { constant, inputLeaf } from "../sdk/graph/leaves.ts";
import { definitions } from "../sdk/graph/registry.ts";
import { quantizeModel } from "../sdk/quantize/quantize.ts";
import { loadModule } from "../sdk/runtime/module.ts";
import { casesOf, feedsOf, graphOf, random } from "./op-samples.ts";

const numbers = (data: TypedArray): Float64Array => Float64Array.from(data as Float32Array);
const infer = async (wasm: Uint8Array, feeds: Record<string, TypedArray>): Promise<Record<string, TypedArray>> =>
  (await loadModule(wasm)).infer(feeds);

const definesOperator = (folder: string): boolean => {
  const file = `${kernelFolder}/${folder}/${folder}.ts`;
  return existsSync(file) && /define(Multi)?Op/.test(readFileSync(file, "utf8"));
};

describe("registry", () => {
  test("every definition has the kernels it names, and every kernel file a definition", () => {
    for (const [name, definition] of definitions) {
      const { kernels } = definition;
      const views =
        planGraph(graphOf(definition, casesOf(definition).slice(0, 1), new Set()), { family: "scalar" }).plan.steps
          .length === 0;
      if (views) continue;
      const has = (extension: string): boolean => existsSync(`${kernelFolder}/${name}/${name}${extension}`);
      expect(has(".as.ts"), `${name}.as.ts`).toBe(kernels.wasm.length > 0);
      expect(has(".cc"), `${name}.cc`).toBe(kernels.cpu.length > 0);
    }
    for (const folder of readdirSync(kernelFolder, { withFileTypes: true }))
      if (folder.isDirectory() && definesOperator(folder.name))
        expect(definitions.has(folder.name), folder.name).toBe(true);
  });

  test("kernels read no region and keep no static data", () => {
    for (const folder of readdirSync(kernelFolder, { withFileTypes: true }).filter((f) => f.isDirectory()))
      for (const file of readdirSync(`${kernelFolder}/${folder.name}`).filter((f) => f.endsWith(".as.ts"))) {
        const source = readFileSync(`${kernelFolder}/${folder.name}/${file}`, "utf8").replace(
          /\/\*[\s\S]*?\*\/|\/\/.*/g,
          "",
        );
        expect(source, file).not.toMatch(/\b(ARENA|STATE|WEIGHTS|Mathf?|StaticArray|memory\.data)\b/);
      }
  });
});

describe("wasm f32 against the f64 reference", () => {
  for (const definition of definitions.values()) {
    const cases = casesOf(definition).filter((c) => c.inputs.every((i) => i.dtype !== "i8"));
    if (!definition.kernels.wasm.includes("f32") || cases.length === 0) continue;
    test(definition.name, async () => {
      const graph = graphOf(definition, cases);
      const feeds = feedsOf(cases);
      const expected = interpret(graph, feeds as Record<string, Float32Array>).outputs;
      const { wasm } = await compilePortable(graph, { name: "ops" }, "scalar");
      const out = await infer(wasm, feeds);
      for (const { name, tensor } of graph.outputs) {
        const [got, want] = [numbers(out[name]!), expected[name]!.data];
        // gamma_n * sum|terms|: n roundings of at most 2^-24 on terms no larger than the largest operands' products.
        const peak = Math.max(
          1,
          ...tensor.node.inputs.map((t) =>
            Math.max(0, ...numbers(feeds[t.node.name] ?? new Float32Array(0)).map(Math.abs)),
          ),
        );
        const terms = Math.max(
          1,
          (definition.macs?.(
            tensor.node.inputs.map((t) => t.type),
            tensor.node.types,
            tensor.node.attrs,
          ) ?? 0) / Math.max(1, got.length),
          ...tensor.node.inputs.map((t) => t.shape.reduce((n, d) => n * d, 1) / Math.max(1, got.length)),
        );
        const bound = (terms + 16) * 2 ** -24 * peak * peak * Math.max(4, terms);
        want.forEach((w, i) =>
          expect(Math.abs(got[i]! - w), `${name}[${i}] is ${got[i]}, expected ${w}`).toBeLessThanOrEqual(
            Math.max(bound, Math.abs(w) * 2 ** -18),
          ),
        );
      }
    });
  }
});

describe("int8 kernels: families agree bit for bit and stay near the real value", () => {
  for (const definition of definitions.values()) {
    if (!definition.kernels.wasm.includes("i8") || "unsupported" in definition.quantize) continue;
    const { weights } = definition.quantize;
    const cases = casesOf(definition).filter((c) => c.inputs.every((i) => i.dtype === "f32"));
    test(definition.name, async () => {
      const baked = new Set(weights ? [weights.input, ...(weights.bias === undefined ? [] : [weights.bias])] : []);
      const graph = graphOf(definition, cases, baked);
      const feeds = feedsOf(cases.map((c) => ({ ...c, inputs: c.inputs.filter((_, i) => !baked.has(i)) })));
      const int8 = await quantizeModel({ name: "ops", graph }, { calibrate: [feeds] });
      const expected = interpret(graph, feeds as Record<string, Float32Array>).outputs;
      const outs = [];
      for (const family of ["scalar", "pair", "pairdot"] as const) {
        const { wasm } = await compilePortable(int8.graph, { name: "ops" }, family);
        outs.push((await loadModule(wasm)).predict(feeds));
      }
      expect(outs[1]).toEqual(outs[0]);
      expect(outs[2]).toEqual(outs[0]);
      for (const { name, tensor } of int8.graph.outputs) {
        const quant = tensor.type.quant!;
        const depth = Math.max(
          1,
          (definition.macs?.(
            tensor.node.inputs.map((t) => t.type),
            tensor.node.types,
            tensor.node.attrs,
          ) ?? 1) / Math.max(1, expected[name]!.data.length),
        );
        // Half a code of each operand, summed as independent errors over the terms, and the output's own rounding.
        const slack =
          2 * quant.scale[0]! +
          4 *
            Math.sqrt(depth) *
            Math.max(...tensor.node.inputs.map((t) => Math.max(0, ...(t.type.quant?.scale ?? [0])))) *
            3;
        numbers(outs[0]![name]!).forEach((q, i) =>
          expect(
            Math.abs(quant.scale[0]! * (q - quant.zeroPoint[0]!) - expected[name]!.data[i]!),
            `${name}[${i}]`,
          ).toBeLessThanOrEqual(slack),
        );
      }
    });
  }
});

describe("integer-only operators against their reference", () => {
  for (const definition of definitions.values()) {
    const cases = casesOf(definition).filter((c) => c.inputs.some((i) => i.dtype === "i8"));
    if (cases.length === 0 || !("unsupported" in definition.quantize)) continue;
    test(definition.name, async () => {
      const graph = graphOf(definition, cases);
      const feeds = feedsOf(cases);
      const expected = interpret(graph, feeds as Record<string, Int8Array>).outputs;
      const { wasm } = await compilePortable(graph, { name: "ops" }, "scalar");
      const out = await infer(wasm, feeds);
      for (const { name } of graph.outputs) expect(numbers(out[name]!), name).toEqual(expected[name]!.data);
    });
  }
});

describe("gradients against central differences in f64", () => {
  for (const definition of definitions.values()) {
    if (!definition.gradient) continue;
    test(definition.name, () => {
      for (const c of casesOf(definition)) {
        if (c.inputs.some((i) => i.dtype === "i8")) continue;
        const inputs = c.inputs.map((i) => inputLeaf(i.name, { dtype: i.dtype, shape: i.shape }));
        const single = graphOf(definition, [c]);
        const node = single.outputs[0]!.tensor.node;
        const rebuilt = new Map(single.inputs.map((i) => [i.name, i.tensor]));
        const outputs = node.types.map((_, i) => new Tensor(node, i));
        const next = random(99);
        const seeds = outputs.map((o, i) =>
          i === 0 ? Float32Array.from({ length: o.shape.reduce((n, d) => n * d, 1) }, () => next() - 0.5) : undefined,
        );
        const outGrads = outputs.map((o, i) => (seeds[i] ? constant(seeds[i], o.shape) : undefined));
        const grads = definition.gradient!({
          inputs: c.inputs.map((i) => rebuilt.get(i.name)!),
          outputs,
          outGrads,
          attrs: c.attrs,
        });
        const feeds: Record<string, Float64Array> = Object.fromEntries(
          c.inputs.map((i) => [i.name, numbers(i.values)]),
        );
        const loss = (at: Record<string, Float64Array>): number =>
          interpret(single, at).outputs["out0_0"]!.data.reduce((sum, v, i) => sum + v * seeds[0]![i]!, 0);
        grads.forEach((grad, g) => {
          if (!grad || c.inputs[g]!.dtype !== "f32") return;
          const got = interpret(createGraph({ inputs: [], outputs: [{ name: "g", tensor: grad }] }), feeds).outputs[
            "g"
          ]!.data;
          const name = c.inputs[g]!.name;
          expect(grad.shape, `${c.id} gradient ${g}`).toEqual(inputs[g]!.shape);
          for (let i = 0; i < got.length; i += Math.max(1, Math.floor(got.length / 12))) {
            const h = 1e-5;
            const shifted = (by: number): Record<string, Float64Array> => ({
              ...feeds,
              [name]: feeds[name]!.map((v, j) => (j === i ? v + by : v)),
            });
            const numeric = (loss(shifted(h)) - loss(shifted(-h))) / (2 * h);
            // h^2 truncation and 1e-16/h cancellation, with room for curvature.
            expect(
              Math.abs(got[i]! - numeric),
              `${c.id} input ${g}[${i}]: ${got[i]} against ${numeric}`,
            ).toBeLessThanOrEqual(1e-6 * Math.max(1, Math.abs(numeric)) * 10);
          }
        });
      }
    });
  }
});

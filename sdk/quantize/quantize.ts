/**
 * Post-training quantization to int8: activations asymmetric per tensor, weights symmetric per output channel, i32
 * biases with scale `sx * sw[c]`. `standardize` on an input is absorbed: its int8 codes are the standardized values,
 * so the input's scale and zero point are per channel and normalization costs nothing on the device.
 */

import { roundHalfAway } from "../../kernels/numerics/requantize.ts";
import { elements, Node, type Quant, Tensor, type TensorType } from "../../kernels/op.ts";
import { runPasses } from "../compile/passes/pipeline.ts";
import { PithError } from "../error.ts";
import { createGraph, type Graph } from "../graph/graph.ts";
import { constant } from "../graph/leaves.ts";
import { definitionOf } from "../graph/registry.ts";
import { rewriteGraph } from "../graph/rewrite.ts";
import { verifyGraph } from "../graph/verify.ts";
import type { Model } from "../model.ts";
import { type CalibrationMethod, calibrate, type Range, type Samples } from "./calibrate.ts";
import { activationQuant, quantizeWeights } from "./scales.ts";

export interface QuantizeOptions {
  /** Representative inputs, f32 by input name, batch dimension left out or 1. */
  readonly calibrate: Samples;
  readonly method?: CalibrationMethod;
}

/** The int8 form of a trained f32 model. Throws "unsupported" naming the first operator without an int8 form. */
export async function quantizeModel(model: Model, options: QuantizeOptions): Promise<Model> {
  const graph = nameNodes(runPasses(model.graph));
  if (graph.nodes.some((n) => n.op !== "const" && n.types.some((t) => t.dtype === "i8")))
    throw new PithError("graph", `quantize: "${model.name}" holds int8 tensors already, expected a float model`);
  const ranges = await calibrate(graph, options.calibrate, options.method);
  return { ...model, graph: quantizeGraph(graph, ranges) };
}

/** Every computed node gets a unique name, which ranges, plans and reports refer to. */
function nameNodes(graph: Graph): Graph {
  const taken = new Set<string>();
  return rewriteGraph(graph, (node, inputs) => {
    if (node.op === "input" || node.op === "const") return undefined;
    const base = node.name || node.op;
    let name = base;
    for (let i = 2; taken.has(name); i++) name = `${base}_${i}`;
    taken.add(name);
    if (name === node.name) return undefined;
    const named = new Node({ op: node.op, inputs, attrs: node.attrs, types: node.types, name, data: node.data });
    return node.types.map((_, i) => new Tensor(named, i));
  });
}

function quantizeGraph(graph: Graph, ranges: ReadonlyMap<string, Range>): Graph {
  const absorbed = absorbableStandardize(graph);
  const rangeOf = (name: string): Range => {
    const range = ranges.get(name);
    if (!range) throw new PithError("internal", `quantize: no range for "${name}"`);
    return range;
  };
  const out = rewriteGraph(graph, (node, inputs): readonly Tensor[] | undefined => {
    if (node.op === "const") return undefined;
    if (node.op === "input") {
      if (node.types[0]!.dtype !== "f32") return undefined;
      const standardize = absorbed.get(node);
      const quant = standardize
        ? inputQuant(standardize, rangeOf(standardize.name))
        : activationQuant(rangeOf(node.name));
      return [
        new Tensor(
          new Node({
            op: "input",
            name: node.name,
            attrs: node.attrs,
            types: [{ dtype: "i8", shape: node.types[0]!.shape, quant }],
          }),
        ),
      ];
    }
    if (node.op === "standardize" && absorbed.get(node.inputs[0]!.node) === node)
      return [
        withType(node, inputs, [
          { dtype: "i8", shape: node.types[0]!.shape, quant: activationQuant(rangeOf(node.name)) },
        ]),
      ];
    return [quantizeNode(node, inputs, ranges)];
  });
  const cleaned = createGraph({ inputs: out.inputs, outputs: out.outputs, updates: out.updates });
  verifyGraph(cleaned, "quantize");
  return cleaned;
}

const withType = (node: Node, inputs: readonly Tensor[], types: readonly TensorType[]): Tensor =>
  new Tensor(new Node({ op: node.op, inputs, attrs: node.attrs, types, name: node.name }));

function quantizeNode(node: Node, inputs: readonly Tensor[], ranges: ReadonlyMap<string, Range>): Tensor {
  const rule = definitionOf(node.op).quantize;
  if ("unsupported" in rule)
    throw new PithError("unsupported", `quantize: ${node.op} "${node.name}": ${rule.unsupported}`);
  const [type] = node.types;
  const { weights } = rule;
  const first = inputs[0]!;
  const prepared = inputs.map((t, i) => (weights && i > 0 ? t : quantizedOperand(t)));
  let quant: Quant;
  if (rule.output === "carry") quant = prepared[0]!.type.quant!;
  else if (rule.output === "calibrated") quant = activationQuant(ranges.get(node.name) ?? { min: 0, max: 0 });
  else quant = { scale: [Math.fround(rule.output.scale)], zeroPoint: [rule.output.zeroPoint] };
  const args = weights ? quantizeWeighted(node, first, inputs, weights) : prepared;
  return withType(node, args, [{ dtype: "i8", shape: type!.shape, quant }]);
}

/** Constant f32 operands of elementwise operators are quantized like activations. */
function quantizedOperand(t: Tensor): Tensor {
  if (t.node.op !== "const" || t.dtype !== "f32") return t;
  const values = t.node.data as Float32Array;
  const quant = activationQuant({ min: Math.min(...values), max: Math.max(...values) });
  const codes = Int8Array.from(values, (v) =>
    Math.min(127, Math.max(-128, roundHalfAway(v / quant.scale[0]!) + quant.zeroPoint[0]!)),
  );
  return constant(codes, t.shape, { name: t.node.name, quant });
}

const MAX_BIAS = 2 ** 30;

function quantizeWeighted(
  node: Node,
  x: Tensor,
  inputs: readonly Tensor[],
  rule: { input: number; axis: number; bias?: number },
): readonly Tensor[] {
  const w = inputs[rule.input]!;
  if (w.node.op !== "const" || !(w.node.data instanceof Float32Array))
    throw new PithError("unsupported", `quantize: ${node.op} "${node.name}": weights are computed, expected constants`);
  const scaleIn = x.type.quant!.scale;
  if (scaleIn.length !== 1)
    throw new PithError(
      "unsupported",
      `quantize: ${node.op} "${node.name}": input is quantized per channel, expected per tensor`,
    );
  const biasTensor = rule.bias === undefined ? undefined : inputs[rule.bias];
  const bias = biasTensor && (biasTensor.node.data as Float32Array);
  const { codes, quant } = quantizeWeights(
    w.node.data,
    w.shape,
    rule.axis,
    (c) => Math.abs(bias?.[c] ?? 0) / (scaleIn[0]! * MAX_BIAS),
  );
  const args = [...inputs];
  args[rule.input] = constant(codes, w.shape, { name: w.node.name, quant });
  let codesOfBias: Int32Array | undefined;
  if (biasTensor && bias) {
    codesOfBias = Int32Array.from(bias, (b, c) => roundHalfAway(b / (scaleIn[0]! * quant.scale[c]!)));
    args[rule.bias!] = constant(codesOfBias, biasTensor.shape, { name: biasTensor.node.name });
  }
  checkAccumulator(node, codes, w.shape, rule.axis, codesOfBias);
  return args;
}

/** |sum| <= 255 * sum|w| + |bias| must stay below 2^31 for every channel. */
function checkAccumulator(
  node: Node,
  codes: Int8Array,
  shape: readonly number[],
  axis: number,
  bias: Int32Array | undefined,
): void {
  const inner = shape.slice(axis + 1).reduce((n, d) => n * d, 1);
  const bound = new Float64Array(shape[axis]!);
  codes.forEach((q, i) => {
    bound[Math.floor(i / inner) % bound.length]! += 255 * Math.abs(q);
  });
  const worst = Math.max(...bound.map((b, c) => b + Math.abs(bias?.[c] ?? 0)));
  if (worst >= 2 ** 31)
    throw new PithError(
      "unsupported",
      `quantize: ${node.op} "${node.name}": accumulator can reach ${worst}, expected below 2147483648 (make the layer narrower: ${elements(shape)} weights)`,
    );
}

/** Inputs whose only reader is one standardize node. */
function absorbableStandardize(graph: Graph): ReadonlyMap<Node, Node> {
  const found = new Map<Node, Node>();
  for (const node of graph.nodes.filter((n) => n.op === "standardize")) {
    const x = node.inputs[0]!.node;
    const readers = graph.nodes.filter((n) => n.inputs.some((t) => t.node === x));
    if (x.op === "input" && readers.length === 1) found.set(x, node);
  }
  return found;
}

/** Codes of the standardized value z = (x - mean) / deviation with z = s * (q - z0), told in terms of x. */
function inputQuant(standardize: Node, range: Range): Quant {
  const { scale, zeroPoint } = activationQuant(range);
  const numbers = (name: string): readonly number[] => {
    const value = standardize.attrs[name];
    return Array.isArray(value) ? value : [Number(value)];
  };
  const mean = numbers("mean");
  const deviation = numbers("deviation");
  const channelScale = deviation.map((d) => Math.fround(d * scale[0]!));
  return {
    scale: channelScale,
    zeroPoint: channelScale.map((s, c) => roundHalfAway(zeroPoint[0]! - mean[c]! / s)),
    ...(channelScale.length > 1 ? { axis: standardize.types[0]!.shape.length - 1 } : {}),
  };
}

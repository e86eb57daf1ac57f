import { DTYPE_BYTES, elements, showShape } from "../../../kernels/op.ts";
import { runPasses } from "../../../sdk/compile/passes/pipeline.ts";
import { planGraph } from "../../../sdk/compile/plan.ts";
import { reportOf } from "../../../sdk/compile/report.ts";
import type { NativeTarget } from "../../../sdk/compile/target.ts";
import { printGraph } from "../../../sdk/graph/print.ts";
import { definitionOf, isLeaf } from "../../../sdk/graph/registry.ts";
import type { Model } from "../../../sdk/model.ts";
import { TARGET_NAMES, targetNamed } from "../../../targets/index.ts";
import { modelPage } from "../../report/model-page.ts";
import { defineCommand } from "../command.ts";
import { openModel } from "../load-model.ts";
import { grouped } from "../text-table.ts";
import { writeWhole } from "../write-file.ts";

export const show = defineCommand({
  usage: "show <model>",
  about: "Prints the graph of a model: every node with its shapes and quantization, then size and work.",
  examples: [
    ["pith show exercise.pith", "the graph, one line a node"],
    [
      "pith show kws.tflite --html kws.html --target cortex-m4",
      "a page: graph, memory over time, bytes and MACs by layer",
    ],
    ["pith show exercise.pith --json", "inputs, outputs, operators, bytes and MACs as JSON"],
  ],
  positionals: { model: { type: "string", demandOption: true, describe: "a .pith or .tflite model" } },
  options: {
    html: { type: "string", requiresArg: true, describe: "write a page with graph, memory over time, bytes and MACs" },
    target: { type: "string", default: "wasm", requiresArg: true, describe: `plan for ${TARGET_NAMES.join(", ")}` },
  },
  async run({ model: path, html, target: targetName }) {
    const model = openModel(path);
    const target = targetNamed(targetName);
    if (html !== undefined) writeWhole(html, pageOf(model, targetName, target));
    const { graph } = model;
    const nodes = graph.nodes.filter((n) => !isLeaf(n));
    const macs = nodes.reduce(
      (sum, n) =>
        sum +
        (definitionOf(n.op).macs?.(
          n.inputs.map((t) => t.type),
          n.types,
          n.attrs,
        ) ?? 0),
      0,
    );
    const weightBytes = graph.nodes
      .filter((n) => n.op === "const" || n.op === "param")
      .reduce((sum, n) => sum + elements(n.types[0]!.shape) * DTYPE_BYTES[n.types[0]!.dtype], 0);
    const port = (p: (typeof graph.inputs)[number]): object => ({
      name: p.name,
      dtype: p.tensor.dtype,
      shape: p.tensor.shape,
    });
    const facts = [
      `model ${model.name}${model.run ? ` (run ${model.run})` : ""}`,
      ...(model.labels ? [`labels ${model.labels.join(", ")}`] : []),
      ...graph.inputs.map((i) => `input ${i.name} ${i.tensor.dtype}${showShape(i.tensor.shape)}`),
      ...graph.outputs.map((o) => `output ${o.name} ${o.tensor.dtype}${showShape(o.tensor.shape)}`),
      `${nodes.length} operators, ${grouped(macs)} MACs, ${grouped(weightBytes)} bytes of weights`,
    ];
    return {
      result: {
        name: model.name,
        run: model.run ?? null,
        labels: model.labels ?? null,
        inputs: graph.inputs.map(port),
        outputs: graph.outputs.map(port),
        nodes: nodes.map((n) => ({ op: n.op, name: n.name, attrs: n.attrs, types: n.types })),
        macs,
        weightBytes,
        provenance: model.provenance ?? null,
        ...(html === undefined ? {} : { html }),
      },
      text: `${printGraph(graph)}\n${facts.join("\n")}${html === undefined ? "" : `\n${html}`}`,
    };
  },
});

/** The plan that a compilation for the target would have, without compiling. */
function pageOf(model: Model, name: string, target: NativeTarget | undefined): string {
  const graph = runPasses(model.graph);
  const { plan } = planGraph(graph, target ?? { family: "pairdot" });
  return modelPage({ name: model.name, graph, plan, report: reportOf(name, plan) });
}

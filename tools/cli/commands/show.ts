import { DTYPE_BYTES, elements, showShape } from "../../../kernels/op.ts";
import { printGraph } from "../../../sdk/graph/print.ts";
import { definitionOf, isLeaf } from "../../../sdk/graph/registry.ts";
import { defineCommand } from "../command.ts";
import { openModel } from "../load-model.ts";
import { grouped } from "../text-table.ts";

export const show = defineCommand({
  usage: "show <model>",
  about: "Prints the graph of a model: every node with its shapes and quantization, then size and work.",
  examples: [
    ["pith show exercise.pith", "the graph, one line a node"],
    ["pith show exercise.pith --json", "inputs, outputs, operators, bytes and MACs as JSON"],
  ],
  positionals: { model: { type: "string", demandOption: true, describe: "a .pith or .tflite model" } },
  options: {},
  async run({ model: path }) {
    const model = openModel(path);
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
      },
      text: `${printGraph(graph)}\n${facts.join("\n")}`,
    };
  },
});

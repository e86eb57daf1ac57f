import { showShape } from "../../../kernels/op.ts";
import { saveModel } from "../../../sdk/formats/pith.ts";
import { isLeaf } from "../../../sdk/graph/registry.ts";
import { defineCommand } from "../command.ts";
import { openModel } from "../load-model.ts";

export const importModel = defineCommand({
  usage: "import <model>",
  about:
    "Reads a .tflite model into a .pith file. Every command takes the .tflite file itself as well; .onnx is not in this version.",
  examples: [["pith import model.tflite -o model.pith", "the same graph as a .pith model"]],
  positionals: { model: { type: "string", demandOption: true, describe: "a .tflite file" } },
  options: {
    output: {
      alias: "o",
      type: "string",
      requiresArg: true,
      describe: "the .pith file to write (default: beside the model)",
    },
  },
  async run(args) {
    const model = openModel(args.model);
    const { graph } = model;
    const output = args.output ?? args.model.replace(/(\.(tflite|pith))?$/, ".pith");
    saveModel(output, model);
    const ports = (list: typeof graph.inputs): readonly object[] =>
      list.map(({ name, tensor }) => ({ name, dtype: tensor.dtype, shape: tensor.shape }));
    const operators = graph.nodes.filter((n) => !isLeaf(n)).length;
    const list = (of: typeof graph.inputs): string =>
      of.map(({ name, tensor }) => `${name} ${tensor.dtype}${showShape(tensor.shape)}`).join(", ");
    return {
      result: { output, name: model.name, operators, inputs: ports(graph.inputs), outputs: ports(graph.outputs) },
      text: `${output}: ${operators} operators, inputs ${list(graph.inputs)}, outputs ${list(graph.outputs)}`,
    };
  },
});

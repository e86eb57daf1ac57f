import { loadData } from "../../../sdk/data/load.ts";
import { PithError } from "../../../sdk/error.ts";
import { saveModel } from "../../../sdk/formats/pith.ts";
import { CALIBRATION_METHODS } from "../../../sdk/quantize/calibrate.ts";
import { quantize as quantizeModel, withMonitors } from "../../../sdk/quantize/quantized.ts";
import { checkInputs, classify } from "../classify.ts";
import { defineCommand } from "../command.ts";
import { moduleOf } from "../infer-module.ts";
import { openModel } from "../load-model.ts";
import { integer, oneOf } from "../values.ts";

export const quantize = defineCommand({
  usage: "quantize <model>",
  about:
    "Makes an int8 model: calibrates on training data, and compares accuracy before and after where there are labels.",
  examples: [
    ["pith quantize exercise.pith --data har-exercise -o exercise-int8.pith", "calibrate on the training split"],
    ["pith quantize model.pith --data inputs.npy --method percentile", "an array [N, ...shape]"],
  ],
  positionals: { model: { type: "string", demandOption: true, describe: "a float .pith or .tflite model" } },
  options: {
    data: {
      type: "string",
      demandOption: true,
      requiresArg: true,
      describe: "name of a data set, a .npz or a .npy file",
    },
    method: { type: "string", default: "minmax", requiresArg: true, describe: CALIBRATION_METHODS.join(" or ") },
    samples: { type: "number", default: 512, requiresArg: true, describe: "at most so many calibration samples" },
    monitors: {
      type: "string",
      default: "default",
      requiresArg: true,
      describe: "default or none: drift monitors in the model",
    },
    "false-alarm-every": {
      type: "number",
      default: 10_000,
      requiresArg: true,
      describe: "inferences between false drift alarms, at least",
    },
    output: { alias: "o", type: "string", requiresArg: true, describe: "default: <model>-int8.pith" },
  },
  async run(args, context) {
    const method = oneOf("--method", args.method, CALIBRATION_METHODS);
    const monitors = oneOf("--monitors", args.monitors, ["default", "none"]);
    const falseAlarmEvery = integer("--false-alarm-every", args["false-alarm-every"], 2)!;
    const limit = integer("--samples", args.samples, 1)!;
    const model = openModel(args.model);
    const quantized = model.graph.nodes.find((n) => n.op !== "const" && n.types.some((t) => t.quant));
    if (quantized)
      throw new PithError(
        "unsupported",
        `${args.model}: "${quantized.name}" is ${quantized.types[0]!.dtype}, the model is quantized already, expected a float model (run or compile it as it is)`,
      );
    const output = args.output ?? args.model.replace(/(\.(pith|tflite))?$/, "-int8.pith");
    const data = await loadData(args.data, { inputs: model.graph.inputs.map((i) => i.name) });
    const float = await moduleOf(model);
    checkInputs(float, data.train);
    // Evenly spaced, so that every recording is seen.
    const count = Math.min(limit, data.train.length);
    const samples = Array.from(
      { length: count },
      (_, i) => data.train.at(Math.floor((i * data.train.length) / count)).inputs,
    );
    const plain = await quantizeModel(model, { calibrate: samples, method });
    const int8 = monitors === "none" ? plain : await withMonitors(plain, { reference: data.train, falseAlarmEvery });
    context.signal.throwIfAborted();
    const accuracy = data.test.labels
      ? { float: classify(float, data.test).accuracy, int8: classify(await moduleOf(int8), data.test).accuracy }
      : null;
    saveModel(output, int8);
    const percent = (x: number): string => `${(x * 100).toFixed(2)} %`;
    return {
      result: { output, method, calibrationSamples: count, monitors, data: data.name, accuracy },
      text: `${output}: int8, ${method} over ${count} samples${accuracy ? `; accuracy float ${percent(accuracy.float)}, int8 ${percent(accuracy.int8)} on ${data.name} test` : ""}`,
    };
  },
});

import { join } from "node:path";
import { PithError } from "../../../sdk/error.ts";
import { defineCommand } from "../command.ts";
import { openModelOrModule } from "../load-model.ts";
import { encodeOutputs, readRunInputs } from "../run-inputs.ts";
import { type Runner, runnerFor } from "../runner.ts";
import { oneOf } from "../values.ts";
import { writeWhole } from "../write-file.ts";

export const run = defineCommand({
  usage: "run <model>",
  about:
    "Runs a model on arrays [N, ...shape]: N inferences in order. f32 for an int8 input is quantized; outputs keep the model's dtype.",
  examples: [
    ["pith run exercise-int8.pith --input x.npy --output logits.npy", "in Node, as the portable module"],
    [
      "pith run exercise-int8.pith --input x.npy --output logits.npy --on virtual --dequantize",
      "on a board, outputs as f32",
    ],
    ["pith run model.tflite --input a.npy --input b.npy --output y.npy", "a TensorFlow Lite model of two inputs"],
    ["pith run exercise-int8.pith --input x.npy --output y.npy --layers steps", "the output of every step as well"],
  ],
  positionals: {
    model: { type: "string", demandOption: true, describe: "a .pith or .tflite model or a compiled .wasm module" },
  },
  options: {
    input: {
      type: "string",
      array: true,
      demandOption: true,
      requiresArg: true,
      describe: "a .npy file; once for each input, in order",
    },
    output: {
      type: "string",
      array: true,
      demandOption: true,
      requiresArg: true,
      describe: "a .npy file; once for each output, in order",
    },
    on: { type: "string", default: "wasm", requiresArg: true, describe: "wasm, host, a board or a serial port" },
    state: {
      type: "string",
      default: "carry",
      requiresArg: true,
      describe: "carry or fresh: keep state from one inference to the next",
    },
    layers: { type: "string", requiresArg: true, describe: "folder for the output of every step" },
    dequantize: { type: "boolean", default: false, describe: "write int8 outputs as f32" },
  },
  async run(args, context) {
    const state = oneOf("--state", args.state, ["carry", "fresh"]);
    const runner = await runnerFor(args.on, openModelOrModule(args.model), context);
    const { manifest, stepPorts } = runner;
    if (args.layers !== undefined && !stepPorts)
      throw new PithError(
        "unsupported",
        `--layers: not on ${args.on} in this version, expected --on wasm or --on host`,
      );
    if (args.output.length > manifest.outputs.length)
      throw new PithError(
        "usage",
        `pith run: ${args.output.length} --output, expected at most ${manifest.outputs.length}: ${manifest.outputs.map((o) => o.name).join(", ")}`,
      );
    const inputs = readRunInputs(manifest, args.input);
    if (inputs.quantized.length > 0) context.log(`quantizing f32 values of ${inputs.quantized.join(", ")} to int8`);
    const { outputs, steps } = await inferAll(
      runner,
      inputs,
      { fresh: state === "fresh", steps: args.layers !== undefined },
      context,
    );
    args.output.forEach((path, i) => {
      const port = manifest.outputs[i]!;
      writeWhole(
        path,
        encodeOutputs(
          port,
          outputs.map((o) => o[port.name]!),
          args.dequantize,
        ),
      );
    });
    const layers = args.layers;
    if (layers !== undefined)
      stepPorts?.forEach((port, s) => {
        writeWhole(
          join(layers, `${String(s).padStart(3, "0")}-${port.name.replace(/[^\w.-]+/g, "_")}.npy`),
          encodeOutputs(
            port,
            steps.map((all) => all[s]!),
            false,
          ),
        );
      });
    return {
      result: {
        on: args.on,
        inferences: inputs.count,
        outputs: args.output.map((path, i) => ({ path, ...describe(manifest.outputs[i]!, args.dequantize) })),
        quantizedInputs: inputs.quantized,
      },
      text: `${inputs.count} inferences on ${args.on}; ${args.output.join(", ")}`,
    };
  },
});

const describe = (port: Runner["manifest"]["outputs"][number], dequantize: boolean): object => ({
  name: port.name,
  dtype: dequantize && port.quant ? "f32" : port.dtype,
  shape: port.shape,
});

type Values = Awaited<ReturnType<Runner["infer"]>>;

async function inferAll(
  runner: Runner,
  inputs: ReturnType<typeof readRunInputs>,
  options: { readonly fresh: boolean; readonly steps: boolean },
  context: Parameters<Parameters<typeof defineCommand>[0]["run"]>[1],
): Promise<{ outputs: Values["outputs"][]; steps: NonNullable<Values["steps"]>[] }> {
  const outputs: Values["outputs"][] = [];
  const steps: NonNullable<Values["steps"]>[] = [];
  for (let i = 0; i < inputs.count; i++) {
    context.signal.throwIfAborted();
    if (options.fresh) await runner.reset();
    const found = await runner.infer(inputs.at(i), options.steps);
    outputs.push(found.outputs);
    if (found.steps) steps.push(found.steps);
    context.progress.update("run", (i + 1) / inputs.count);
  }
  return { outputs, steps };
}

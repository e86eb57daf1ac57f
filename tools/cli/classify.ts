/** Predictions of a classifier over a labelled data set. */
import type { Dataset } from "../../sdk/data/dataset.ts";
import { PithError } from "../../sdk/error.ts";
import type { CompiledModel } from "../../sdk/runtime/module.ts";

export interface Classification {
  readonly samples: number;
  readonly correct: number;
  readonly accuracy: number;
  /** `confusion[label][predicted]`. */
  readonly confusion: readonly (readonly number[])[];
  readonly predicted: Int32Array;
}

/** Names the first input of the model that the data lack or that has another shape. */
export function checkInputs(module: CompiledModel, data: Dataset): void {
  for (const port of module.manifest.inputs) {
    const feature = data.inputs[port.name];
    const wanted = port.shape.slice(1);
    if (!feature)
      throw new PithError(
        "data",
        `data: no input "${port.name}", expected it beside ${Object.keys(data.inputs)
          .map((n) => `"${n}"`)
          .join(", ")} (the model needs ${port.dtype}[${wanted.join(",")}])`,
      );
    const given = feature.type.shape;
    if (given.length !== wanted.length || given.some((d, i) => d !== wanted[i]))
      throw new PithError(
        "shape",
        `data "${port.name}": samples are [${given.join(",")}], expected [${wanted.join(",")}]`,
      );
  }
}

const argmax = (values: ArrayLike<number | bigint>): number => {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i]! > values[best]!) best = i;
  return best;
};

/** The output that holds one value a class: the only one, or the first with as many values as there are classes. */
function scoresOutput(module: CompiledModel, classes: number): string {
  const { outputs } = module.manifest;
  const found = outputs.length === 1 ? outputs[0] : outputs.find((o) => o.shape.reduce((n, d) => n * d, 1) === classes);
  if (!found)
    throw new PithError(
      "shape",
      `eval: outputs ${outputs.map((o) => `${o.name}[${o.shape.join(",")}]`).join(", ")}, expected one of ${classes} values, one a class`,
    );
  return found.name;
}

export function classify(
  module: CompiledModel,
  data: Dataset,
  each: (done: number) => void = () => undefined,
): Classification {
  const { labels } = data;
  if (!labels) throw new PithError("data", "eval: the data have no labels, expected class indices");
  checkInputs(module, data);
  const classes = data.classes?.length ?? module.manifest.labels?.length ?? Math.max(...labels) + 1;
  const output = scoresOutput(module, classes);
  const width = module.manifest.outputs.find((o) => o.name === output)!.shape.reduce((n, d) => n * d, 1);
  const size = Math.max(classes, width);
  const confusion = Array.from({ length: size }, () => new Array<number>(size).fill(0));
  const predicted = new Int32Array(data.length);
  module.reset();
  for (let i = 0; i < data.length; i++) {
    predicted[i] = argmax(module.predict(data.at(i).inputs)[output]!);
    confusion[labels[i]!]![predicted[i]!]!++;
    each(i + 1);
  }
  const correct = confusion.reduce((sum, row, i) => sum + row[i]!, 0);
  return {
    samples: data.length,
    correct,
    accuracy: data.length === 0 ? Number.NaN : correct / data.length,
    confusion,
    predicted,
  };
}

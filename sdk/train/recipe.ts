/** What to train, on what, how: data only, so that `pith train file.ts` can override it. */
import { showShape, type Tensor } from "../../kernels/op.ts";
import type { Splits } from "../data/dataset.ts";
import { PithError } from "../error.ts";
import type { TracedModel } from "../nn/model.ts";
import type { Optimizer } from "../nn/optimizers.ts";
import { cosine, type Schedule } from "./schedules.ts";

export type Tensors<Names extends string> = { readonly [K in Names]: Tensor };

/** What a loss or metric may compare outputs with; `label` is i32 [batch], `inputs` are those before augmentation. */
export interface Targets<I extends string> {
  readonly label: Tensor;
  readonly inputs: Tensors<I>;
}

export interface EarlyStopping {
  /** Epochs without improvement before training stops; the best values are kept. */
  readonly patience: number;
  /** "loss", or the name of a metric; of the validation split where there is one. */
  readonly metric?: string;
  /** Whether smaller is better: "min" for the loss, "max" for others when absent. */
  readonly mode?: "min" | "max";
}

/** Methods, not function properties: a recipe of known names is also a recipe of any names. */
export interface RecipeFields<I extends string, O extends string, M extends string> {
  readonly model: TracedModel<I, O>;
  readonly data: Splits;
  /** Per-step changes of the training inputs; inputs that are left out stay as they are. */
  augment?(inputs: Tensors<I>): Partial<Tensors<I>>;
  /** One value, the mean over the batch. */
  loss(outputs: Tensors<O>, targets: Targets<I>): Tensor;
  readonly metrics?: { readonly [K in M]: Metric<I, O> };
  readonly optimizer: Optimizer;
  /** Of the optimizer's rate; half a cosine down to 0 when absent. */
  readonly schedule?: Schedule;
  readonly epochs: number;
  readonly batch: number;
  readonly earlyStopping?: EarlyStopping;
}

/** One value a batch, averaged over batches. */
export type Metric<I extends string = string, O extends string = string> = {
  bivarianceHack(outputs: Tensors<O>, targets: Targets<I>): Tensor;
}["bivarianceHack"];

export interface Recipe<I extends string = string, O extends string = string, M extends string = string>
  extends RecipeFields<I, O, M> {
  readonly kind: "recipe";
}

/** Checks a recipe and marks it as one. Throws where data and model do not fit. */
export function recipe<I extends string, O extends string, M extends string = never>(
  fields: RecipeFields<I, O, M>,
): Recipe<I, O, M> {
  checkCount("epochs", fields.epochs);
  checkCount("batch", fields.batch);
  const { model, data } = fields;
  for (const [split, set] of Object.entries({ train: data.train, test: data.test, validation: data.validation })) {
    if (!set) continue;
    for (const { name, tensor } of model.graph.inputs) {
      const given = set.inputs[name];
      const wanted = tensor.shape.slice(1);
      if (!given)
        throw new PithError(
          "data",
          `recipe: the ${split} data has inputs ${Object.keys(set.inputs).join(", ") || "none"}, expected "${name}" (name the data's input as the model's)`,
        );
      if (showShape(given.type.shape) !== showShape(wanted) || given.type.dtype !== tensor.dtype)
        throw new PithError(
          "data",
          `recipe: ${split} input "${name}" is ${given.type.dtype}${showShape(given.type.shape)}, expected ${tensor.dtype}${showShape(wanted)} as the model declares`,
        );
    }
  }
  if (data.train.length < fields.batch)
    throw new PithError(
      "data",
      `recipe: ${data.train.length} training samples, expected at least one batch of ${fields.batch} (make the batch smaller)`,
    );
  return { kind: "recipe", schedule: cosine(), ...fields };
}

export const isRecipe = (value: unknown): value is Recipe =>
  typeof value === "object" && value !== null && "kind" in value && value.kind === "recipe";

function checkCount(what: string, value: number): void {
  if (!Number.isInteger(value) || value < 1)
    throw new PithError("usage", `recipe: ${what} is ${value}, expected a positive integer`);
}

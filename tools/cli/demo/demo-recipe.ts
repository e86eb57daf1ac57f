/** The model of the demo: a 1-D CNN on raw windows. */
import {
  accuracy,
  adamW,
  batchNorm,
  conv1d,
  crossEntropy,
  dense,
  dropout,
  jitter,
  meanOverTime,
  relu,
  rotate3d,
  sequential,
  standardize,
} from "../../../sdk/nn/index.ts";
import { input, model } from "../../../sdk/nn/model.ts";
import { type Recipe, recipe } from "../../../sdk/train/recipe.ts";
import type { DemoData } from "./demo-data.ts";

/** Epochs that end within a minute on two cores with the cpu backend; the wasm backend gets fewer. */
const EPOCHS = { "har-exercise": 120, motor: 30 } as const;

export function demoRecipe(data: DemoData): Recipe {
  const classes = data.train.classes?.length ?? 0;
  const block = (filters: number, kernel: number) =>
    sequential([conv1d({ filters, kernel, stride: 2 }), batchNorm(), relu]);
  const network = sequential([
    standardize(data.train),
    block(16, 9),
    block(32, 5),
    block(64, 3),
    meanOverTime,
    dropout(0.5),
    dense(classes, { name: "head" }),
  ]);
  const traced = model({ accel: input("f32", [200, 3], { unit: "g" }) }, ({ accel }) => ({ logits: network(accel) }), {
    labels: data.train.classes,
    name: data.name === "motor" ? "motor" : "exercise",
  });
  return recipe({
    model: traced,
    data,
    // A wrist turns between recordings. The motor's vibration is weaker and its sensor turned in the simulation already.
    augment: ({ accel }) => ({
      accel: data.name === "motor" ? jitter(accel, 0.01) : rotate3d(jitter(accel, 0.1), 0.3),
    }),
    loss: ({ logits }, { label }) => crossEntropy(logits, label, { smoothing: 0.05 }),
    metrics: { accuracy: ({ logits }, { label }) => accuracy(logits, label) },
    optimizer: adamW({ rate: 4e-3, weightDecay: 1e-2 }),
    epochs: EPOCHS[data.name],
    batch: 64,
  });
}

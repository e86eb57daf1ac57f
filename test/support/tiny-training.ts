/** A small classification task with a network of every kind of training operator. */
import { createHash } from "node:crypto";
import type { Node } from "../../kernels/op.ts";
import { type Dataset, dataset, type Splits } from "../../sdk/data/dataset.ts";
import type { Model } from "../../sdk/model.ts";
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
  type Optimizer,
  relu,
  rotate3d,
  sequential,
  standardize,
} from "../../sdk/nn/index.ts";
import { input, model } from "../../sdk/nn/model.ts";
import { keyOf, uniforms } from "../../sdk/train/random.ts";
import { type Recipe, type RecipeFields, recipe } from "../../sdk/train/recipe.ts";

export const CLASSES = ["rest", "slow", "fast"] as const;
const LENGTH = 24;

/** Three-axis waves, a frequency a class, under noise. */
export function waves(count: number, seed: number): Dataset {
  const next = uniforms(keyOf(seed, "waves"));
  const data = new Float32Array(count * LENGTH * 3);
  const labels = Int32Array.from({ length: count }, (_, i) => i % CLASSES.length);
  labels.forEach((label, n) => {
    const phase = next() * 2 * Math.PI;
    for (let t = 0; t < LENGTH; t++)
      for (let axis = 0; axis < 3; axis++)
        data[(n * LENGTH + t) * 3 + axis] =
          Math.sin(phase + axis + label * 0.5 * t) * (label === 0 ? 0.2 : 1) + (next() - 0.5) * 0.3;
  });
  return dataset({ inputs: { accel: { type: { dtype: "f32", shape: [LENGTH, 3] }, data } }, labels, classes: CLASSES });
}

export const splits = (train = 100): Splits => ({ train: waves(train, 1), test: waves(31, 2) });

type Fields = Partial<
  Pick<RecipeFields<"accel", "logits", "accuracy">, "epochs" | "batch" | "earlyStopping" | "schedule">
> & { optimizer?: Optimizer };

/** 100 samples, batch 16, three epochs unless said otherwise. */
export function tinyRecipe(data: Splits = splits(), fields: Fields = {}): Recipe<"accel", "logits", "accuracy"> {
  const network = sequential([
    standardize(data.train),
    conv1d({ filters: 8, kernel: 5, stride: 2 }),
    batchNorm(),
    relu,
    meanOverTime,
    dropout(0.2),
    dense(3, { name: "head" }),
  ]);
  const traced = model({ accel: input("f32", [LENGTH, 3]) }, ({ accel }) => ({ logits: network(accel) }), {
    labels: CLASSES,
  });
  return recipe({
    model: traced,
    data,
    augment: ({ accel }) => ({ accel: rotate3d(jitter(accel, 0.05), 0.2) }),
    loss: ({ logits }, { label }) => crossEntropy(logits, label, { smoothing: 0.05 }),
    metrics: { accuracy: ({ logits }, { label }) => accuracy(logits, label) },
    optimizer: adamW({ rate: 1e-2 }),
    epochs: 3,
    batch: 16,
    ...fields,
  });
}

/** SHA-256 of all weights and statistics. */
export function weightHash({ graph }: Model): string {
  const hash = createHash("sha256");
  const leaves = graph.nodes.filter((n: Node) => n.op === "param" || n.op === "state");
  for (const { name, data } of leaves)
    hash.update(name).update(new Uint8Array(data!.buffer, data!.byteOffset, data!.byteLength));
  return hash.digest("hex");
}

// pith train exercise.ts --seed 1 -o exercise.pith
import { input, model, recipe } from "pith";
import { windows } from "pith/data";
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
} from "pith/nn";

const data = await windows("har-exercise.csv.gz", {
  input: "accel",
  columns: ["ax_g", "ay_g", "az_g"],
  label: "label",
  group: "recording",
  split: "split",
  length: 200,
  hop: 25,
});
const block = (filters: number, kernel: number) =>
  sequential([conv1d({ filters, kernel, stride: 2 }), batchNorm(), relu]);
const network = sequential([
  standardize(data.train),
  block(16, 9),
  block(32, 5),
  block(64, 3),
  meanOverTime,
  dropout(0.5),
  dense(4, { name: "head" }),
]);
const exercise = model({ accel: input("f32", [200, 3], { unit: "g" }) }, ({ accel }) => ({ logits: network(accel) }), {
  labels: data.train.classes,
});

export default recipe({
  model: exercise,
  data,
  augment: ({ accel }) => ({ accel: rotate3d(jitter(accel, 0.1), 0.3) }),
  loss: ({ logits }, { label }) => crossEntropy(logits, label, { smoothing: 0.05 }),
  metrics: { accuracy: ({ logits }, { label }) => accuracy(logits, label) },
  optimizer: adamW({ rate: 4e-3, weightDecay: 1e-2 }),
  epochs: 120,
  batch: 64,
});

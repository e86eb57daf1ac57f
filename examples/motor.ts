// npx pith train examples/motor.ts --seed 1 -o motor.pith
import { input, model, recipe } from "pith";
import { simulateMotor } from "pith/data";
import {
  accuracy,
  adamW,
  batchNorm,
  conv1d,
  crossEntropy,
  dense,
  dropout,
  meanOverTime,
  relu,
  sequential,
  standardize,
} from "pith/nn";

const data = simulateMotor();
const block = (filters: number, kernel: number) =>
  sequential([conv1d({ filters, kernel, stride: 2 }), batchNorm(), relu]);
const network = sequential([
  standardize(data.train),
  block(12, 9),
  block(16, 5),
  block(24, 3),
  meanOverTime,
  dropout(0.2),
  dense(5, { name: "head" }),
]);
const motor = model({ accel: input("f32", [200, 3], { unit: "g" }) }, ({ accel }) => ({ logits: network(accel) }), {
  labels: data.train.classes,
});

export default recipe({
  model: motor,
  data,
  loss: ({ logits }, { label }) => crossEntropy(logits, label),
  metrics: { accuracy: ({ logits }, { label }) => accuracy(logits, label) },
  optimizer: adamW({ rate: 4e-3, weightDecay: 1e-2 }),
  epochs: 20,
  batch: 32,
});

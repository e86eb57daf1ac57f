/** What must not type-check: every line after an expectation is a user's slip. Read by test/train-types.test.ts. */
import { input, model, recipe, train } from "pith";
import { windows } from "pith/data";
import { accuracy, adamW, crossEntropy, dense, jitter, relu, sequential } from "pith/nn";

const data = await windows("x.csv", {
  input: "accel",
  columns: ["x"],
  label: "label",
  group: "g",
  split: "split",
  length: 8,
  hop: 4,
});
await windows("x.csv", {
  input: "accel",
  columns: ["x"],
  label: "label",
  group: "g",
  split: "split",
  length: 8,
  // @ts-expect-error: the option is `hop`
  hopp: 4,
});

const network = sequential([dense(8), relu, dense(2)]);
const good = model({ accel: input("f32", [8, 1]) }, ({ accel }) => ({ logits: network(accel) }));
// @ts-expect-error: the input is `accel`
model({ accel: input("f32", [8, 1]) }, ({ acel }) => ({ logits: network(acel) }));
// @ts-expect-error: no dtype of that name
input("f23", [8]);
// @ts-expect-error: a layer takes a tensor, not a number
network(1);

const plan = recipe({
  model: good,
  data,
  augment: ({ accel }) => ({ accel: jitter(accel, 0.1) }),
  loss: ({ logits }, { label }) => crossEntropy(logits, label),
  metrics: { accuracy: ({ logits }, { label }) => accuracy(logits, label) },
  optimizer: adamW({ rate: 1e-3 }),
  epochs: 1,
  batch: 1,
});
recipe({
  ...plan,
  // @ts-expect-error: the output is `logits`
  loss: ({ logit }, { label }) => crossEntropy(logit, label),
});
recipe({
  ...plan,
  // @ts-expect-error: augment gives the input `accel`
  augment: ({ accel }) => ({ acel: accel }),
});
// @ts-expect-error: the option is `rate`
adamW({ lr: 1e-3 });

const run = train(plan, { seed: 1 });
// @ts-expect-error: the backend is `cpu`
train(plan, { backend: "cpus" });
for await (const { metrics } of run) {
  metrics["accuracy"].toFixed(2);
  // @ts-expect-error: the metric is `accuracy`
  metrics["acuracy"];
}
const trained = await run.model;
const { logits } = await trained.predict({ accel: new Float32Array(8) });
logits.every((v) => v > 0);
// @ts-expect-error: the input is `accel`
await trained.predict({ acel: new Float32Array(8) });
// @ts-expect-error: a string is no array of numbers
await trained.predict({ accel: "1,2,3" });
// @ts-expect-error: the output is `logits`
(await trained.predict({ accel: [1] })).logit;

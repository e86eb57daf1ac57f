// PITH_DATA=… pith train gas.ts --seed 1 -o gas.pith
import { type Dataset, dataset, input, model, recipe } from "pith";
import { gasDriftBatches } from "pith/data";
import { accuracy, adamW, crossEntropy, dense, dropout, relu, sequential, standardize } from "pith/nn";

/** Metal-oxide sensors age: a model of the first two months meets the months after them. */
const { train: first, test: later } = await gasDriftBatches({ train: ["1"], test: ["2"] });

/** Every third row of batch 1, in an order of no meaning, is held out. */
const rowsOf = (data: Dataset, keep: (row: number) => boolean): Dataset => {
  const { type, data: values } = data.inputs["sensors"]!;
  const width = type.shape[0]!;
  const rows = Array.from({ length: data.length }, (_, i) => i).filter(keep);
  const picked = new Float32Array(rows.length * width);
  rows.forEach((row, i) => {
    picked.set(values.subarray(row * width, (row + 1) * width) as Float32Array, i * width);
  });
  return dataset({
    inputs: { sensors: { type, data: picked } },
    labels: data.labels && Int32Array.from(rows, (row) => data.labels![row]!),
    classes: data.classes,
  });
};
const heldOut = (row: number): boolean => ((row * 2654435761) >>> 0) % 3 === 0;

export const train = rowsOf(first, (row) => !heldOut(row));
export const holdOut = rowsOf(first, heldOut);
export const drifted = later;

const network = sequential([standardize(train), dense(64), relu, dropout(0.2), dense(6, { name: "head" })]);

export default recipe({
  model: model({ sensors: input("f32", [128]) }, ({ sensors }) => ({ logits: network(sensors) }), {
    labels: train.classes,
    name: "gas",
  }),
  data: { train, test: holdOut },
  loss: ({ logits }, { label }) => crossEntropy(logits, label),
  metrics: { accuracy: ({ logits }, { label }) => accuracy(logits, label) },
  optimizer: adamW({ rate: 3e-3 }),
  epochs: 60,
  batch: 32,
});

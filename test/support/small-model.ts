/** A small classifier of the simulated motor with fixed weights: what tests of the command line and the report run. */
import { dense } from "../../kernels/dense/dense.ts";
import { relu } from "../../kernels/relu/relu.ts";
import { reshape } from "../../kernels/reshape/reshape.ts";
import { RandomStream } from "../../sdk/data/random-stream.ts";
import { MOTOR_CLASSES } from "../../sdk/data/simulate-motor.ts";
import { createGraph } from "../../sdk/graph/graph.ts";
import { constant, inputLeaf } from "../../sdk/graph/leaves.ts";
import type { Model } from "../../sdk/model.ts";

const WIDTHS = [600, 16, 8, MOTOR_CLASSES.length] as const;

/** f32: accel [1, 200, 3] to logits [1, 5], through dense layers; it classifies nothing well. */
export function smallModel(): Model {
  const random = new RandomStream(7, [0, 0]);
  const weights = (n: number, scale: number): Float32Array =>
    Float32Array.from({ length: n }, () => scale * random.normal());
  const accel = inputLeaf("accel", { dtype: "f32", shape: [1, 200, 3] });
  let x = reshape(accel, { shape: [1, 600] });
  WIDTHS.slice(1).forEach((units, i) => {
    const k = WIDTHS[i]!;
    const w = constant(weights(units * k, (2 / k) ** 0.5), [units, k], { name: `w${i}` });
    const b = constant(weights(units, 0.1), [units], { name: `b${i}` });
    x = dense(x, w, b, { name: `layer${i + 1}` } as object);
    if (i < WIDTHS.length - 2) x = relu(x);
  });
  return {
    name: "small",
    graph: createGraph({ inputs: [{ name: "accel", tensor: accel }], outputs: [{ name: "logits", tensor: x }] }),
    labels: MOTOR_CLASSES,
  };
}

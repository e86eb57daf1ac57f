/** Optimizers: what a step does to one parameter, as a graph. Slots are states beside the parameter. */
import { adam as adamOp } from "../../kernels/adam/adam.ts";
import type { Tensor } from "../../kernels/op.ts";
import { sgdMomentum } from "../../kernels/sgdMomentum/sgdMomentum.ts";
import type { Update } from "../graph/graph.ts";
import { state } from "../graph/leaves.ts";

export interface StepInputs {
  /** f32 [1]: the learning rate of this step. */
  readonly rate: Tensor;
  /** i32 [1]: the number of this step, from 1. */
  readonly step: Tensor;
}

export interface Optimizer {
  readonly name: string;
  /** Base learning rate, which schedules scale. */
  readonly rate: number;
  readonly settings: Readonly<Record<string, number>>;
  /** The parameter's and its slots' new values. */
  update(param: Tensor, grad: Tensor, at: StepInputs): readonly Update[];
}

/** Slots are named after the optimizer's state in a checkpoint: `optimizer/<param>/<slot>`. */
const slot = (param: Tensor, name: string): Tensor => state(`optimizer/${param.node.name}/${name}`, param.shape);

/** Biases and norm parameters are vectors; decaying them only hurts (He et al. 2019, "Bag of tricks", §3.1). */
const decayOf = (param: Tensor, weightDecay: number): number => (param.shape.length > 1 ? weightDecay : 0);

/** Stochastic gradient descent with momentum; `weightDecay` is L2, added to the gradient of weights. */
export function sgd(options: { rate: number; momentum?: number; nesterov?: boolean; weightDecay?: number }): Optimizer {
  const { rate, momentum = 0.9, nesterov = false, weightDecay = 0 } = options;
  return {
    name: "sgd",
    rate,
    settings: { momentum, nesterov: Number(nesterov), weightDecay },
    update: (param, grad, at) => {
      const velocity = slot(param, "velocity");
      const [next, nextVelocity] = sgdMomentum(param, grad, velocity, at.rate, {
        momentum,
        nesterov,
        weightDecay: decayOf(param, weightDecay),
      });
      return [
        { target: param, value: next },
        { target: velocity, value: nextVelocity },
      ];
    },
  };
}

export interface AdamOptions {
  readonly rate: number;
  readonly beta1?: number;
  readonly beta2?: number;
  readonly epsilon?: number;
}

/** Adam, Kingma & Ba 2015. */
export const adam = (options: AdamOptions): Optimizer => adamLike("adam", { ...options, weightDecay: 0 });

/** Adam with decoupled weight decay, Loshchilov & Hutter 2019; only weights decay, biases and norms do not. */
export const adamW = (options: AdamOptions & { weightDecay?: number }): Optimizer =>
  adamLike("adamW", { weightDecay: 1e-2, ...options });

function adamLike(name: string, options: AdamOptions & { weightDecay: number }): Optimizer {
  const { rate, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weightDecay } = options;
  return {
    name,
    rate,
    settings: { beta1, beta2, epsilon, weightDecay },
    update: (param, grad, at) => {
      const [m, v] = [slot(param, "m"), slot(param, "v")];
      const [next, nextM, nextV] = adamOp(param, grad, m, v, at.rate, at.step, {
        beta1,
        beta2,
        epsilon,
        weightDecay: decayOf(param, weightDecay),
      });
      return [
        { target: param, value: next },
        { target: m, value: nextM },
        { target: v, value: nextV },
      ];
    },
  };
}

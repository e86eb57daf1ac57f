/**
 * Recurrent layers over [N, time, C], unrolled into dense layers, gates and products, so that they train and quantize
 * like these; a step of the sequence is a dozen operators. The states are zero before the first step, which is why it
 * has no recurrent products. (The operator `lstm` is the looped form of imported models.)
 */
import { add } from "../../kernels/add/add.ts";
import { concatAll } from "../../kernels/concat/concat-all.ts";
import { dense } from "../../kernels/dense/dense.ts";
import { logistic } from "../../kernels/logistic/logistic.ts";
import { mul } from "../../kernels/mul/mul.ts";
import { showShape, type Tensor } from "../../kernels/op.ts";
import { reshape } from "../../kernels/reshape/reshape.ts";
import { slice } from "../../kernels/slice/slice.ts";
import { sub } from "../../kernels/sub/sub.ts";
import { tanh } from "../../kernels/tanh/tanh.ts";
import { PithError } from "../error.ts";
import { type Layer, type LayerOptions, layerParam, once } from "./layer.ts";

export interface RecurrentOptions extends LayerOptions {
  /** The state after every step, [N, time, units], instead of after the last one, [N, units]. */
  readonly returnSequences?: boolean;
}

/** `count` values of the last dimension from `from` on, of one step where `step` is given. x: [N, time, C]. */
const part = (x: Tensor, from: number, count: number, step?: number): Tensor =>
  slice(x, { begin: [0, step ?? 0, from], size: [-1, step === undefined ? x.shape[1]! : 1, count] });

function overSteps(
  layer: string,
  x: Tensor,
  units: number,
  { returnSequences = false }: RecurrentOptions,
  step: (t: number) => Tensor,
): Tensor {
  if (x.shape.length !== 3)
    throw new PithError("shape", `${layer}: ${showShape(x.shape)}, expected [batch, time, channels]`);
  const states = Array.from({ length: x.shape[1]! }, (_, t) => step(t));
  return returnSequences ? concatAll(states, 1) : reshape(states.at(-1)!, { shape: [x.shape[0]!, units] });
}

/** Input weights with a bias and recurrent weights, [gates * units, .]; Glorot-uniform. */
const gateParams = (name: string | undefined, role: string, rows: number, channels: number, units: number) => ({
  w: layerParam(name, `${role}weights`, [rows, channels], { init: "glorotUniform", fanIn: channels, fanOut: units }),
  bias: layerParam(name, `${role}bias`, [rows], { init: "zeros" }),
  r: layerParam(name, `${role}recurrent`, [rows, units], { init: "glorotUniform", fanIn: units, fanOut: units }),
});

/**
 * Long short-term memory, gates in the order i, f, g, o as Keras has them:
 * `[i, f, g, o] = w x_t + r h + bias`, `c = logistic(f) c + logistic(i) tanh(g)`, `h = logistic(o) tanh(c)`.
 */
export function lstm(units: number, options: RecurrentOptions = {}): Layer {
  const { name } = options;
  const where = name ? `lstm "${name}"` : "lstm";
  const params = once(where, (channels) => gateParams(name, "", 4 * units, channels, units));
  return (x) => {
    const { w, bias, r } = params(x);
    const inputs = dense(x, w, bias);
    let h: Tensor | undefined;
    let c: Tensor | undefined;
    return overSteps(where, x, units, options, (t) => {
      const now = part(inputs, 0, 4 * units, t);
      const gates = h ? add(now, dense(h, r)) : now;
      const [i, f, g, o] = [0, 1, 2, 3].map((k) => part(gates, k * units, units)) as [Tensor, Tensor, Tensor, Tensor];
      const fresh = mul(logistic(i), tanh(g));
      c = c ? add(mul(logistic(f), c), fresh) : fresh;
      h = mul(logistic(o), tanh(c));
      return h;
    });
  };
}

/**
 * Gated recurrent unit, the reset-after form of Keras and cuDNN:
 * `z = logistic(wz x_t + rz h + bz)`, `r = logistic(wr x_t + rr h + br)`,
 * `n = tanh(wn x_t + bn + r (rn h + recurrentBias))`, `h = z h + (1 - z) n`.
 * Gates z, r share weights in this order. Keras' recurrent biases of z and r add to its input biases.
 */
export function gru(units: number, options: RecurrentOptions = {}): Layer {
  const { name } = options;
  const where = name ? `gru "${name}"` : "gru";
  const params = once(where, (channels) => ({
    gates: gateParams(name, "gates/", 2 * units, channels, units),
    candidate: gateParams(name, "candidate/", units, channels, units),
    recurrentBias: layerParam(name, "candidate/recurrentBias", [units], { init: "zeros" }),
  }));
  return (x) => {
    const { gates, candidate, recurrentBias } = params(x);
    const inputGates = dense(x, gates.w, gates.bias);
    const inputCandidate = dense(x, candidate.w, candidate.bias);
    let h: Tensor | undefined;
    return overSteps(where, x, units, options, (t) => {
      const now = part(inputGates, 0, 2 * units, t);
      const open = logistic(h ? add(now, dense(h, gates.r)) : now);
      const [z, r] = [part(open, 0, units), part(open, units, units)];
      const recurrent = h ? dense(h, candidate.r, recurrentBias) : recurrentBias;
      const n = tanh(add(part(inputCandidate, 0, units, t), mul(r, recurrent)));
      // z h + (1 - z) n with one product; h is zero at first.
      h = h ? add(n, mul(z, sub(h, n))) : sub(n, mul(z, n));
      return h;
    });
  };
}

import { sigmoidTable } from "../loops/sigmoid-i16.ts";
import { quantizeMultiplier } from "../numerics/requantize.ts";
import { reduceMultiplier } from "../numerics/requantize-wide.ts";
import {
  type DType,
  defineMultiOp,
  f32,
  i32,
  type LowerArg,
  type LowerCall,
  type Lowered,
  type Op,
  ptr,
  requires,
  showShape,
  showType,
  type Tensor,
  type TensorType,
} from "../op.ts";
import { quantOf } from "../pack.ts";
import { checkSymmetric } from "../pack-i16.ts";

/** `timeMajor`: x and y are [steps, batch, .]. `cellClip`: bound of the cell state, 0 for none. */
type Attrs = { readonly timeMajor: boolean; readonly cellClip: number };
type Inputs = [x: Tensor, w: Tensor, r: Tensor, bias: Tensor, hidden: Tensor, cell: Tensor];
type Outputs = readonly [y: Tensor, hidden: Tensor, cell: Tensor];

const GATES = 4;
/** Gates see their argument as Q3.12 and give Q0.15. */
const GATE_INPUT_SCALE = 2 ** -12;
const GATE_OUTPUT_SCALE = 2 ** -15;

/** Dtypes of x, w, r, bias, hidden, cell that there are kernels for. */
const DTYPES: readonly string[] = ["f32 f32 f32 f32 f32 f32", "i8 i8 i8 i32 i8 i16", "i16 i8 i8 i64 i16 i16"];

interface Sizes {
  readonly batch: number;
  readonly steps: number;
  readonly inputs: number;
  readonly units: number;
}

function sizesOf([x, , r]: readonly { readonly shape: readonly number[] }[], { timeMajor }: Attrs): Sizes {
  const [first, second, inputs] = x!.shape as readonly [number, number, number];
  const [batch, steps] = timeMajor ? [second, first] : [first, second];
  return { batch, steps, inputs, units: r!.shape[1]! };
}

/**
 * Long short-term memory over a sequence, without peepholes, projection or normalization (Hochreiter and Schmidhuber
 * 1997, forget gate of Gers et al. 2000), gates in the order i, f, g, o:
 * `[i, f, g, o] = w x_t + r h + bias`, `c = logistic(f) c + logistic(i) tanh(g)`, clipped, `h = tanh(c) logistic(o)`.
 * Returns h of every step, the last h and the last c, which are the next call's states.
 * x: [batch, steps, inputs], or [steps, batch, inputs] where timeMajor; w: [4, units, inputs]; r: [4, units, units];
 * bias: [4, units]; hidden, cell: [batch, units].
 * f32; int8 or symmetric int16 x and hidden state with int8 weights, a scale a gate, an int16 cell state whose scale is
 * a power of two, bias i32 or i64, after TensorFlow Lite Micro's reference kernel.
 */
export const lstm: Op<Inputs, Attrs, Outputs> = defineMultiOp<Inputs, Outputs, Attrs>({
  name: "lstm",
  attrs: { timeMajor: false, cellClip: 0 },
  infer: (types, attrs) => {
    const [x, w, r, bias, hidden, cell] = types;
    requires(
      x!.shape.length === 3 && r!.shape.length === 3,
      () => `lstm: x ${showShape(x!.shape)} and r ${showShape(r!.shape)}, expected three dimensions each`,
    );
    const { batch, inputs, units } = sizesOf(types, attrs);
    for (const [name, { shape }, expected] of [
      ["w", w!, [GATES, units, inputs]],
      ["r", r!, [GATES, units, units]],
      ["bias", bias!, [GATES, units]],
      ["hidden", hidden!, [batch, units]],
      ["cell", cell!, [batch, units]],
    ] as const)
      requires(
        showShape(shape) === showShape(expected),
        () => `lstm: ${name} is ${showShape(shape)}, expected ${showShape(expected)}`,
      );
    requires(
      DTYPES.includes(types.map((t) => t.dtype).join(" ")),
      () =>
        `lstm: ${types.map(showType).join(", ")}, expected dtypes ${DTYPES.map((d) => d.replaceAll(" ", ", ")).join("; or ")}`,
    );
    return [
      { dtype: x!.dtype, shape: [x!.shape[0]!, x!.shape[1]!, units] },
      { dtype: hidden!.dtype, shape: hidden!.shape },
      { dtype: cell!.dtype, shape: cell!.shape },
    ];
  },
  reference: ([x, w, r, bias, hidden, cell], attrs) => {
    const { batch, steps, inputs, units } = sizesOf([x!, w!, r!], attrs);
    const [h, c] = [hidden!.data.slice(), cell!.data.slice()];
    const y = new Float64Array(batch * steps * units);
    const logistic = (v: number): number => 1 / (1 + Math.exp(-v));
    for (let b = 0; b < batch; b++)
      for (let t = 0; t < steps; t++) {
        const at = attrs.timeMajor ? t * batch + b : b * steps + t;
        const gates = Float64Array.from(bias!.data, (start, g) => {
          let acc = start;
          for (let i = 0; i < inputs; i++) acc += x!.data[at * inputs + i]! * w!.data[g * inputs + i]!;
          for (let u = 0; u < units; u++) acc += h[b * units + u]! * r!.data[g * units + u]!;
          return acc;
        });
        for (let u = 0; u < units; u++) {
          const [i, f, g, o] = [0, 1, 2, 3].map((k) => gates[k * units + u]!) as [number, number, number, number];
          const sum = logistic(f) * c[b * units + u]! + logistic(i) * Math.tanh(g);
          const clip = attrs.cellClip > 0 ? attrs.cellClip : Number.POSITIVE_INFINITY;
          c[b * units + u] = Math.min(Math.max(sum, -clip), clip);
          h[b * units + u] = Math.tanh(c[b * units + u]!) * logistic(o);
          y[at * units + u] = h[b * units + u]!;
        }
      }
    return [y, h, c];
  },
  quantize: { unsupported: "gates and states need scales that calibration does not see; import a quantized model" },
  macs: ([x, w, r], _out, attrs) => {
    const { batch, steps, inputs, units } = sizesOf([x!, w!, r!], attrs);
    return batch * steps * GATES * units * (inputs + units);
  },
  kernels: { wasm: ["f32", "i8", "i16"], cpu: [] },
  lower: (call) => (call.inputs[0]!.dtype === "f32" ? lowerF32(call) : lowerInteger(call)),
  samples: [
    {
      inputs: [
        [1, 1, 1],
        [4, 1, 1],
        [4, 1, 1],
        [4, 1],
        [1, 1],
        [1, 1],
      ],
    },
    {
      inputs: [
        [2, 5, 3],
        [4, 7, 3],
        [4, 7, 7],
        [4, 7],
        [2, 7],
        [2, 7],
      ],
    },
    {
      inputs: [
        [4, 3, 5],
        [4, 2, 5],
        [4, 2, 2],
        [4, 2],
        [3, 2],
        [3, 2],
      ],
      attrs: { timeMajor: true, cellClip: 0.5 },
      range: [-2, 2],
    },
  ],
});

const sizeArgs = ({ batch, steps, inputs, units }: Sizes, { timeMajor }: Attrs): readonly LowerArg[] =>
  [batch, steps, inputs, units, timeMajor ? 1 : 0].map(i32);

const TENSORS: readonly LowerArg[] = [...[0, 1, 2, 3, 4, 5].map(ptr.input), ...[0, 1, 2].map(ptr.output)];
const STATES_IN_PLACE = [
  [1, 4],
  [2, 5],
] as const;

function lowerF32({ inputs, attrs }: LowerCall<Attrs>): Lowered {
  const sizes = sizesOf(inputs, attrs);
  return {
    kernel: "lstm_f32",
    args: [...TENSORS, ptr.scratch(), ...sizeArgs(sizes, attrs), f32(attrs.cellClip)],
    scratchBytes: GATES * sizes.units * 4,
    alias: STATES_IN_PLACE,
  };
}

function lowerInteger({ inputs, attrs }: LowerCall<Attrs>): Lowered {
  const [x, w, r, , hidden, cell] = inputs;
  const wide = x!.dtype === "i16";
  if (wide) checkSymmetric("lstm", [x!, hidden!]);
  checkSymmetric("lstm", [w!, r!, cell!]);
  const sizes = sizesOf(inputs, attrs);
  const cellScale = quantOf(cell!).scale[0]!;
  const { m, shift } = tanhMultiplier(cellScale);
  const zeroPoints = wide ? [] : [x!, hidden!].map((t) => i32(quantOf(t).zeroPoint[0]!));
  return {
    kernel: wide ? "lstm_i16" : "lstm_i8",
    requantize: "exact64",
    args: [
      ...TENSORS,
      ptr.const(0),
      ptr.const(1),
      ptr.scratch(),
      ...sizeArgs(sizes, attrs),
      ...zeroPoints,
      i32(clipCodes(attrs.cellClip, cellScale)),
      i32(m),
      i32(shift),
    ],
    consts: [
      { name: "multipliers", data: multipliers(x!.dtype, x!, w!, r!, hidden!, cellScale) },
      { name: "sigmoid", data: new Int16Array(sigmoidTable().buffer) },
    ],
    scratchBytes: GATES * sizes.units * 2,
    alias: STATES_IN_PLACE,
  };
}

/** { multiplier, shift } pairs: of each gate's two products (`sx * sw` rounded to f32 first), then of the cell update. */
function multipliers(
  dtype: DType,
  x: TensorType,
  w: TensorType,
  r: TensorType,
  hidden: TensorType,
  cellScale: number,
): Int32Array {
  const gate = (a: TensorType, b: TensorType, g: number): readonly number[] => {
    const scales = quantOf(b).scale;
    const product = Math.fround(quantOf(a).scale[0]! * scales[scales.length === 1 ? 0 : g]!);
    const { m, shift } = quantizeMultiplier(product / GATE_INPUT_SCALE);
    if (dtype !== "i16") return [m, shift];
    const reduced = reduceMultiplier({ m, shift });
    return [reduced.m, reduced.right];
  };
  const product = (real: number): readonly number[] => {
    const { m, shift } = quantizeMultiplier(real);
    return [m, shift];
  };
  const gates = [0, 1, 2, 3].flatMap((g) => [...gate(x, w, g), ...gate(hidden, r, g)]);
  return Int32Array.from([
    ...gates,
    ...product((GATE_OUTPUT_SCALE * cellScale) / cellScale),
    ...product(GATE_OUTPUT_SCALE ** 2 / cellScale),
    ...product(GATE_OUTPUT_SCALE ** 2 / quantOf(hidden).scale[0]!),
  ]);
}

/** From the cell state to the steps of the table, 2^-12 / 3 (lstm_eval.cc, Tanh). */
function tanhMultiplier(scale: number): { readonly m: number; readonly shift: number } {
  const power = Math.round(Math.log2(scale));
  requires(
    Math.abs(Math.log2(scale) - power) < 1e-3 && power >= -15 - 16 && power <= 1,
    () => `lstm: scale of the cell state is ${scale}, expected a power of two up to 2`,
  );
  const left = 12 + power;
  return left < 0 ? { m: 3, shift: -left } : { m: 3 * 2 ** left, shift: 0 };
}

/** The clip in codes, truncated; -1 for none. */
const clipCodes = (clip: number, scale: number): number =>
  clip > 0 ? Math.trunc(Math.min(Math.fround(clip) / scale, 32767)) : -1;

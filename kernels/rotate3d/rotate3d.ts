import { inferKeyed, type Key, keyedSamples, lowerKeyed, referenceKeyed } from "../loops/keyed.ts";
import { uniform } from "../numerics/distributions.ts";
import { defineOp, f32, type Op, requires, showShape, type Tensor } from "../op.ts";

type Attrs = Key & { angle: number; inverse: boolean };

/**
 * Augmentation: one random rotation of all 3-vectors of a sample, x [N, ..., 3]. The axis is uniform on the sphere,
 * the angle uniform in [-angle, angle] radians. Keyed (kernels/loops/keyed.ts): word 0 gives the axis' z in [-1, 1)
 * (Archimedes), word 1 its longitude, word 2 the angle. `inverse` turns back: the gradient.
 */
export const rotate3d: Op<[x: Tensor, sampleIds?: Tensor, step?: Tensor], Attrs> = defineOp({
  name: "rotate3d",
  attrs: { angle: 0, inverse: false, seed: 0, stream: 0 },
  infer: (inputs) => {
    const { shape } = inputs[0]!;
    requires(
      shape.length >= 2 && shape.at(-1) === 3,
      () => `rotate3d: ${showShape(shape)}, expected [samples, ..., 3]`,
    );
    return inferKeyed("rotate3d", inputs);
  },
  reference: (inputs, attrs) =>
    referenceKeyed(inputs, attrs, (x, word) => {
      const r = rotation(word, attrs.inverse ? -attrs.angle : attrs.angle);
      return x.map((_, i) => {
        const [row, v] = [i % 3, i - (i % 3)];
        return r[row]![0]! * x[v]! + r[row]![1]! * x[v + 1]! + r[row]![2]! * x[v + 2]!;
      });
    }),
  gradient: ({ inputs: [, ids, step], outGrads: [dy], attrs }) =>
    ids ? [rotate3d(dy!, ids, step, { ...attrs, inverse: !attrs.inverse }), undefined, undefined] : [dy],
  quantize: { unsupported: "rotate3d belongs to training; take the inference form" },
  macs: () => 0,
  kernels: { wasm: ["f32"], cpu: ["f32"] },
  lower: (call) => {
    const { angle, inverse } = call.attrs;
    return lowerKeyed("rotate3d", call, [f32((inverse ? -angle : angle) / (2 * Math.PI))]);
  },
  trainingOnly: true,
  samples: keyedSamples<Attrs>(
    [
      [1, 3],
      [3, 1, 3],
      [2, 7, 3],
    ],
    { angle: 0.3 },
  ),
});

/** Rodrigues: R = cos t I + sin t [k]x + (1 - cos t) k k^T. */
function rotation(word: (element: number) => number, angle: number): readonly (readonly number[])[] {
  const z = 2 * uniform(word(0)) - 1;
  const ring = Math.sqrt((1 - z) * (1 + z));
  const longitude = 2 * Math.PI * uniform(word(1));
  const [kx, ky, kz] = [ring * Math.cos(longitude), ring * Math.sin(longitude), z];
  const turn = angle * (2 * uniform(word(2)) - 1);
  const [c, s] = [Math.cos(turn), Math.sin(turn)];
  const d = 1 - c;
  return [
    [c + d * kx * kx, d * kx * ky - s * kz, d * kx * kz + s * ky],
    [d * kx * ky + s * kz, c + d * ky * ky, d * ky * kz - s * kx],
    [d * kx * kz - s * ky, d * ky * kz + s * kx, c + d * kz * kz],
  ];
}

/**
 * Pools, reductions and moves of integers against the plainest possible loops, in the scalar, pair and vector families;
 * composites against what they are for; the gradient of a gather.
 */
import { describe, expect, test, vi } from "vitest";
import { argMax } from "../kernels/argMax/argMax.ts";
import { averagePool2d } from "../kernels/averagePool2d/averagePool2d.ts";
import { broadcastTo } from "../kernels/broadcastTo/broadcastTo.ts";
import { mirrorPad } from "../kernels/composites/mirrorPad.ts";
import { reverse } from "../kernels/composites/reverse.ts";
import { batchToSpace, depthToSpace, spaceToBatch, spaceToDepth } from "../kernels/composites/space.ts";
import { tile } from "../kernels/composites/tile.ts";
import { concat } from "../kernels/concat/concat.ts";
import { gather } from "../kernels/gather/gather.ts";
import { gatherNd } from "../kernels/gatherNd/gatherNd.ts";
import { l2Normalization } from "../kernels/l2Normalization/l2Normalization.ts";
import { logSoftmax } from "../kernels/logSoftmax/logSoftmax.ts";
import { maxPool2d } from "../kernels/maxPool2d/maxPool2d.ts";
import { mean } from "../kernels/mean/mean.ts";
import { multiplyByQuantizedMultiplier, quantizeMultiplier, roundHalfAway } from "../kernels/numerics/requantize.ts";
import { type DType, elements, Node, type Quant, Tensor, type TensorType, type TypedArray } from "../kernels/op.ts";
import { pad } from "../kernels/pad/pad.ts";
import { resizeNearestNeighbor } from "../kernels/resizeNearestNeighbor/resizeNearestNeighbor.ts";
import { slice } from "../kernels/slice/slice.ts";
import { softmax } from "../kernels/softmax/softmax.ts";
import { stridedSlice } from "../kernels/stridedSlice/stridedSlice.ts";
import { sum } from "../kernels/sum/sum.ts";
import { transpose } from "../kernels/transpose/transpose.ts";
import { portableBases } from "../sdk/compile/emit-entry.ts";
import { compilePortable } from "../sdk/compile/portable.ts";
import { verifyModule } from "../sdk/compile/wasm/verify.ts";
import { createGraph } from "../sdk/graph/graph.ts";
import { evaluate, interpret } from "../sdk/graph/interpret.ts";
import { constant, inputLeaf } from "../sdk/graph/leaves.ts";
import { loadModule } from "../sdk/runtime/module.ts";
import { random } from "./op-samples.ts";

/** Kernels of three families are compiled on machines that do other work too. */
vi.setConfig({ testTimeout: 240_000 });

const ARRAYS = { i8: Int8Array, i16: Int16Array, i32: Int32Array, u8: Uint8Array } as const;
type Integer = keyof typeof ARRAYS;
const RANGES = { i8: [-128, 127], i16: [-32768, 32767], i32: [-(2 ** 31), 2 ** 31 - 1], u8: [0, 255] } as const;

/** Codes over the whole range; `extreme`: only its ends, so that sums reach their bounds. */
function codes(dtype: Integer, n: number, seed: number, extreme = false): TypedArray {
  const next = random(seed);
  const [least, most] = RANGES[dtype];
  const draw = (): number =>
    extreme ? (next() < 0.5 ? least : most) : Math.floor(least + (most - least + 1) * next());
  const Codes: new (values: readonly number[]) => TypedArray = ARRAYS[dtype];
  return new Codes(Array.from({ length: n }, draw));
}

const requantized = (t: Tensor, quant: Quant): Tensor =>
  new Tensor(
    new Node({
      op: t.node.op,
      inputs: t.node.inputs,
      attrs: t.node.attrs,
      types: [{ ...t.type, quant }],
      name: t.node.name,
    }),
  );

interface Case {
  readonly inputs: readonly { readonly type: TensorType; readonly data: TypedArray }[];
  readonly build: (inputs: readonly Tensor[]) => Tensor;
  readonly want: ArrayLike<number>;
}

/** All cases as one module of each family. */
async function check(cases: readonly Case[]): Promise<void> {
  const feeds: Record<string, TypedArray> = {};
  const inputs: { name: string; tensor: Tensor }[] = [];
  const outputs = cases.map((c, i) => {
    const tensors = c.inputs.map(({ type, data }, k) => {
      const name = `x${i}_${k}`;
      feeds[name] = data;
      const tensor = inputLeaf(name, type);
      inputs.push({ name, tensor });
      return tensor;
    });
    return { name: `y${i}`, tensor: c.build(tensors) };
  });
  const graph = createGraph({ inputs, outputs });
  for (const family of ["scalar", "pair", "pairdot"] as const) {
    const { wasm } = await compilePortable(graph, { name: "moves" }, family);
    const out = (await loadModule(wasm)).infer(feeds);
    cases.forEach((c, i) => {
      expect(Array.from(out[`y${i}`]! as Int8Array), `${family} case ${i}`).toEqual(Array.from(c.want));
    });
  }
}

const quantOf = (dtype: Integer): Quant => ({ scale: [Math.fround(0.05)], zeroPoint: [dtype === "i8" ? 3 : 0] });

describe("integer pools against loops over every pixel", () => {
  // Windows of 1 to 289 pixels: even and odd counts, and beyond what 16-bit lanes hold; channels around 4, 8 and 16.
  const SHAPES = [
    [3, 3, 1, 2, 2],
    [5, 4, 3, 2, 3],
    [6, 6, 4, 3, 3],
    [4, 7, 8, 4, 7],
    [5, 5, 12, 2, 2],
    [16, 16, 8, 16, 16],
    [16, 16, 5, 16, 16],
    [17, 17, 8, 17, 17],
    [25, 5, 20, 25, 5],
    [7, 9, 33, 3, 2],
  ] as const;
  for (const dtype of ["i8", "i16"] as const)
    for (const kind of ["average", "max"] as const)
      test(`${kind} of ${dtype}`, () =>
        check(
          SHAPES.flatMap(([h, w, c, kh, kw], s) =>
            (["same", "valid"] as const).map((padding, p): Case => {
              const strides = [1 + (s % 3), 1 + (s % 2)];
              const data = codes(dtype, 2 * h * w * c, s * 2 + p + 1, s % 2 === 0);
              const activation = s % 3 === 0 ? "relu" : "none";
              const attrs = { size: [kh, kw], strides, padding, activation };
              const type: TensorType = { dtype, shape: [2, h, w, c], quant: quantOf(dtype) };
              const want = pooled(kind, data as Int8Array, [2, h, w, c], attrs, type);
              return {
                inputs: [{ type, data }],
                build: ([x]) => (kind === "average" ? averagePool2d(x!, attrs) : maxPool2d(x!, attrs)),
                want,
              };
            }),
          ),
        ));
});

interface PoolAttrs {
  readonly size: readonly number[];
  readonly strides: readonly number[];
  readonly padding: "same" | "valid";
  readonly activation: string;
}

function pooled(
  kind: "average" | "max",
  x: Int8Array,
  [n, h, w, c]: readonly [number, number, number, number],
  { size: [kh, kw], strides: [sh, sw], padding, activation }: PoolAttrs,
  { dtype, quant }: TensorType,
): number[] {
  const same = padding === "same";
  const axis = (d: number, k: number, s: number): readonly [out: number, before: number] => {
    const out = same ? Math.ceil(d / s) : Math.floor((d - k) / s) + 1;
    return [out, same ? Math.max(0, (out - 1) * s + k - d) >> 1 : 0];
  };
  const [[oh, top], [ow, left]] = [axis(h, kh!, sh!), axis(w, kw!, sw!)];
  const [least, most] = RANGES[dtype as Integer];
  const lowest = activation === "relu" ? Math.max(least, quant!.zeroPoint[0]!) : least;
  const out: number[] = [];
  for (let b = 0; b < n; b++)
    for (let y = 0; y < oh; y++)
      for (let z = 0; z < ow; z++)
        for (let i = 0; i < c; i++) {
          const values: number[] = [];
          for (let r = 0; r < kh!; r++)
            for (let k = 0; k < kw!; k++) {
              const [iy, ix] = [y * sh! - top + r, z * sw! - left + k];
              if (iy >= 0 && iy < h && ix >= 0 && ix < w) values.push(x[((b * h + iy) * w + ix) * c + i]!);
            }
          const total = values.reduce((a, v) => a + v, 0);
          const value = kind === "max" ? Math.max(...values) : roundHalfAway(total / values.length);
          // + 0: no negative zero.
          out.push(Math.min(most, Math.max(lowest, value)) + 0);
        }
  return out;
}

test("integer means and sums over every combination of axes, requantized with two roundings", () =>
  check(
    (["i8", "i16"] as const).flatMap((dtype) =>
      [[], [0], [1], [2], [3], [0, 1], [1, 2], [1, 3], [2, 3], [0, 3], [0, 1, 2], [1, 2, 3], [0, 1, 2, 3]].flatMap(
        (axes, a) =>
          [
            [2, 3, 5, 4],
            [3, 2, 2, 7],
          ].map((shape, s): Case => {
            const op = a % 4 === 3 ? sum : mean;
            const data = codes(dtype, elements(shape), a * 10 + s + 1) as Int8Array;
            const qx = quantOf(dtype);
            const qy = { scale: [Math.fround(op === sum ? 1.3 : 0.031)], zeroPoint: [dtype === "i8" ? -5 : 0] };
            const build = ([x]: readonly Tensor[]): Tensor => requantized(op(x!, { axes, keepDims: s === 1 }), qy);
            const type: TensorType = { dtype, shape, quant: qx };
            return { inputs: [{ type, data }], build, want: reduced(op === mean, data, type, axes, qy) };
          }),
      ),
    ),
  ));

function reduced(isMean: boolean, x: Int8Array, type: TensorType, axes: readonly number[], qy: Quant): number[] {
  const { shape, quant, dtype } = type;
  const sums = new Map<string, number>();
  x.forEach((v, i) => {
    let rest = i;
    const at = shape.map(() => 0);
    for (let d = shape.length - 1; d >= 0; d--) {
      at[d] = rest % shape[d]!;
      rest = Math.floor(rest / shape[d]!);
    }
    const key = at.map((p, d) => (axes.includes(d) ? "-" : p)).join();
    sums.set(key, (sums.get(key) ?? 0) + v - quant!.zeroPoint[0]!);
  });
  const count = axes.reduce((n, d) => n * shape[d]!, 1);
  let { m, shift } = quantizeMultiplier(quant!.scale[0]! / qy.scale[0]!);
  if (isMean) {
    const k = Math.min(31 - Math.clz32(count), 31 + shift);
    m = Number((BigInt(m) << BigInt(k)) / BigInt(count));
    shift -= k;
  }
  const [least, most] = RANGES[dtype as Integer];
  return [...sums.values()].map((acc) =>
    Math.min(most, Math.max(least, multiplyByQuantizedMultiplier(acc, { m, shift }) + qy.zeroPoint[0]!)),
  );
}

describe("moves of every dtype give the values of the reference", () => {
  const MOVES: readonly (readonly [shapes: readonly (readonly number[])[], build: (x: readonly Tensor[]) => Tensor])[] =
    [
      [[[2, 3, 4, 5]], ([x]) => transpose(x!, { order: [0, 3, 1, 2] })],
      [[[2, 3, 2, 2, 3]], ([x]) => transpose(x!, { order: [4, 0, 3, 1, 2] })],
      [[[2, 3, 2, 2, 2, 3]], ([x]) => transpose(x!, { order: [5, 1, 3, 0, 4, 2] })],
      [[[3, 11]], ([x]) => transpose(x!, { order: [1, 0] })],
      [[[2, 5, 9]], ([x]) => slice(x!, { begin: [1, 1, 0], size: [1, 3, 9] })],
      [[[3, 5, 9]], ([x]) => slice(x!, { begin: [0, 2, 1], size: [3, 2, 7] })],
      [[[3, 7, 5]], ([x]) => stridedSlice(x!, { begin: [2, 6, 0], size: [3, 3, 2], strides: [-1, -3, 4] })],
      [[[2, 1, 5]], ([x]) => broadcastTo(x!, { shape: [3, 2, 4, 5] })],
      [[[3, 1]], ([x]) => broadcastTo(x!, { shape: [3, 9] })],
      [[[1, 3, 5, 2]], ([x]) => pad(x!, { paddings: [1, 0, 1, 2, 2, 1, 0, 3], value: 7 })],
      [[[4, 3]], ([x]) => pad(x!, { paddings: [0, 2, 1, 1], value: 0 })],
      [[[5]], ([x]) => pad(x!, { paddings: [2, 0], value: -1 })],
      [[[2, 1, 3]], ([x]) => pad(x!, { paddings: [0, 0, 1, 1, 0, 0], value: 1 })],
      [
        [
          [2, 3, 2],
          [2, 1, 2],
          [2, 4, 2],
        ],
        (x) => concat(...x, { axis: 1 }),
      ],
      [
        [
          [3, 2],
          [3, 9],
        ],
        (x) => concat(...x, { axis: -1 }),
      ],
      [[[2, 3, 4, 3]], ([x]) => resizeNearestNeighbor(x!, { size: [5, 7], halfPixelCenters: true })],
      [[[4, 5, 3]], ([x]) => gather(x!, constant(Int32Array.of(4, 0, -1, 9), [2, 2], { dtype: "i32" }), { axis: 1 })],
      [[[4, 5, 3]], ([x]) => gatherNd(x!, constant(Int32Array.of(3, 4, 0, 1), [2, 2], { dtype: "i32" }))],
    ];
  for (const dtype of ["i8", "i16", "u8", "i32"] as const)
    test(dtype, () =>
      check(
        MOVES.map(([shapes, build], i): Case => {
          const inputs = shapes.map((shape, k) => ({
            type: { dtype: dtype as DType, shape },
            data: codes(dtype, elements(shape), i * 5 + k + 1),
          }));
          const leaves = inputs.map(({ type }, k) => inputLeaf(`r${k}`, type));
          const graph = createGraph({
            inputs: leaves.map((tensor, k) => ({ name: `r${k}`, tensor })),
            outputs: [{ name: "y", tensor: build(leaves) }],
          });
          const feeds = Object.fromEntries(inputs.map(({ data }, k) => [`r${k}`, data as Int8Array]));
          const reference = interpret(graph, feeds).outputs["y"]!.data;
          // -1 as an unsigned code is held at 0.
          return { inputs, build, want: dtype === "u8" ? reference.map((v) => Math.max(0, v)) : reference };
        }),
      ),
    );
});

describe("composites", () => {
  const values = (n: number): Float32Array => Float32Array.from({ length: n }, (_, i) => i + 1);
  const x = (shape: readonly number[]): Tensor => constant(values(elements(shape)), shape);
  const data = async (t: Tensor): Promise<number[]> => Array.from((await evaluate(t)).data);

  test("depthToSpace lays the channels of a pixel out as a block", async () => {
    const y = depthToSpace(x([1, 1, 2, 4]), { block: 2 });
    expect(y.shape).toEqual([1, 2, 4, 1]);
    expect(await data(y)).toEqual([1, 2, 5, 6, 3, 4, 7, 8]);
  });

  test("spaceToDepth undoes depthToSpace, batchToSpace undoes spaceToBatch", async () => {
    const image = x([2, 3, 5, 12]);
    expect(await data(spaceToDepth(depthToSpace(image, { block: 2 }), { block: 2 }))).toEqual(await data(image));
    const batch = spaceToBatch(x([2, 5, 4, 3]), { block: [2, 3], paddings: [0, 1, 1, 1] });
    expect(batch.shape).toEqual([12, 3, 2, 3]);
    const back = batchToSpace(batch, { block: [2, 3], crops: [0, 1, 1, 1] });
    expect(await data(back)).toEqual(await data(x([2, 5, 4, 3])));
  });

  test("spaceToBatch takes pixels of equal position in their block", async () => {
    const y = spaceToBatch(x([1, 4, 1]), { block: [2], paddings: [0, 0] });
    expect(y.shape).toEqual([2, 2, 1]);
    expect(await data(y)).toEqual([1, 3, 2, 4]);
  });

  test("mirrorPad leaves the edge out or repeats it", async () => {
    const reflect = mirrorPad(x([4]), { paddings: [3, 2], mode: "reflect" });
    expect(await data(reflect)).toEqual([4, 3, 2, 1, 2, 3, 4, 3, 2]);
    const symmetric = mirrorPad(x([2, 2]), { paddings: [1, 0, 0, 2], mode: "symmetric" });
    expect(await data(symmetric)).toEqual([1, 2, 2, 1, 1, 2, 2, 1, 3, 4, 4, 3]);
    expect(() => mirrorPad(x([4]), { paddings: [4, 0], mode: "reflect" })).toThrow("at most its size less 1");
  });

  test("tile repeats, reverse turns around", async () => {
    expect(await data(tile(x([1, 2]), { multiples: [2, 3] }))).toEqual([1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2]);
    expect(await data(reverse(x([2, 3]), { axes: [-1] }))).toEqual([3, 2, 1, 6, 5, 4]);
    expect(await data(reverse(x([2, 3]), { axes: [0, 1] }))).toEqual([6, 5, 4, 3, 2, 1]);
  });
});

test("the gradient of a gather adds what came from one place", async () => {
  const x = constant(
    Float32Array.from({ length: 12 }, (_, i) => i),
    [2, 3, 2],
  );
  const indices = constant(Int32Array.of(2, 0, 2), [3], { dtype: "i32" });
  const y = gather(x, indices, { axis: 1 });
  const dy = constant(
    Float32Array.from({ length: 12 }, (_, i) => i + 1),
    [2, 3, 2],
  );
  const [dx] = gather.definition.gradient!({
    inputs: [x, indices],
    outputs: [y],
    outGrads: [dy],
    attrs: { axis: 1, batchDims: 0 },
  });
  expect(Array.from((await evaluate(dx!)).data)).toEqual([3, 4, 0, 0, 6, 8, 9, 10, 0, 0, 18, 20]);
});

test("no input moves an access out of its region where data is part of an address or ends a loop", async () => {
  const unit = (dtype: DType, shape: readonly number[], quant?: Quant): TensorType => ({
    dtype,
    shape,
    ...(quant ? { quant } : {}),
  });
  const q: Quant = { scale: [Math.fround(0.05)], zeroPoint: [3] };
  const symmetric: Quant = { scale: [1 / 4096], zeroPoint: [0] };
  const x = inputLeaf("x", unit("i8", [4, 5, 3], q));
  const indices = inputLeaf("indices", unit("i32", [2, 3]));
  const wide = inputLeaf("wide", unit("i16", [2, 9], symmetric));
  const outputs = [
    gather(x, indices, { axis: 1 }),
    gatherNd(x, indices),
    argMax(x, { axis: 1 }),
    requantized(l2Normalization(x), { scale: [1 / 128], zeroPoint: [0] }),
    requantized(logSoftmax(x), { scale: [1 / 16], zeroPoint: [127] }),
    requantized(softmax(x), { scale: [1 / 256], zeroPoint: [-128] }),
    requantized(softmax(wide), { scale: [1 / 32768], zeroPoint: [0] }),
  ];
  const graph = createGraph({
    inputs: [x, indices, wide].map((tensor) => ({ name: tensor.node.name, tensor })),
    outputs: outputs.map((tensor, i) => ({ name: `y${i}`, tensor })),
  });
  const { wasm, plan } = await compilePortable(graph, { name: "lookups" }, "scalar");
  const { arena, state, weights } = portableBases(plan);
  const report = verifyModule(wasm, {
    arena: { address: arena, bytes: plan.arenaBytes },
    state: { address: state, bytes: plan.stateBytes },
    weights: { address: weights, bytes: plan.weightsBytes },
  });
  expect(report.checks.filter((c) => !c.ok)).toEqual([]);
});

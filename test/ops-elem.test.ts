import { describe, expect, test } from "vitest";
import { abs } from "../kernels/abs/abs.ts";
import { accuracy } from "../kernels/accuracy/accuracy.ts";
import { adam } from "../kernels/adam/adam.ts";
import { add } from "../kernels/add/add.ts";
import { addN } from "../kernels/addN/addN.ts";
import { argMax } from "../kernels/argMax/argMax.ts";
import { argMin } from "../kernels/argMin/argMin.ts";
import { broadcastTo } from "../kernels/broadcastTo/broadcastTo.ts";
import { cast } from "../kernels/cast/cast.ts";
import { ceil } from "../kernels/ceil/ceil.ts";
import { concat } from "../kernels/concat/concat.ts";
import { cos } from "../kernels/cos/cos.ts";
import { cumsum } from "../kernels/cumsum/cumsum.ts";
import { dequantize } from "../kernels/dequantize/dequantize.ts";
import { div } from "../kernels/div/div.ts";
import { dropout } from "../kernels/dropout/dropout.ts";
import { elu } from "../kernels/elu/elu.ts";
import { equal } from "../kernels/equal/equal.ts";
import { exp } from "../kernels/exp/exp.ts";
import { floor } from "../kernels/floor/floor.ts";
import { floorDiv } from "../kernels/floorDiv/floorDiv.ts";
import { floorMod } from "../kernels/floorMod/floorMod.ts";
import { gather } from "../kernels/gather/gather.ts";
import { greater } from "../kernels/greater/greater.ts";
import { hardSwish } from "../kernels/hardSwish/hardSwish.ts";
import { jitter } from "../kernels/jitter/jitter.ts";
import { l2Normalization } from "../kernels/l2Normalization/l2Normalization.ts";
import { leakyRelu } from "../kernels/leakyRelu/leakyRelu.ts";
import { less } from "../kernels/less/less.ts";
import { lessEqual } from "../kernels/lessEqual/lessEqual.ts";
import { log } from "../kernels/log/log.ts";
import { logicalAnd } from "../kernels/logicalAnd/logicalAnd.ts";
import { logicalNot } from "../kernels/logicalNot/logicalNot.ts";
import { logicalOr } from "../kernels/logicalOr/logicalOr.ts";
import { logistic } from "../kernels/logistic/logistic.ts";
import { logSoftmax } from "../kernels/logSoftmax/logSoftmax.ts";
import { maximum } from "../kernels/maximum/maximum.ts";
import { mean } from "../kernels/mean/mean.ts";
import { minimum } from "../kernels/minimum/minimum.ts";
import { mse } from "../kernels/mse/mse.ts";
import { mul } from "../kernels/mul/mul.ts";
import { notEqual } from "../kernels/notEqual/notEqual.ts";
import type { Attrs, OpDefinition, Sample, TypedArray } from "../kernels/op.ts";
import { pad } from "../kernels/pad/pad.ts";
import { prelu } from "../kernels/prelu/prelu.ts";
import { quantize } from "../kernels/quantize/quantize.ts";
import { reduceMax } from "../kernels/reduceMax/reduceMax.ts";
import { reduceMin } from "../kernels/reduceMin/reduceMin.ts";
import { relu } from "../kernels/relu/relu.ts";
import { relu6 } from "../kernels/relu6/relu6.ts";
import { reluN1To1 } from "../kernels/reluN1To1/reluN1To1.ts";
import { reshape } from "../kernels/reshape/reshape.ts";
import { resizeBilinear } from "../kernels/resizeBilinear/resizeBilinear.ts";
import { resizeNearestNeighbor } from "../kernels/resizeNearestNeighbor/resizeNearestNeighbor.ts";
import { rotate3d } from "../kernels/rotate3d/rotate3d.ts";
import { round } from "../kernels/round/round.ts";
import { rsqrt } from "../kernels/rsqrt/rsqrt.ts";
import { sgdMomentum } from "../kernels/sgdMomentum/sgdMomentum.ts";
import { sin } from "../kernels/sin/sin.ts";
import { slice } from "../kernels/slice/slice.ts";
import { softmax } from "../kernels/softmax/softmax.ts";
import { softmaxCrossEntropy } from "../kernels/softmaxCrossEntropy/softmaxCrossEntropy.ts";
import { softmaxCrossEntropyGradient } from "../kernels/softmaxCrossEntropyGradient/softmaxCrossEntropyGradient.ts";
import { sqrt } from "../kernels/sqrt/sqrt.ts";
import { squaredDifference } from "../kernels/squaredDifference/squaredDifference.ts";
import { standardize } from "../kernels/standardize/standardize.ts";
import { stridedSlice } from "../kernels/stridedSlice/stridedSlice.ts";
import { sub } from "../kernels/sub/sub.ts";
import { sum } from "../kernels/sum/sum.ts";
import { tanh } from "../kernels/tanh/tanh.ts";
import { transpose } from "../kernels/transpose/transpose.ts";
import { where } from "../kernels/where/where.ts";
import {
  compileWasm,
  drawInputs,
  inputTypes,
  lowerSample,
  type Placed,
  runCpu,
  runWasm,
  toRef,
} from "./elem-harness.ts";

const OPS = {
  argMax,
  argMin,
  cumsum,
  gather,
  l2Normalization,
  logSoftmax,
  reduceMax,
  reduceMin,
  resizeBilinear,
  resizeNearestNeighbor,
  stridedSlice,
  abs,
  addN,
  cast,
  ceil,
  cos,
  elu,
  equal,
  floor,
  floorDiv,
  floorMod,
  hardSwish,
  leakyRelu,
  less,
  lessEqual,
  logicalAnd,
  logicalNot,
  logicalOr,
  logistic,
  maximum,
  minimum,
  notEqual,
  prelu,
  reluN1To1,
  round,
  rsqrt,
  sin,
  squaredDifference,
  tanh,
  where,
  accuracy,
  adam,
  add,
  broadcastTo,
  concat,
  dequantize,
  div,
  dropout,
  exp,
  greater,
  jitter,
  log,
  mean,
  mse,
  mul,
  pad,
  quantize,
  relu,
  relu6,
  reshape,
  rotate3d,
  sgdMomentum,
  slice,
  softmax,
  softmaxCrossEntropy,
  softmaxCrossEntropyGradient,
  sqrt,
  standardize,
  sub,
  sum,
  transpose,
};

const definitions: readonly OpDefinition<Attrs>[] = Object.values(OPS).map(
  (op) => op.definition as OpDefinition<Attrs>,
);
const wasmFolders = definitions.filter((d) => d.kernels.wasm.length > 0).map((d) => d.name);
const cpuFolders = definitions.filter((d) => d.kernels.cpu.length > 0).map((d) => d.name);
const wasm = await compileWasm(wasmFolders);

interface Case extends Placed {
  readonly definition: OpDefinition<Attrs>;
  readonly attrs: Attrs;
  readonly sample: Sample;
}

const cases: readonly Case[] = definitions.flatMap((definition) =>
  definition.samples.map((sample, i): Case => {
    const types = inputTypes(sample);
    const attrs: Attrs = { ...definition.attrs, ...(sample.attrs as Attrs | undefined) };
    const outputs = definition.infer(types, attrs);
    const name = `${definition.name} ${JSON.stringify(sample.inputs)} ${JSON.stringify(sample.attrs ?? {})}`;
    return {
      name,
      definition,
      sample,
      attrs,
      inputs: drawInputs(sample, i + 1),
      outputs,
      lowered: lowerSample(definition, types, outputs, attrs),
    };
  }),
);
const called = cases.filter((c) => c.lowered.kernel !== null);

const onCpu = called.filter((c) => c.definition.kernels.cpu.length > 0 && /_(f32|bytes)$/.test(c.lowered.kernel!));

/** Words of 4-byte values, with one zero; bytes of narrower ones. */
const bits = (data: TypedArray): number[] =>
  data.BYTES_PER_ELEMENT < 4
    ? [...new Uint8Array(data.buffer, data.byteOffset, data.byteLength)]
    : [...new Uint32Array(data.buffer, data.byteOffset, data.length)].map((b) => (b === 0x80000000 ? 0 : b));

describe("f32 kernels on wasm", () => {
  test.each(called.map((c) => [c.name, c] as const))("%s agrees with the f64 reference", (_name, c) => {
    const want = c.definition.reference(
      c.inputs.map((x, i) => toRef(x, c.sample.inputs[i]!)),
      c.attrs,
      c.outputs,
    );
    const got = runWasm(wasm, c);
    // Sums of n values in [-r, r] err by n * n * r * 2^-24 at most; exp, log and sqrt by a few 2^-23 each.
    const n = Math.max(...c.sample.inputs.map((s) => s.reduce((p, d) => p * d, 1)));
    const tolerance = (v: number): number => (8 + n) * 2 ** -24 * Math.max(1, Math.abs(v), 4);
    want.forEach((w, o) => {
      for (let i = 0; i < w.length; i++)
        expect(
          Math.abs(Number(got[o]![i]) - w[i]!),
          `output ${o}[${i}]: ${got[o]![i]}, want ${w[i]}`,
        ).toBeLessThanOrEqual(tolerance(w[i]!));
    });
  });

  test.each(called.map((c) => [c.name, c] as const))("%s gives the same bits in parts and in place", (_name, c) => {
    const whole = runWasm(wasm, c).map(bits);
    expect(runWasm(wasm, c, 3).map(bits)).toEqual(whole);
    expect(runWasm(wasm, c, 2, true).map(bits)).toEqual(whole);
  });
});

test("f32 kernels in C++ give the bits of wasm (signs of zero apart)", () => {
  const cpu = runCpu(cpuFolders, onCpu);
  onCpu.forEach((c, i) => {
    const got = cpu[i]!.map((y) => [...y].map((b) => (b === 0x80000000 ? 0 : b)));
    expect(got, c.name).toEqual(runWasm(wasm, c).map(bits));
  });
});

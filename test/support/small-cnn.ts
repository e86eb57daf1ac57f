/** A small int8 network with fixed weights: convolution, depthwise, pooling, dense, then float softmax. */
import { averagePool2d } from "../../kernels/averagePool2d/averagePool2d.ts";
import { conv2d } from "../../kernels/conv2d/conv2d.ts";
import { dense } from "../../kernels/dense/dense.ts";
import { depthwiseConv2d } from "../../kernels/depthwiseConv2d/depthwiseConv2d.ts";
import { dequantize } from "../../kernels/dequantize/dequantize.ts";
import { Node, type Quant, Tensor } from "../../kernels/op.ts";
import { reshape } from "../../kernels/reshape/reshape.ts";
import { softmax } from "../../kernels/softmax/softmax.ts";
import { RandomStream } from "../../sdk/data/random-stream.ts";
import { createGraph } from "../../sdk/graph/graph.ts";
import { constant, inputLeaf } from "../../sdk/graph/leaves.ts";
import type { Model } from "../../sdk/model.ts";

const CODES: Quant = { scale: [Math.fround(0.05)], zeroPoint: [-3] };

/** The same node with a quantized output. */
const quantized = (t: Tensor, quant: Quant): Tensor =>
  new Tensor(new Node({ ...t.node, types: [{ ...t.type, dtype: "i8", quant }] }));

/** i8 image [1, 9, 7, 3] to f32 probabilities [1, 5]. */
export function smallCnn(): Model {
  const random = new RandomStream(11, [0, 0]);
  const int = (n: number, range: number) =>
    Array.from({ length: n }, () => Math.round((random.uniform() - 0.5) * range));
  const weights = (shape: readonly number[], axis: number, name: string): Tensor => {
    const n = shape.reduce((a, b) => a * b, 1);
    const scale = Array.from({ length: shape[axis]! }, (_, i) => Math.fround(0.002 * (i + 1)));
    const quant = { scale, zeroPoint: scale.map(() => 0), axis };
    return constant(Int8Array.from(int(n, 254)), shape, { name, quant });
  };
  const bias = (n: number, name: string): Tensor => constant(Int32Array.from(int(n, 2000)), [n], { name });
  const image = inputLeaf("image", {
    dtype: "i8",
    shape: [1, 9, 7, 3],
    quant: { scale: [Math.fround(0.02)], zeroPoint: [5] },
  });
  const layer = (t: Tensor): Tensor => quantized(t, CODES);
  let x = layer(conv2d(image, weights([6, 3, 3, 3], 0, "w1"), bias(6, "b1"), { padding: "same", activation: "relu" }));
  x = layer(depthwiseConv2d(x, weights([1, 3, 3, 6], 3, "w2"), bias(6, "b2"), { padding: "same", strides: [2, 2] }));
  x = layer(conv2d(x, weights([8, 1, 1, 6], 0, "w3"), bias(8, "b3")));
  x = quantized(averagePool2d(x, { size: [5, 4] }), CODES);
  x = quantized(reshape(x, { shape: [1, 8] }), CODES);
  x = layer(dense(x, weights([5, 8], 0, "w4"), bias(5, "b4")));
  const y = softmax(dequantize(x));
  return {
    name: "cnn",
    graph: createGraph({ inputs: [{ name: "image", tensor: image }], outputs: [{ name: "classes", tensor: y }] }),
  };
}

/**
 * An int8 graph of ours as QLinear ONNX (onnx.proto3 and the com.microsoft operators of ONNX Runtime), NCHW, with u8
 * activations, code + 128: the form that ONNX Runtime runs fastest. Only what the reference models need.
 */
import { geometryOf, type WindowAttrs } from "../../kernels/conv/geometry.ts";
import { type Node, Tensor, type TypedArray } from "../../kernels/op.ts";
import { quantOf } from "../../kernels/pack.ts";
import type { Graph } from "../../sdk/graph/graph.ts";
import { bytes, type Field, int, joined, message, text } from "./protobuf.ts";

const TYPE = { f32: 1, u8: 2, i8: 3, i32: 6 } as const;
const MICROSOFT = "com.microsoft";

type AttrValue = number | readonly number[];

/** AttributeProto: an integer or a list of them. */
function attribute(name: string, value: AttrValue): Field {
  const [kind, values] = typeof value === "number" ? [2, [int(3, value)]] : [7, value.map((v) => int(8, v))];
  return message(5, [text(1, name), ...values, int(20, kind)]);
}

const tensorProto = (name: string, type: number, dims: readonly number[], data: TypedArray): Field =>
  message(5, [
    ...dims.map((d) => int(1, d)),
    int(2, type),
    text(8, name),
    bytes(9, new Uint8Array(data.buffer, data.byteOffset, data.byteLength)),
  ]);

/** ValueInfoProto of a u8 tensor. */
const valueInfo = (field: number, name: string, shape: readonly number[]): Field =>
  message(field, [
    text(1, name),
    message(2, [
      message(1, [
        int(1, TYPE.u8),
        message(
          2,
          shape.map((d) => message(1, [int(1, d)])),
        ),
      ]),
    ]),
  ]);

const modelProto = (graph: readonly Field[]): Uint8Array =>
  joined([
    int(1, 8),
    message(7, [text(2, "model"), ...graph]),
    message(8, [text(1, ""), int(2, 17)]),
    message(8, [text(1, MICROSOFT), int(2, 1)]),
  ]);

/** [n, h, w, c] as [n, c, h, w]; other ranks stay. */
const toNchw = ([n, h, w, c, ...rest]: readonly number[]): readonly number[] =>
  w === undefined || c === undefined || rest.length > 0 ? [n!, h!].filter((d) => d !== undefined) : [n!, c, h!, w];

class OnnxWriter {
  readonly nodes: Field[] = [];
  readonly initializers: Field[] = [];
  private readonly names = new Map<string, string>();

  name(t: Tensor): string {
    const key = `${t.node.name}:${t.index}`;
    const found = this.names.get(key) ?? `t${this.names.size}`;
    this.names.set(key, found);
    return found;
  }

  alias(t: Tensor, of: Tensor): void {
    this.names.set(`${t.node.name}:${t.index}`, this.name(of));
  }

  constant(type: number, dims: readonly number[], data: TypedArray): string {
    const name = `c${this.initializers.length}`;
    this.initializers.push(tensorProto(name, type, dims, data));
    return name;
  }

  /** Scale and zero point of a u8 activation. */
  activation(t: Tensor): readonly [scale: string, zeroPoint: string] {
    const { scale, zeroPoint } = quantOf(t.type);
    return [
      this.constant(TYPE.f32, [], Float32Array.from(scale)),
      this.constant(
        TYPE.u8,
        [],
        Uint8Array.from(zeroPoint, (z) => z + 128),
      ),
    ];
  }

  /** Weights with scales and zero points; `dims` of the stored order. */
  weights(t: Tensor, dims: readonly number[], data: Int8Array): readonly [string, string, string] {
    const { scale } = quantOf(t.type);
    const shape = scale.length === 1 ? [] : [scale.length];
    return [
      this.constant(TYPE.i8, dims, data),
      this.constant(TYPE.f32, shape, Float32Array.from(scale)),
      this.constant(TYPE.i8, shape, new Int8Array(scale.length)),
    ];
  }

  node(
    op: string,
    inputs: readonly string[],
    out: Tensor,
    attrs: Readonly<Record<string, AttrValue>>,
    domain = "",
  ): void {
    this.nodes.push(
      message(1, [
        ...inputs.map((i) => text(1, i)),
        text(2, this.name(out)),
        text(4, op),
        ...Object.entries(attrs).map(([name, value]) => attribute(name, value)),
        text(7, domain),
      ]),
    );
  }
}

type Row = (w: OnnxWriter, node: Node, inputs: readonly Tensor[], out: Tensor) => void;

const bias = (w: OnnxWriter, b: Tensor | undefined): readonly string[] =>
  b ? [w.constant(TYPE.i32, b.shape, b.node.data!)] : [];

function convolution(isDepthwise: boolean): Row {
  return (w, node, [x, k, b], out) => {
    const weights = k!.node.data as Int8Array;
    const [outer, kh, kw, inner] = k!.shape as readonly [number, number, number, number];
    const [oc, ic] = isDepthwise ? [inner, 1] : [outer, inner];
    const ordered = new Int8Array(weights.length);
    for (let o = 0; o < oc; o++)
      for (let i = 0; i < ic; i++)
        for (let t = 0; t < kh * kw; t++)
          ordered[(o * ic + i) * kh * kw + t] = weights[isDepthwise ? t * oc + o : (o * kh * kw + t) * ic + i]!;
    const { h, w: across } = geometryOf(node.op, x!.shape, [kh, kw], node.attrs as WindowAttrs);
    const after = [h, across].map((a) =>
      Math.max(0, (a.output - 1) * a.stride + (a.kernel - 1) * a.dilation + 1 - a.input - a.before),
    );
    w.node(
      "QLinearConv",
      [
        w.name(x!),
        ...w.activation(x!),
        ...w.weights(k!, [oc, ic, kh, kw], ordered),
        ...w.activation(out),
        ...bias(w, b),
      ],
      out,
      {
        kernel_shape: [kh, kw],
        strides: [h.stride, across.stride],
        dilations: [h.dilation, across.dilation],
        pads: [h.before, across.before, ...after],
        group: isDepthwise ? x!.shape[3]! : 1,
      },
    );
  };
}

const ROWS: Readonly<Record<string, Row>> = {
  conv2d: convolution(false),
  depthwiseConv2d: convolution(true),
  dense: (w, _node, [x, k, b], out) =>
    w.node(
      "QGemm",
      [
        w.name(x!),
        ...w.activation(x!),
        ...w.weights(k!, k!.shape, k!.node.data as Int8Array),
        ...(b ? bias(w, b) : [""]),
        ...w.activation(out),
      ],
      out,
      { transB: 1 },
      MICROSOFT,
    ),
  add: (w, _node, [a, b], out) =>
    w.node(
      "QLinearAdd",
      [w.name(a!), ...w.activation(a!), w.name(b!), ...w.activation(b!), ...w.activation(out)],
      out,
      {},
      MICROSOFT,
    ),
  averagePool2d: (w, node, [x], out) => {
    if (out.shape[1] !== 1 || out.shape[2] !== 1) throw new Error(`onnx: "${node.name}" is no global average pool`);
    w.node(
      "QLinearGlobalAveragePool",
      [w.name(x!), ...w.activation(x!), ...w.activation(out)],
      out,
      { channels_last: 0 },
      MICROSOFT,
    );
  },
  softmax: (w, _node, [x], out) =>
    w.node(
      "QLinearSoftmax",
      [w.name(x!), ...w.activation(x!), ...w.activation(out)],
      out,
      { axis: 1, opset: 17 },
      MICROSOFT,
    ),
  reshape: (w, _node, [x], out) => {
    if (x!.shape.length !== 4) return w.alias(out, x!);
    // Behind a global pool only: NCHW and NHWC are then one order.
    const shape = w.constant(7, [out.shape.length], BigInt64Array.from(out.shape, BigInt));
    w.node("Reshape", [w.name(x!), shape], out, {});
  },
};

/** The model file. Input and output are u8, the input NCHW. Throws on an operator that the table has not. */
export function onnxOf(graph: Graph): Uint8Array {
  const writer = new OnnxWriter();
  const [input] = graph.inputs;
  const [output] = graph.outputs;
  for (const node of graph.nodes) {
    if (["input", "const"].includes(node.op)) continue;
    const row = ROWS[node.op];
    if (!row) throw new Error(`onnx: no row for ${node.op}, expected one of ${Object.keys(ROWS).join(", ")}`);
    row(writer, node, node.inputs, new Tensor(node));
  }
  return modelProto([
    ...writer.nodes,
    ...writer.initializers,
    valueInfo(11, writer.name(input!.tensor), toNchw(input!.tensor.shape)),
    valueInfo(12, writer.name(output!.tensor), toNchw(output!.tensor.shape)),
  ]);
}

/** A model whose one node copies one byte: what a call alone costs. */
export const emptyOnnx = (): Uint8Array =>
  modelProto([
    message(1, [text(1, "x"), text(2, "y"), text(4, "Identity")]),
    valueInfo(11, "x", [1]),
    valueInfo(12, "y", [1]),
  ]);

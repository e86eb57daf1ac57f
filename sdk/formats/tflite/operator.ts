/**
 * What an operator of a .tflite file is to the importer: a row `NAME: (call) => tensors` in one of the tables in
 * operators/. A row normalizes into pith operators, so that nothing downstream knows TensorFlow Lite.
 */
import { Node, Tensor, type TensorType, type TypedArray } from "../../../kernels/op.ts";

/** The builtin options table, fields by their index in the published schema; absent fields give the default. */
export interface Options {
  byte(index: number, absent?: number): number;
  bool(index: number, absent?: boolean): boolean;
  int(index: number, absent?: number): number;
  float(index: number, absent?: number): number;
  ints(index: number): readonly number[];
}

export interface TfliteCall {
  /** Schema name: "CONV_2D". */
  readonly operator: string;
  readonly version: number;
  /** Unique name for the node made of it. */
  readonly name: string;
  /** Constant inputs are const nodes (int4 unpacked to one value a byte, dtype i4); optional ones may be undefined. */
  readonly inputs: readonly (Tensor | undefined)[];
  /** As the file declares them, quantization included. */
  readonly outputs: readonly TensorType[];
  readonly options: Options;
  /** Input `index`; throws "import" naming operator and input where it is absent. */
  input(index: number): Tensor;
  /** Values of constant input `index` as numbers; throws "import" where it is computed or absent. */
  constant(index: number): readonly number[];
  constantData(index: number): TypedArray;
  /** Throws a typed error naming operator, version and node: what was received, what is supported, what to do. */
  refuse(received: string, supported: string, todo?: string): never;
  /** A state leaf for operators that carry variables (SVDF, LSTM): its tensor, and how to set its next value. */
  state(name: string, type: TensorType): Tensor;
  update(state: Tensor, value: Tensor): void;
}

export type TfliteOperator = (call: TfliteCall) => readonly Tensor[];

/**
 * The tensor with the type that the file declares: dtype and shape must be what was inferred, quantization is the
 * file's. This is how imported scales reach the graph.
 */
export function typed(tensor: Tensor, type: TensorType): Tensor {
  const { node, index } = tensor;
  const types = node.types.map((t, i) => (i === index ? type : t));
  return new Tensor(
    new Node({ op: node.op, inputs: node.inputs, attrs: node.attrs, types, name: node.name, data: node.data }),
    index,
  );
}

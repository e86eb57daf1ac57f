/**
 * What an operator of a .tflite file is to the importer: a row `NAME: (call) => tensors` in one of the tables in
 * operators/. A row normalizes into pith operators, so that nothing downstream knows TensorFlow Lite.
 *
 * The importer checks around a row what every row needs: inputs exist, dtypes are known, outputs have the dtype and
 * number of values that the file declares. A RangeError from an operator's `infer` becomes an "import" error that
 * names operator, version and node.
 */
import { elements, Node, requires, showType, Tensor, type TensorType, type TypedArray } from "../../../kernels/op.ts";
import { sameShape } from "../../graph/same-type.ts";

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
  /** Unique name for the node made of it; a row that makes several appends "/<what>". */
  readonly name: string;
  /**
   * Constant inputs are const nodes (int4 unpacked to one value a byte, dtype i4), variable tensors are state leaves
   * (their next value is set with `update`); optional ones may be undefined.
   */
  readonly inputs: readonly (Tensor | undefined)[];
  /** As the file declares them, quantization included. */
  readonly outputs: readonly TensorType[];
  /** Types of the intermediate tensors (UNIDIRECTIONAL_SEQUENCE_LSTM int8: gates' and hidden scales). */
  readonly intermediates: readonly TensorType[];
  readonly options: Options;
  /** Input `index`; throws "import" naming operator and input where it is absent. */
  input(index: number): Tensor;
  /** Values of constant input `index` as numbers, at most 65,536; throws "import" where it is computed or absent. */
  constant(index: number): readonly number[];
  /** As above, the array itself, of any length. */
  constantData(index: number): TypedArray;
  isConstant(index: number): boolean;
  /** The fused activation of options field `index`, as operators name it; those without a kernel are refused. */
  activation(index: number): string;
  /** Throws a typed error naming operator, version and node: what was received, what is supported, what to do. */
  refuse(received: string, supported: string, todo?: string): never;
  /** A state leaf of zeros (int8: the zero point, as TensorFlow Lite Micro resets variables). */
  state(name: string, type: TensorType): Tensor;
  /** The value that a state has after the call. */
  update(state: Tensor, value: Tensor): void;
}

export type TfliteOperator = (call: TfliteCall) => readonly Tensor[];

/** A table of rows by schema name. */
export type TfliteTable = Readonly<Record<string, TfliteOperator>>;

/**
 * The tensor with the type that the file declares: quantization is the file's, which is how imported scales reach the
 * graph. The dtype must be what was inferred; another shape of as many values is a view.
 */
export function typed(tensor: Tensor, type: TensorType): Tensor {
  const { node, index } = tensor;
  const types = node.types.map((t, i) => (i === index ? { ...type, dtype: t.dtype, shape: t.shape } : t));
  const { op, inputs, attrs, name, data } = node;
  return typedView(new Tensor(new Node({ op, inputs, attrs, types, name, data }), index), type);
}

function typedView(tensor: Tensor, type: TensorType): Tensor {
  requires(
    tensor.dtype === type.dtype && elements(tensor.shape) === elements(type.shape),
    () => `output is ${showType(type)} in the file, expected ${showType(tensor.type)} from these inputs and options`,
  );
  return sameShape(tensor.shape, type.shape) ? tensor : view(tensor, type, `${tensor.node.name}/shape`);
}

/** `typed` for the outputs of one node with several, which stays one node. */
export function typedAll(tensors: readonly Tensor[], types: readonly TensorType[]): readonly Tensor[] {
  const { node } = tensors[0]!;
  requires(
    tensors.length === types.length && tensors.every((t) => t.node === node),
    () => `${types.length} outputs in the file, expected ${tensors.length}`,
  );
  const all = node.types.map((t, i) => {
    const at = tensors.findIndex((o) => o.index === i);
    return at < 0 ? t : { ...types[at]!, dtype: t.dtype, shape: t.shape };
  });
  const retyped = new Node({ op: node.op, inputs: node.inputs, attrs: node.attrs, types: all, name: node.name });
  return tensors.map(({ index }, i) => typedView(new Tensor(retyped, index), types[i]!));
}

/** The same bytes under another shape or quantization: no code, no memory. */
export const view = (tensor: Tensor, type: TensorType, name = ""): Tensor =>
  new Tensor(new Node({ op: "reshape", inputs: [tensor], attrs: { shape: type.shape }, types: [type], name }));

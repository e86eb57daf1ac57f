/**
 * The operator contract: tensor types, the symbolic tensor that graphs and gradients are written in, and
 * `defineOp`. This file imports nothing; every operator folder imports it.
 */

export type DType = "f32" | "i8" | "i16" | "i32" | "u8" | "bool" | "i4" | "i64";

export const DTYPE_BYTES: Readonly<Record<DType, number>> = {
  f32: 4,
  i8: 1,
  i16: 2,
  i32: 4,
  u8: 1,
  bool: 1,
  i4: 1,
  i64: 8,
};

/**
 * Affine quantization: `real = scale * (q - zeroPoint)`. Per tensor: one scale, no `axis`.
 * Per axis: one scale and zero point for each index of dimension `axis`. Scales are f32 values.
 */
export interface Quant {
  readonly scale: readonly number[];
  readonly zeroPoint: readonly number[];
  readonly axis?: number;
}

/** NHWC layout; convolution weights are OHWI. A stored graph has batch 1 in dimension 0. */
export interface TensorType {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly quant?: Quant;
}

export type TypedArray =
  | Float32Array
  | Float64Array
  | Int8Array
  | Int16Array
  | Int32Array
  | Uint8Array
  | Uint32Array
  | BigInt64Array;

export type AttrValue = number | string | boolean | readonly number[];
export type Attrs = Readonly<Record<string, AttrValue>>;

/** Where a leaf's value comes from; every other node is a temporary. */
export const LEAVES = ["input", "param", "state", "const"] as const;
export type Leaf = (typeof LEAVES)[number];

/**
 * A graph node: an operator applied to tensors, or a leaf. Immutable.
 * Leaves: `op` is a Leaf, `inputs` is empty; a const has `data`; param and state have `attrs.init`
 * ("zeros" | "ones" | "heNormal" | "glorotUniform", with `attrs.fanIn`, `attrs.fanOut` where needed) or `data`.
 */
export class Node {
  readonly op: string;
  readonly inputs: readonly Tensor[];
  readonly attrs: Attrs;
  readonly types: readonly TensorType[];
  readonly name: string;
  readonly data: TypedArray | undefined;

  constructor(fields: {
    op: string;
    inputs?: readonly Tensor[];
    attrs?: Attrs;
    types: readonly TensorType[];
    name?: string;
    data?: TypedArray | undefined;
  }) {
    this.op = fields.op;
    this.inputs = fields.inputs ?? [];
    this.attrs = fields.attrs ?? {};
    this.types = fields.types;
    this.name = fields.name ?? "";
    this.data = fields.data;
  }
}

/** One output of a node: an immutable expression, not a value. */
export class Tensor {
  readonly node: Node;
  readonly index: number;

  constructor(node: Node, index = 0) {
    this.node = node;
    this.index = index;
  }

  get type(): TensorType {
    return this.node.types[this.index]!;
  }
  get shape(): readonly number[] {
    return this.type.shape;
  }
  get dtype(): DType {
    return this.type.dtype;
  }
  /** Arithmetic on a symbol has no value to work on. */
  [Symbol.toPrimitive](): never {
    throw new TypeError(
      `tensor ${showType(this.type)}: used as a JavaScript value, expected an operator call (write add(a, b) instead of a + b, where(c, a, b) instead of c ? a : b, or await evaluate(tensor, inputs) for its value)`,
    );
  }
}

export const elements = (shape: readonly number[]): number => shape.reduce((n, d) => n * d, 1);
export const showShape = (shape: readonly number[]): string => `[${shape.join(",")}]`;
export const showType = (type: TensorType): string => `${type.dtype}${showShape(type.shape)}`;

/** Throws in the one form that operator errors have: `<op>: <received>, expected <what>`. */
export function requires(condition: boolean, message: () => string): asserts condition {
  if (!condition) throw new RangeError(message());
}

/** A value of the reference interpreter: integers and reals alike as f64. */
export interface RefTensor {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

export interface GradientCall<A extends Attrs> {
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  /** Gradient of each output; undefined where nothing depends on it. The first is defined for one-output operators. */
  readonly outGrads: readonly (Tensor | undefined)[];
  readonly attrs: A;
}

/**
 * How a calibrated f32 operator becomes an int8 one.
 * output "calibrated": the observed range sets scale and zero point; "carry": those of input 0;
 * an object: fixed. `weights`: which input is a constant quantized symmetrically per index of `axis`, and which
 * one is its i32 bias. `mixed`: the operator has no int8 form; the quantizer must refuse it, giving this reason.
 */
export type QuantizeRule =
  | {
      readonly output: "calibrated" | "carry" | { readonly scale: number; readonly zeroPoint: number };
      readonly weights?: { readonly input: number; readonly axis: number; readonly bias?: number };
    }
  | { readonly unsupported: string };

/**
 * Micro-kernel families of the integer kernels, chosen by target: scalar (Cortex-M0+, M3, RV32IMAC), pair (SMLAD:
 * M4, M7, M33), reduce (VMLADAVA: M55), pairdot (WASM SIMD), dot4 (VPDPBUSD, SDOT: host, AArch64 Linux).
 */
export const FAMILIES = ["scalar", "pair", "reduce", "pairdot", "dot4"] as const;
export type Family = (typeof FAMILIES)[number];

/** Forms of requantization (docs/design/numerics.md): a row each, `exact64` fits every layer. */
export const REQUANTIZE_FORMS = ["exact64", "high32", "split32", "float32", "float64", "saturating"] as const;
export type RequantizeForm = (typeof REQUANTIZE_FORMS)[number];

/** A kernel argument: an address that the memory plan fills in, or a number. */
export type LowerArg =
  | { readonly input: number }
  | { readonly output: number }
  | { readonly const: number }
  | { readonly scratch: number }
  | { readonly i32: number }
  | { readonly f32: number };

export const i32 = (value: number): LowerArg => ({ i32: value });
export const f32 = (value: number): LowerArg => ({ f32: value });
export const ptr = {
  input: (index: number): LowerArg => ({ input: index }),
  output: (index: number): LowerArg => ({ output: index }),
  const: (index: number): LowerArg => ({ const: index }),
  /** Byte offset into the node's scratch. */
  scratch: (offset = 0): LowerArg => ({ scratch: offset }),
};

export interface LowerCall<A extends Attrs> {
  readonly inputs: readonly TensorType[];
  readonly outputs: readonly TensorType[];
  readonly attrs: A;
  readonly family: Family;
  /** Whether the core multiplies 32 by 32 to 64 bits in one instruction; asked by the scalar family only. */
  readonly longMultiply?: boolean | undefined;
  /** The value of constant input `index`; throws when that input is no constant. */
  readonly constant: (index: number) => TypedArray;
  readonly isConstant: (index: number) => boolean;
}

/**
 * One kernel call. Inputs that no argument names are not kept in flash (their packed form in `consts` is).
 * `parallel`: the kernel takes two more i32 arguments `begin, end`, a range of [0, parallel); calls on disjoint
 * ranges are independent and give the same bits in any order, which is how threads share a step.
 * `alias`: [output, input] pairs that may be one buffer. `null` kernel: the output is input 0 (reshape), no code at all.
 */
export interface Lowered {
  readonly kernel: string | null;
  /** Source of the kernel, `<file>.as.ts` in the operator's folder; the operator's name when absent. */
  readonly file?: string;
  /** How sums become codes, for the report; every form gives the codes of exact64, by proof for the layer or by algebra. */
  readonly requantize?: RequantizeForm;
  readonly args: readonly LowerArg[];
  readonly consts?: readonly { readonly name: string; readonly data: TypedArray }[];
  readonly scratchBytes?: number;
  readonly alias?: readonly (readonly [output: number, input: number])[];
  readonly parallel?: number;
}

/**
 * A result that needs no code where the memory plan can place it: `part`: the output is input 0's bytes from `offset`
 * on; `join`: the inputs side by side, input i at `offsets[i]` of the output. Bytes.
 */
export type View =
  | { readonly kind: "part"; readonly offset: number }
  | { readonly kind: "join"; readonly offsets: readonly number[] };

/** One axis of a sliding window: output pixel `o` and tap `k` read input pixel `o * stride + k * dilation - before`. */
export interface Axis {
  readonly input: number;
  readonly output: number;
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  readonly before: number;
}

/** One test case of an operator; inputs are drawn from a seed, unless `values` gives them. */
export interface Sample<A extends Attrs = Attrs> {
  readonly inputs: readonly (readonly number[])[];
  readonly attrs?: Partial<A>;
  readonly dtypes?: readonly DType[];
  readonly values?: readonly (readonly number[])[];
  /** Range of the drawn values, [-1, 1] when absent. */
  readonly range?: readonly [number, number];
  readonly note?: string;
}

export interface OpDefinition<A extends Attrs = Attrs> {
  readonly name: string;
  /** Defaults of the attributes; a call's attributes are merged over them and unknown names throw. */
  readonly attrs: A;
  readonly infer: (inputs: readonly TensorType[], attrs: A) => readonly TensorType[];
  /** f64 oracle; shapes are given by `outputs`. Integer operands come as integers. */
  readonly reference: (
    inputs: readonly RefTensor[],
    attrs: A,
    outputs: readonly TensorType[],
  ) => readonly Float64Array[];
  /** Gradient of each input, undefined where there is none; absent where the operator is not differentiable. */
  readonly gradient?: (call: GradientCall<A>) => readonly (Tensor | undefined)[];
  readonly quantize: QuantizeRule;
  readonly macs?: (inputs: readonly TensorType[], outputs: readonly TensorType[], attrs: A) => number;
  readonly lower: (call: LowerCall<A>) => Lowered;
  /**
   * Operators over [n, h, w, c] whose output rows read a window of input 0's rows: how. Their attribute `padding`
   * takes [top, bottom, left, right], so that a band of rows is the same operator over fewer rows.
   */
  readonly window?: (inputs: readonly TensorType[], attrs: A) => { readonly h: Axis; readonly w: Axis };
  /** Undefined where the bytes are not contiguous or change; `lower` gives the copy for where no view is possible. */
  readonly view?: (inputs: readonly TensorType[], outputs: readonly TensorType[], attrs: A) => View | undefined;
  /** Kernel dtypes by runtime; the kernel of dtype d is named in `lower` and starts with `<name>_<d>`. */
  readonly kernels: { readonly wasm: readonly DType[]; readonly cpu: readonly DType[] };
  /** Only in training graphs; never compiled for a device. */
  readonly trainingOnly?: boolean;
  readonly samples: readonly Sample<A>[];
}

/** An operator is a function of tensors that carries its definition. */
export type Op<Inputs extends readonly (Tensor | undefined)[], A extends Attrs = Attrs, Out = Tensor> = ((
  ...args: [...inputs: Inputs, attrs?: Partial<A> & { readonly name?: string }]
) => Out) & { readonly definition: OpDefinition<A> };

function build<A extends Attrs>(definition: OpDefinition<A>, args: readonly (Tensor | Partial<A> | undefined)[]): Node {
  const inputs = args.filter((a): a is Tensor => a instanceof Tensor);
  const given = args.find((a): a is Partial<A> => a !== undefined && !(a instanceof Tensor)) ?? {};
  for (const key of Object.keys(given))
    if (!(key in definition.attrs) && key !== "name")
      throw new RangeError(
        `${definition.name}: attribute "${key}", expected one of ${Object.keys(definition.attrs).join(", ") || "none"}`,
      );
  const { name, ...rest } = given as Partial<A> & { name?: string };
  const attrs = { ...definition.attrs, ...rest } as A;
  const types = definition.infer(
    inputs.map((t) => t.type),
    attrs,
  );
  return new Node({ op: definition.name, inputs, attrs, types, name: name ?? "" });
}

/** Defines an operator with one output. */
export function defineOp<Inputs extends readonly (Tensor | undefined)[], A extends Attrs = Attrs>(
  definition: OpDefinition<A>,
): Op<Inputs, A> {
  const call = (...args: readonly (Tensor | Partial<A> | undefined)[]): Tensor => new Tensor(build(definition, args));
  return Object.assign(call, { definition });
}

/** Defines an operator with several outputs, returned as a tuple in output order. */
export function defineMultiOp<
  Inputs extends readonly (Tensor | undefined)[],
  Out extends readonly Tensor[],
  A extends Attrs = Attrs,
>(definition: OpDefinition<A>): Op<Inputs, A, Out> {
  const call = (...args: readonly (Tensor | Partial<A> | undefined)[]): Out => {
    const node = build(definition, args);
    const outputs: readonly Tensor[] = node.types.map((_, i) => new Tensor(node, i));
    return outputs as Out;
  };
  return Object.assign(call, { definition });
}

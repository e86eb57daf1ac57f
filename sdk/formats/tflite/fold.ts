/**
 * Folding of what an importer makes of constants: shape arithmetic, moved and dequantized weights. Only where the f64
 * reference gives the kernel's own values: integers without quantization, moves of any dtype, one rounding to f32.
 */
import { type DType, elements, Node, type RefTensor, Tensor, type TypedArray } from "../../../kernels/op.ts";
import { definitionOf } from "../../graph/registry.ts";

const EXACT_DTYPES: ReadonlySet<DType> = new Set(["i32", "i64", "bool"]);
/** Operators that only move values; their output carries the quantization of their input. */
const MOVES: ReadonlySet<string> = new Set(["reshape", "slice", "transpose", "broadcastTo", "copy"]);
/** Operators of one rounding to f32 that the reference has too. */
const ONE_ROUNDING: ReadonlySet<string> = new Set(["dequantize"]);

/** A tensor of more values stays computed. */
const MOST_ELEMENTS = 1 << 16;

export class Folder {
  /** Values that may still be made: a file cannot ask for much more memory than it has. */
  #left: number;
  readonly #computed = new WeakSet<Node>();

  constructor(fileBytes: number) {
    this.#left = fileBytes + MOST_ELEMENTS;
  }

  /** The constant that `tensor` is, or `tensor`. */
  fold(tensor: Tensor): Tensor {
    if (tensor.node.op === "const") return tensor;
    const value = this.#evaluate(tensor);
    if (!value) return tensor;
    const { type } = tensor;
    const data = fromReference(value.data, type.dtype);
    return new Tensor(new Node({ op: "const", types: [type], name: tensor.node.name, data }));
  }

  #evaluate({ node, index }: Tensor): RefTensor | undefined {
    const type = node.types[index]!;
    if (node.op === "const") return { shape: type.shape, data: toReference(node.data!) };
    if (this.#computed.has(node)) return undefined;
    const inputs = this.#isFoldable(node) ? this.#values(node.inputs) : undefined;
    if (!inputs) {
      this.#computed.add(node);
      return undefined;
    }
    const data = definitionOf(node.op).reference(inputs, node.attrs, node.types)[index]!;
    if (!data.every((v) => Number.isSafeInteger(v) || type.dtype === "f32")) return undefined;
    return { shape: type.shape, data };
  }

  #values(inputs: readonly Tensor[]): readonly RefTensor[] | undefined {
    // Budget before work: a constant may stretch to any shape.
    const found: RefTensor[] = [];
    for (const input of inputs) {
      const value = this.#evaluate(input);
      if (!value) return undefined;
      found.push(value);
    }
    return found;
  }

  #isFoldable(node: Node): boolean {
    if (node.inputs.length === 0) return false;
    const exact = [...node.inputs.map((t) => t.type), ...node.types].every(
      (t) => EXACT_DTYPES.has(t.dtype) && !t.quant,
    );
    if (!exact && !MOVES.has(node.op) && !ONE_ROUNDING.has(node.op)) return false;
    const count = [...node.inputs.map((t) => t.type), ...node.types].reduce((n, t) => n + elements(t.shape), 0);
    if (count > MOST_ELEMENTS || count > this.#left) return false;
    this.#left -= count;
    return true;
  }
}

const toReference = (data: TypedArray): Float64Array =>
  data instanceof BigInt64Array ? Float64Array.from(data, Number) : Float64Array.from(data);

function fromReference(data: Float64Array, dtype: DType): TypedArray {
  switch (dtype) {
    case "f32":
      return Float32Array.from(data);
    case "i16":
      return Int16Array.from(data);
    case "i32":
      return Int32Array.from(data);
    case "i64":
      return BigInt64Array.from(data, (v) => BigInt(v));
    case "u8":
    case "bool":
      return Uint8Array.from(data);
    default:
      return Int8Array.from(data);
  }
}

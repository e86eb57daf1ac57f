/** Reads a .tflite file of one convolution, dense or average-pool operator: only what the golden cases need. */
import { readFileSync } from "node:fs";
import type { Attrs, DType, TensorType, TypedArray } from "../../kernels/op.ts";

/** A FlatBuffers table: fields by index, through the vtable before it. */
class Table {
  readonly file: Buffer;
  readonly at: number;
  constructor(file: Buffer, at: number) {
    this.file = file;
    this.at = at;
  }
  private field(index: number): number {
    const vtable = this.at - this.file.readInt32LE(this.at);
    const offset = 4 + index * 2 < this.file.readUInt16LE(vtable) ? this.file.readUInt16LE(vtable + 4 + index * 2) : 0;
    return offset === 0 ? 0 : this.at + offset;
  }
  byte(index: number): number {
    const at = this.field(index);
    return at ? this.file.readInt8(at) : 0;
  }
  int(index: number, absent = 0): number {
    const at = this.field(index);
    return at ? this.file.readInt32LE(at) : absent;
  }
  table(index: number): Table | undefined {
    const at = this.field(index);
    return at ? new Table(this.file, at + this.file.readUInt32LE(at)) : undefined;
  }
  /** Start and length of a vector. */
  vector(index: number): readonly [at: number, length: number] {
    const at = this.field(index);
    if (!at) return [0, 0];
    const start = at + this.file.readUInt32LE(at);
    return [start + 4, this.file.readUInt32LE(start)];
  }
  numbers(index: number, bytes: number, read: (at: number) => number): readonly number[] {
    const [at, length] = this.vector(index);
    return Array.from({ length }, (_, i) => read(at + i * bytes));
  }
  ints(index: number): readonly number[] {
    return this.numbers(index, 4, (at) => this.file.readInt32LE(at));
  }
  tables(index: number): readonly Table[] {
    const [at, length] = this.vector(index);
    return Array.from({ length }, (_, i) => new Table(this.file, at + i * 4 + this.file.readUInt32LE(at + i * 4)));
  }
}

export interface GoldenOperator {
  readonly types: readonly TensorType[];
  /** Constant inputs; undefined for the graph's input. */
  readonly constants: readonly (TypedArray | undefined)[];
  readonly output: TensorType;
  readonly attrs: Attrs;
}

const DTYPES: Readonly<Record<number, DType>> = { 0: "f32", 2: "i32", 9: "i8" };
const ACTIVATIONS: readonly string[] = ["none", "relu", "relu_n1_to_1", "relu6"];

function typeOf(tensor: Table): TensorType {
  const quant = tensor.table(4);
  const scale = quant?.numbers(2, 4, (at) => tensor.file.readFloatLE(at)) ?? [];
  const zeroPoint = quant?.numbers(3, 8, (at) => Number(tensor.file.readBigInt64LE(at))) ?? [];
  const dtype = DTYPES[tensor.byte(1)];
  if (!dtype) throw new Error(`tensor type ${tensor.byte(1)}, expected f32, i32 or i8`);
  return { dtype, shape: tensor.ints(0), ...(scale.length > 0 ? { quant: { scale, zeroPoint } } : {}) };
}

function attrsOf(kind: string, options: Table): Attrs {
  if (kind === "FULLY_CONNECTED") return { activation: ACTIVATIONS[options.byte(0)]! };
  const padding = options.byte(0) === 0 ? "same" : "valid";
  const strides = [options.int(2), options.int(1)];
  if (kind === "AVERAGE_POOL_2D")
    return { padding, strides, size: [options.int(4), options.int(3)], activation: ACTIVATIONS[options.byte(5)]! };
  const after = kind === "DEPTHWISE_CONV_2D" ? 4 : 3;
  const dilations = [options.int(after + 2, 1), options.int(after + 1, 1)];
  return { padding, strides, dilations, activation: ACTIVATIONS[options.byte(after)]! };
}

export function readOperator(path: string, kind: string): GoldenOperator {
  const file = readFileSync(path);
  const model = new Table(file, file.readUInt32LE(0));
  const graph = model.tables(2)[0]!;
  const [tensors, buffers, operator] = [graph.tables(0), model.tables(4), graph.tables(3)[0]!];
  const inputs = operator.ints(1).filter((i) => i >= 0);
  const constants = inputs.map((i): TypedArray | undefined => {
    const [at, length] = buffers[tensors[i]!.int(2)]!.vector(0);
    if (length === 0) return undefined;
    const bytes = Uint8Array.from(file.subarray(at, at + length)).buffer;
    return typeOf(tensors[i]!).dtype === "i32" ? new Int32Array(bytes) : new Int8Array(bytes);
  });
  return {
    types: inputs.map((i) => typeOf(tensors[i]!)),
    constants,
    output: typeOf(tensors[operator.ints(2)[0]!]!),
    attrs: attrsOf(kind, operator.table(4)!),
  };
}

/** A .tflite file as checked plain data: tensors, constants and operators, nothing interpreted yet. */
import { DTYPE_BYTES, type DType, elements, type Quant, type TypedArray } from "../../../kernels/op.ts";
import { FlatBuffer, type Table } from "./flatbuffer.ts";
import {
  BUFFER,
  BUILTIN_OPERATORS,
  CUSTOM,
  DTYPES,
  IDENTIFIER,
  MODEL,
  OPERATOR,
  OPERATOR_CODE,
  PLACEHOLDER_FOR_GREATER_OP_CODES,
  QUANTIZATION,
  SUBGRAPH,
  TENSOR,
  TENSOR_TYPES,
} from "./schema.ts";

/** What a model of a microcontroller never reaches; beyond, a file is hostile. */
const MOST = { rank: 8, elements: 2 ** 28, tensors: 2 ** 16, operators: 2 ** 16, subgraphs: 256, name: 120 } as const;

export interface FileTensor {
  readonly index: number;
  /** As in the file, cut and with "_" for what is no letter, digit or `. / : ; -`; may be empty or not unique. */
  readonly name: string;
  /** Name of the schema's TensorType: "INT8". */
  readonly tensorType: string;
  /** Absent where the graph has no such dtype. */
  readonly dtype: DType | undefined;
  readonly shape: readonly number[];
  readonly quant: Quant | undefined;
  readonly isVariable: boolean;
  readonly isSparse: boolean;
  /** Value of a constant, as long as the shape says; int4 unpacked to one value a byte. */
  readonly data: TypedArray | undefined;
}

export interface FileOperator {
  readonly index: number;
  /** Schema name, or the name of a custom operator. */
  readonly operator: string;
  readonly isCustom: boolean;
  readonly version: number;
  /** Indices of tensors, -1 where an optional input is absent. */
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  readonly intermediates: readonly number[];
  readonly options: Table | undefined;
}

export interface FileSubgraph {
  readonly tensors: readonly FileTensor[];
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  readonly operators: readonly FileOperator[];
}

/** Throws "file-format" for anything that is not a well-formed file. `where` opens messages: the path. */
export function readTflite(bytes: Uint8Array, where: string): readonly FileSubgraph[] {
  const file = new FlatBuffer(bytes, where);
  file.inside(0, 8, "header");
  const identifier = String.fromCharCode(...bytes.subarray(4, 8));
  if (identifier !== IDENTIFIER) file.fail(`file identifier ${JSON.stringify(identifier)}`);
  const model = file.root("model");
  const codes = model.tables(MODEL.operatorCodes, "operator codes", MOST.operators).map(readCode);
  const buffers = model.tables(MODEL.buffers, "buffers", MOST.tensors);
  const constants = new Constants(file, buffers);
  const subgraphs = model
    .tables(MODEL.subgraphs, "subgraphs", MOST.subgraphs)
    .map((table) => readSubgraph(file, table, codes, constants));
  if (subgraphs.length === 0) file.fail("no subgraph");
  return subgraphs;
}

interface Code {
  readonly operator: string;
  readonly isCustom: boolean;
  readonly version: number;
}

/** Codes up to 127 stand in the deprecated byte field too; the larger of both counts (the schema's own rule). */
function readCode(table: Table): Code {
  const old = table.byte(OPERATOR_CODE.deprecatedBuiltinCode);
  const code = Math.max(old, table.int(OPERATOR_CODE.builtinCode));
  const version = table.int(OPERATOR_CODE.version, 1);
  if (code === CUSTOM)
    return { operator: table.text(OPERATOR_CODE.customCode, MOST.name) || "unnamed", isCustom: true, version };
  const known = code === PLACEHOLDER_FOR_GREATER_OP_CODES ? undefined : BUILTIN_OPERATORS[code];
  return { operator: known ?? `operator with code ${code}`, isCustom: false, version };
}

/** Buffers as typed arrays over the file where alignment allows, copied where not. */
class Constants {
  readonly #file: FlatBuffer;
  readonly #buffers: readonly Table[];

  constructor(file: FlatBuffer, buffers: readonly Table[]) {
    this.#file = file;
    this.#buffers = buffers;
  }

  /** The bytes of buffer `index`, empty where it has none (buffer 0 never has). */
  bytes(index: number): Uint8Array {
    const buffer = this.#buffers[index];
    if (!buffer) return this.#file.fail(`buffer ${index} of ${this.#buffers.length}`);
    const size = buffer.ulong(BUFFER.size);
    const offset = buffer.ulong(BUFFER.offset);
    // Large models keep data behind the tables; offsets 0 and 1 mean that there is none.
    if (offset > 1 && size > 0) {
      this.#file.inside(offset, size, `data of buffer ${index}`);
      return this.#file.bytes.subarray(offset, offset + size);
    }
    const { at, length } = buffer.vector(BUFFER.data, 1);
    return this.#file.bytes.subarray(at, at + length);
  }

  read(bytes: Uint8Array, dtype: DType, count: number, what: string): TypedArray {
    const want = dtype === "i4" ? (count + 1) >> 1 : count * DTYPE_BYTES[dtype];
    if (bytes.length !== want) this.#file.fail(`${bytes.length} bytes of data for ${what}, which has ${want}`);
    if (dtype === "i4") {
      this.#file.spend(count);
      return unpackInt4(bytes, count);
    }
    const { BYTES_PER_ELEMENT: size } = ARRAYS[dtype];
    if (bytes.byteOffset % size === 0) return new ARRAYS[dtype](bytes.buffer as ArrayBuffer, bytes.byteOffset, count);
    this.#file.spend(bytes.length);
    return new ARRAYS[dtype](Uint8Array.from(bytes).buffer, 0, count);
  }
}

const ARRAYS = {
  f32: Float32Array,
  i8: Int8Array,
  i16: Int16Array,
  i32: Int32Array,
  u8: Uint8Array,
  bool: Uint8Array,
  i64: BigInt64Array,
} as const satisfies Record<Exclude<DType, "i4">, unknown>;

/** Two values a byte, the low half first. */
function unpackInt4(bytes: Uint8Array, count: number): Int8Array {
  const out = new Int8Array(count);
  for (let i = 0; i < count; i++) out[i] = ((i & 1 ? bytes[i >> 1]! : bytes[i >> 1]! << 4) << 24) >> 28;
  return out;
}

function readSubgraph(file: FlatBuffer, table: Table, codes: readonly Code[], constants: Constants): FileSubgraph {
  const tensors = table
    .tables(SUBGRAPH.tensors, "tensors", MOST.tensors)
    .map((tensor, index) => readTensor(file, tensor, index, constants));
  const checked = (list: readonly number[], least: -1 | 0, what: string): readonly number[] => {
    for (const i of list)
      if (i < least || i >= tensors.length) file.fail(`${what} names tensor ${i} of ${tensors.length}`);
    return list;
  };
  const operators = table
    .tables(SUBGRAPH.operators, "operators", MOST.operators)
    .map((operator, index): FileOperator => {
      const code = codes[operator.uint(OPERATOR.opcodeIndex)];
      if (!code)
        return file.fail(`operator ${index} has code ${operator.uint(OPERATOR.opcodeIndex)} of ${codes.length}`);
      return {
        index,
        ...code,
        inputs: checked(operator.ints(OPERATOR.inputs), -1, `an input of operator ${index}`),
        outputs: checked(operator.ints(OPERATOR.outputs), 0, `an output of operator ${index}`),
        intermediates: checked(operator.ints(OPERATOR.intermediates), 0, `an intermediate of operator ${index}`),
        options: operator.table(OPERATOR.options, `options of operator ${index}`),
      };
    });
  return {
    tensors,
    inputs: checked(table.ints(SUBGRAPH.inputs), 0, "an input of the graph"),
    outputs: checked(table.ints(SUBGRAPH.outputs), 0, "an output of the graph"),
    operators,
  };
}

function readTensor(file: FlatBuffer, table: Table, index: number, constants: Constants): FileTensor {
  const shape = table.ints(TENSOR.shape);
  const count = elements(shape);
  if (shape.length > MOST.rank || shape.some((d) => d < 0) || count > MOST.elements)
    file.fail(`tensor ${index} has shape [${shape.slice(0, MOST.rank + 1).join(",")}]`);
  const code = table.byte(TENSOR.type);
  const tensorType = TENSOR_TYPES[code] ?? `type ${code}`;
  const dtype = DTYPES[tensorType];
  const bytes = constants.bytes(table.uint(TENSOR.buffer));
  return {
    index,
    name: table.text(TENSOR.name, MOST.name),
    tensorType,
    dtype,
    shape,
    quant: dtype && readQuant(file, table, index, dtype, shape),
    isVariable: table.byte(TENSOR.isVariable) !== 0,
    isSparse: table.has(TENSOR.sparsity),
    data:
      dtype && (bytes.length > 0 || count === 0)
        ? constants.read(bytes, dtype, count, `tensor ${index} ${dtype}[${shape.join(",")}]`)
        : undefined,
  };
}

/** Codes that a zero point may have. */
const ZERO_POINTS: Readonly<Partial<Record<DType, readonly [number, number]>>> = {
  i4: [-8, 7],
  i8: [-128, 127],
  u8: [0, 255],
  i16: [-32768, 32767],
  i32: [-(2 ** 31), 2 ** 31 - 1],
  i64: [-(2 ** 31), 2 ** 31 - 1],
};

/**
 * Scale and zero point, per tensor or per index of the quantized dimension. Leftovers of training (a range without
 * scales, or scales on floats) mean nothing.
 */
function readQuant(
  file: FlatBuffer,
  tensor: Table,
  index: number,
  dtype: DType,
  shape: readonly number[],
): Quant | undefined {
  const range = ZERO_POINTS[dtype];
  const table = range && tensor.table(TENSOR.quantization, `quantization of tensor ${index}`);
  if (!table) return undefined;
  const scale = table.floats(QUANTIZATION.scale);
  if (scale.length === 0) return undefined;
  if (table.byte(QUANTIZATION.detailsType) !== 0) file.fail(`tensor ${index} has a custom quantization`);
  const stored = table.longs(QUANTIZATION.zeroPoint);
  const zeroPoint = stored.length === 0 ? scale.map(() => 0) : stored.map(Number);
  const axis = table.int(QUANTIZATION.quantizedDimension);
  const describe = (): string => `tensor ${index} ${dtype}[${shape.join(",")}]`;
  if (scale.length > 1 && shape[axis] !== scale.length)
    file.fail(`${describe()} has ${scale.length} scales along dimension ${axis}`);
  if (zeroPoint.length !== scale.length)
    file.fail(`${describe()} has ${zeroPoint.length} zero points and ${scale.length} scales`);
  if (zeroPoint.some((z) => z < range[0] || z > range[1])) file.fail(`${describe()} has a zero point out of range`);
  if (!scale.every((s) => s > 0 && s < Number.POSITIVE_INFINITY)) {
    // Biases and indices are exact integers: their scale is a note, not a fact that a kernel reads.
    if (dtype === "i32" || dtype === "i64") return undefined;
    file.fail(`${describe()} has a scale that is not positive`);
  }
  return scale.length > 1 ? { scale, zeroPoint, axis } : { scale, zeroPoint };
}

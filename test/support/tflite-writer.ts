/**
 * Writes small .tflite files for tests: FlatBuffers tables from plain values, fields by schema index. Each part is
 * written after what points to it, so that all offsets are forward; a part that stands in several places is written
 * once.
 */

/** A field: bytes of a scalar, or a part that an offset points to. */
export type Field = Scalar | Part;
export interface Scalar {
  readonly bytes: Uint8Array;
}
export type Part =
  | { readonly table: Readonly<Record<number, Field>> }
  | { readonly tables: readonly Part[] }
  | { readonly vector: Uint8Array; readonly length: number };

const scalar = (size: number, set: (view: DataView) => void): Scalar => {
  const bytes = new Uint8Array(size);
  set(new DataView(bytes.buffer));
  return { bytes };
};
export const byte = (value: number): Scalar => scalar(1, (v) => v.setInt8(0, value));
export const int = (value: number): Scalar => scalar(4, (v) => v.setInt32(0, value, true));
export const float = (value: number): Scalar => scalar(4, (v) => v.setFloat32(0, value, true));
export const ulong = (value: number): Scalar => scalar(8, (v) => v.setBigUint64(0, BigInt(value), true));
export const table = (fields: Readonly<Record<number, Field>>): Part => ({ table: fields });
export const tables = (list: readonly Part[]): Part => ({ tables: list });
export const blob = (data: ArrayBufferView): Part => {
  const vector = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return { vector, length: vector.length };
};
export const ints = (values: readonly number[]): Part => ({
  vector: new Uint8Array(Int32Array.from(values).buffer),
  length: values.length,
});
export const floats = (values: readonly number[]): Part => ({
  vector: new Uint8Array(Float32Array.from(values).buffer),
  length: values.length,
});
export const longs = (values: readonly number[]): Part => ({
  vector: new Uint8Array(BigInt64Array.from(values, BigInt).buffer),
  length: values.length,
});
export const text = (value: string): Part => blob(new TextEncoder().encode(value));

/** The file of a root table. */
export function flatBuffer(root: Part, identifier = "TFL3"): Uint8Array {
  const out: number[] = [0, 0, 0, 0, ...new TextEncoder().encode(identifier)];
  const patches: { at: number; part: Part }[] = [{ at: 0, part: root }];
  const put32 = (at: number, value: number): void => {
    for (let i = 0; i < 4; i++) out[at + i] = (value >> (8 * i)) & 0xff;
  };
  const put16 = (at: number, value: number): void => {
    out[at] = value & 0xff;
    out[at + 1] = value >> 8;
  };
  const room = (bytes: number): number => {
    const at = out.length;
    for (let i = 0; i < bytes; i++) out.push(0);
    return at;
  };
  const align = (to: number, ahead = 0): void => {
    while ((out.length + ahead) % to !== 0) out.push(0);
  };
  const written = new Map<Part, number>();
  // A for-of loop sees what is pushed while it runs.
  for (const { at, part } of patches) {
    const known = written.get(part);
    if (known !== undefined) {
      put32(at, known - at);
      continue;
    }
    if ("table" in part) {
      const fields = Object.entries(part.table).map(([index, field]) => [Number(index), field] as const);
      const count = Math.max(-1, ...fields.map(([index]) => index)) + 1;
      align(8);
      const vtable = room(4 + 2 * count);
      align(8, 4);
      const start = room(4);
      put32(at, start - at);
      written.set(part, start);
      put32(start, start - vtable);
      for (const [index, field] of fields) {
        const size = "bytes" in field ? field.bytes.length : 4;
        while ((out.length - start) % size !== 0) out.push(0);
        const place = room(size);
        put16(vtable + 4 + 2 * index, place - start);
        if ("bytes" in field) for (const [i, b] of field.bytes.entries()) out[place + i] = b;
        else patches.push({ at: place, part: field });
      }
      put16(vtable, 4 + 2 * count);
      put16(vtable + 2, out.length - start);
    } else if ("tables" in part) {
      align(4);
      const start = room(4 + 4 * part.tables.length);
      put32(at, start - at);
      written.set(part, start);
      put32(start, part.tables.length);
      part.tables.forEach((each, i) => void patches.push({ at: start + 4 + 4 * i, part: each }));
    } else {
      align(8, 4);
      const start = room(4);
      put32(at, start - at);
      written.set(part, start);
      put32(start, part.length);
      for (const b of part.vector) out.push(b);
    }
  }
  return Uint8Array.from(out);
}

/** A tensor of a test model; `data` makes it a constant. */
export interface TestTensor {
  readonly name?: string;
  readonly shape: readonly number[];
  /** Code of TensorType: 0 FLOAT32, 2 INT32, 9 INT8, 13 RESOURCE, … */
  readonly type: number;
  readonly data?: ArrayBufferView;
  readonly scale?: readonly number[];
  readonly zeroPoint?: readonly number[];
  readonly axis?: number;
  readonly isVariable?: boolean;
  readonly isSparse?: boolean;
}

export interface TestOperator {
  /** Code of BuiltinOperator. */
  readonly code: number;
  readonly version?: number;
  readonly custom?: string;
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  readonly options?: Readonly<Record<number, Field>>;
}

export interface TestGraph {
  readonly tensors: readonly TestTensor[];
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  readonly operators: readonly TestOperator[];
}

const PLACEHOLDER = 127;

export function tfliteFile(...graphs: readonly TestGraph[]): Uint8Array {
  const operators = graphs.flatMap((g) => g.operators);
  const buffers: Part[] = [table({})];
  const bufferOf = (data: ArrayBufferView | undefined): number => {
    if (!data) return 0;
    buffers.push(table({ 0: blob(data) }));
    return buffers.length - 1;
  };
  let code = 0;
  const subgraphs = graphs.map((g) =>
    table({
      0: tables(
        g.tensors.map((t) =>
          table({
            0: ints(t.shape),
            1: byte(t.type),
            2: int(bufferOf(t.data)),
            3: text(t.name ?? ""),
            ...(t.scale
              ? { 4: table({ 2: floats(t.scale), 3: longs(t.zeroPoint ?? t.scale.map(() => 0)), 6: int(t.axis ?? 0) }) }
              : {}),
            ...(t.isVariable ? { 5: byte(1) } : {}),
            ...(t.isSparse ? { 6: table({}) } : {}),
          }),
        ),
      ),
      1: ints(g.inputs),
      2: ints(g.outputs),
      3: tables(
        g.operators.map((o) =>
          table({
            0: int(code++),
            1: ints(o.inputs),
            2: ints(o.outputs),
            ...(o.options ? { 4: table(o.options) } : {}),
          }),
        ),
      ),
    }),
  );
  return flatBuffer(
    table({
      0: int(3),
      1: tables(
        operators.map((o) =>
          table({
            0: byte(Math.min(o.code, PLACEHOLDER)),
            ...(o.custom === undefined ? {} : { 1: text(o.custom) }),
            2: int(o.version ?? 1),
            3: int(o.code),
          }),
        ),
      ),
      2: tables(subgraphs),
      4: tables(buffers),
    }),
  );
}

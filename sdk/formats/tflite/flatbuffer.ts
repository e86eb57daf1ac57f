/**
 * Reader of FlatBuffers tables (the published binary format, little endian) that trusts nothing: every offset, vtable,
 * vector and string is checked against the file before it is followed.
 *
 *   table:  i32 distance back to its vtable, then fields       vtable: u16 bytes of itself, u16 bytes of the table,
 *   vector: u32 length, then elements                                  then a u16 field offset each, 0 where absent
 *   string: a vector of bytes        u32 offsets point forward from where they stand
 *
 * Offsets may make tables share parts, so a small file can describe endless work: elements read are counted, and a
 * file that makes the reader read many times its own size is refused.
 */
import { PithError } from "../../error.ts";

/** Elements that may be read beyond the number of bytes in the file: sharing of small parts is legitimate. */
const FREE_READS = 1 << 16;

export class FlatBuffer {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly where: string;
  #reads: number;

  /** `where` opens every message: the path. */
  constructor(bytes: Uint8Array, where: string) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.where = where;
    this.#reads = bytes.length + FREE_READS;
  }

  fail(received: string): never {
    throw new PithError(
      "file-format",
      `${this.where}: ${received}, expected a well-formed TensorFlow Lite file (is it complete?)`,
    );
  }

  /** Counts `elements` that are about to be read. */
  spend(elements: number): void {
    this.#reads -= elements;
    if (this.#reads < 0) this.fail("parts that overlap many times over");
  }

  /** Throws unless `bytes` from `at` lie inside the file. */
  inside(at: number, bytes: number, what: string): void {
    if (at < 0 || bytes < 0 || at + bytes > this.bytes.length)
      this.fail(`${what} at byte ${at} reaches past the end (${this.bytes.length} bytes)`);
  }

  /** Where the offset at `at` points. */
  follow(at: number, what: string): number {
    this.inside(at, 4, what);
    const target = at + this.view.getUint32(at, true);
    if (target === at) this.fail(`${what} at byte ${at} has offset 0`);
    return target;
  }

  root(what: string): Table {
    return new Table(this, this.follow(0, what), what);
  }
}

/** Start of the elements and their number. */
export interface Vector {
  readonly at: number;
  readonly length: number;
}

const EMPTY: Vector = { at: 0, length: 0 };

/** A table; fields by index. `what` names it in messages. */
export class Table {
  readonly file: FlatBuffer;
  readonly at: number;
  readonly what: string;
  readonly #vtable: number;
  readonly #vtableBytes: number;
  readonly #bytes: number;

  constructor(file: FlatBuffer, at: number, what: string) {
    this.file = file;
    this.at = at;
    this.what = what;
    const { view } = file;
    file.spend(1);
    file.inside(at, 4, what);
    const vtable = at - view.getInt32(at, true);
    file.inside(vtable, 4, `vtable of ${what}`);
    this.#vtable = vtable;
    this.#vtableBytes = view.getUint16(vtable, true);
    this.#bytes = view.getUint16(vtable + 2, true);
    if (this.#vtableBytes < 4 || this.#vtableBytes % 2 !== 0 || this.#bytes < 4)
      file.fail(`vtable of ${what} at byte ${vtable} has ${this.#vtableBytes} and ${this.#bytes} bytes`);
    file.inside(vtable, this.#vtableBytes, `vtable of ${what}`);
    file.inside(at, this.#bytes, what);
  }

  /** Address of field `index` of `bytes` bytes, 0 where it is absent. */
  #field(index: number, bytes: number): number {
    const slot = 4 + index * 2;
    if (slot >= this.#vtableBytes) return 0;
    const offset = this.file.view.getUint16(this.#vtable + slot, true);
    if (offset === 0) return 0;
    if (offset < 4 || offset + bytes > this.#bytes)
      this.file.fail(`field ${index} of ${this.what} at byte ${this.at} lies outside its table`);
    return this.at + offset;
  }

  has(index: number): boolean {
    return this.#field(index, 0) !== 0;
  }
  byte(index: number, absent = 0): number {
    const at = this.#field(index, 1);
    return at ? this.file.view.getInt8(at) : absent;
  }
  int(index: number, absent = 0): number {
    const at = this.#field(index, 4);
    return at ? this.file.view.getInt32(at, true) : absent;
  }
  uint(index: number, absent = 0): number {
    const at = this.#field(index, 4);
    return at ? this.file.view.getUint32(at, true) : absent;
  }
  float(index: number, absent = 0): number {
    const at = this.#field(index, 4);
    return at ? this.file.view.getFloat32(at, true) : absent;
  }
  /** A u64 as a number; beyond 2^53 it is rounded, which no check of a file's size lets through. */
  ulong(index: number): number {
    const at = this.#field(index, 8);
    return at ? Number(this.file.view.getBigUint64(at, true)) : 0;
  }

  /** Field `index` as a vector of elements of `bytes` bytes, empty where absent. */
  vector(index: number, bytes: number): Vector {
    const field = this.#field(index, 4);
    if (!field) return EMPTY;
    const { file } = this;
    const start = file.follow(field, `field ${index} of ${this.what}`);
    file.inside(start, 4, `vector ${index} of ${this.what}`);
    const length = file.view.getUint32(start, true);
    file.inside(start + 4, length * bytes, `vector ${index} of ${this.what}`);
    return { at: start + 4, length };
  }

  ints(index: number): number[] {
    const { at, length } = this.vector(index, 4);
    this.file.spend(length);
    const out = new Array<number>(length);
    for (let i = 0; i < length; i++) out[i] = this.file.view.getInt32(at + i * 4, true);
    return out;
  }
  floats(index: number): number[] {
    const { at, length } = this.vector(index, 4);
    this.file.spend(length);
    const out = new Array<number>(length);
    for (let i = 0; i < length; i++) out[i] = this.file.view.getFloat32(at + i * 4, true);
    return out;
  }
  longs(index: number): bigint[] {
    const { at, length } = this.vector(index, 8);
    this.file.spend(length);
    const out = new Array<bigint>(length);
    for (let i = 0; i < length; i++) out[i] = this.file.view.getBigInt64(at + i * 8, true);
    return out;
  }

  /** Printable ASCII, at most `most` characters; anything else becomes "_". */
  text(index: number, most: number): string {
    const { at, length } = this.vector(index, 1);
    const count = Math.min(length, most);
    this.file.spend(count);
    let out = "";
    for (let i = 0; i < count; i++) {
      const code = this.file.bytes[at + i]!;
      out += TEXT[code]!;
    }
    return out;
  }

  table(index: number, what: string): Table | undefined {
    const field = this.#field(index, 4);
    return field ? new Table(this.file, this.file.follow(field, what), what) : undefined;
  }

  /** A vector of tables, read one by one. */
  tables(index: number, what: string, most: number): readonly Table[] {
    const { at, length } = this.vector(index, 4);
    if (length > most) this.file.fail(`${length} of ${what}, more than ${most}`);
    const out = new Array<Table>(length);
    for (let i = 0; i < length; i++) out[i] = new Table(this.file, this.file.follow(at + i * 4, what), `${what} ${i}`);
    return out;
  }
}

/** Names end up in comments of generated code, in file names and in JSON: nothing there needs escaping. */
const TEXT: readonly string[] = Array.from({ length: 256 }, (_, code) => {
  const character = String.fromCharCode(code);
  return /[A-Za-z0-9_./:;-]/.test(character) ? character : "_";
});

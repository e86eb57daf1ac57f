/** Seeded mutations of real files: byte flips, truncation, attacks on offsets, lengths and vtables, splices. */

/** mulberry32: [0, 1). */
function randomOf(seed: number): () => number {
  let s = seed | 0;
  return () => {
    s = (s + 0x6d2b79f5) | 0;
    let t = Math.imul(s ^ (s >>> 15), 1 | s);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

export interface Corpus {
  /** One file, mutated; `file` says which it was. */
  next(): { readonly bytes: Uint8Array; readonly file: string; readonly mutation: string };
}

type Random = (below: number) => number;
type Mutation = (bytes: Uint8Array, pick: Random, other: Uint8Array) => Uint8Array;

const write = (bytes: Uint8Array, at: number, value: number, size: number): void => {
  for (let i = 0; i < size && at + i < bytes.length; i++) bytes[at + i] = (value >>> (8 * i)) & 0xff;
};

/** Values at the edges of what offsets, lengths, codes and dimensions may be. */
function edge(pick: Random, length: number): number {
  const edges = [0, 1, 2, 3, 4, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xffffffff];
  const near = [length, length - 1, length - 4, -length, length >> 1, length * 4, 0x40000000, 0x20000000];
  const all = [...edges, ...near, pick(64), pick(length), -pick(length)];
  return all[pick(all.length)]!;
}

/** Most often one: deep code is reached by files that are nearly right. */
const few = (pick: Random): number => (pick(3) === 0 ? 2 + pick(7) : 1);

const MUTATIONS: Readonly<Record<string, Mutation>> = {
  flip: (bytes, pick) => {
    for (let n = few(pick); n > 0; n--) bytes[pick(bytes.length)]! ^= 1 << pick(8);
    return bytes;
  },
  bytes: (bytes, pick) => {
    for (let n = few(pick); n > 0; n--) bytes[pick(bytes.length)] = pick(256);
    return bytes;
  },
  truncate: (bytes, pick) => bytes.subarray(0, pick(bytes.length)),
  /** Offsets, lengths, dimensions: aligned words. */
  word: (bytes, pick) => {
    for (let n = 1 + pick(3); n > 0; n--) write(bytes, pick(bytes.length >> 2) * 4, edge(pick, bytes.length), 4);
    return bytes;
  },
  /** A word moved a little: offsets that point beside what they meant. */
  shift: (bytes, pick) => {
    const at = pick(bytes.length >> 2) * 4;
    write(bytes, at, (bytes[at]! | (bytes[at + 1]! << 8)) + pick(65) - 32, 2);
    return bytes;
  },
  /** vtables. */
  half: (bytes, pick) => {
    for (let n = 1 + pick(3); n > 0; n--) write(bytes, pick(bytes.length >> 1) * 2, edge(pick, bytes.length), 2);
    return bytes;
  },
  /** Scales and zero points. */
  double: (bytes, pick) => {
    const at = pick(bytes.length >> 3) * 8;
    write(bytes, at, edge(pick, bytes.length), 4);
    write(bytes, at + 4, pick(2) === 0 ? 0 : 0xffffffff, 4);
    return bytes;
  },
  splice: (bytes, pick, other) => {
    const length = 1 + pick(Math.min(bytes.length, other.length, 512));
    const [to, from] = [pick(bytes.length - length + 1), pick(other.length - length + 1)];
    bytes.set(other.subarray(from, from + length), to);
    return bytes;
  },
  /** Everything behind moves by some bytes. */
  remove: (bytes, pick) => {
    const [at, length] = [pick(bytes.length), 1 + pick(16)];
    bytes.copyWithin(at, Math.min(at + length, bytes.length));
    return bytes.subarray(0, Math.max(0, bytes.length - length));
  },
  join: (bytes, pick, other) => {
    const cut = pick(bytes.length);
    return Uint8Array.from([...bytes.subarray(0, cut), ...other.subarray(Math.min(cut, other.length))]);
  },
};
/** How often each is drawn; whatever moves or cuts everything is soon refused. */
const WEIGHTS: Readonly<Record<string, number>> = {
  flip: 5,
  bytes: 4,
  word: 5,
  shift: 3,
  half: 4,
  double: 2,
  splice: 2,
};
const NAMES = Object.keys(MUTATIONS).flatMap((name) => new Array<string>(WEIGHTS[name] ?? 1).fill(name));

/** A stream of mutated files that depends on the seed alone. `scratch` is reused: a case ends with the next. */
export function corpusOf(
  files: readonly { readonly name: string; readonly bytes: Uint8Array }[],
  seed: number,
): Corpus {
  const random = randomOf(seed);
  const pick: Random = (below) => Math.floor(random() * Math.max(1, below));
  const longest = Math.max(...files.map((f) => f.bytes.length));
  const scratch = new Uint8Array(longest);
  return {
    next() {
      const file = files[pick(files.length)]!;
      const other = files[pick(files.length)]!.bytes;
      let bytes: Uint8Array = scratch.subarray(0, file.bytes.length);
      bytes.set(file.bytes);
      const names: string[] = [];
      for (let n = pick(4) === 0 ? 2 + pick(3) : 1; n > 0 && bytes.length > 8; n--) {
        const name = NAMES[pick(NAMES.length)]!;
        names.push(name);
        bytes = MUTATIONS[name]!(bytes, pick, other);
      }
      return { bytes, file: file.name, mutation: names.join("+") };
    },
  };
}

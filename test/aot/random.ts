/** xorshift32: seeded numbers for tests. */
export class Random {
  private state: number;

  constructor(seed: number) {
    this.state = seed >>> 0 || 1;
  }

  u32(): number {
    let x = this.state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.state = x >>> 0;
    return this.state;
  }

  below(n: number): number {
    return this.u32() % n;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!;
  }
}

const WORDS_32 = [
  0, 1, 2, 31, 32, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0x7fffffff, 0x80000000, 0xffffffff, 0xfffffffe, 0x80008000,
  0x7fff7fff,
];
const FLOATS = [
  0,
  -0,
  0.5,
  -0.5,
  1,
  -1,
  1.5,
  2.5,
  -2.5,
  0.49999997,
  8388607.5,
  8388609,
  2147483648,
  -2147483648,
  2147483520,
  4294967040,
  4294967296,
  9.2233720368547758e18,
  -9.2233720368547758e18,
  1.8446744073709552e19,
  1e-40,
  1e30,
  -1e30,
  Infinity,
  -Infinity,
  NaN,
];

/** 16 bytes that mean something to one of the value types, mixed with noise. */
export function interestingBytes(random: Random): Uint8Array {
  const view = new DataView(new ArrayBuffer(16));
  const kind = random.below(5);
  for (let i = 0; i < 4; i++) {
    const at = i * 4;
    if (kind === 0) view.setUint32(at, random.u32(), true);
    else if (kind === 1) view.setUint32(at, random.pick(WORDS_32), true);
    else if (kind === 2) view.setFloat32(at, random.pick(FLOATS), true);
    else if (kind === 3) view.setFloat32(at, (random.u32() | 0) / 2 ** random.below(33), true);
    else if (i % 2 === 0)
      view.setFloat64(at, random.below(2) ? random.pick(FLOATS) : (random.u32() | 0) / 2 ** random.below(33), true);
  }
  return new Uint8Array(view.buffer);
}

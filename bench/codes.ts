/** Seeded int8 codes over the whole range (xorshift32). */
export function randomCodes(n: number): Int8Array {
  let s = 0x9e3779b9;
  return Int8Array.from({ length: n }, () => {
    s ^= s << 13;
    s ^= s >>> 17;
    s ^= s << 5;
    return s >> 24;
  });
}

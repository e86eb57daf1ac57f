import type { DType } from "./op.ts";

const CODES: Readonly<Partial<Record<DType, readonly [number, number]>>> = {
  i8: [-128, 127],
  u8: [0, 255],
  i16: [-32768, 32767],
  i32: [-(2 ** 31), 2 ** 31 - 1],
};

/** Smallest and largest code of an integer dtype. */
export function codeRange(dtype: DType): readonly [lo: number, hi: number] {
  const range = CODES[dtype];
  if (!range) throw new RangeError(`${dtype} has no codes, expected one of ${Object.keys(CODES).join(", ")}`);
  return range;
}

export const saturate = (code: number, dtype: DType): number => {
  const [lo, hi] = codeRange(dtype);
  return Math.min(hi, Math.max(lo, code));
};

export const SIMD_PRELUDE = "";
export const SIMD_HELPERS: Readonly<Record<string, string>> = {};

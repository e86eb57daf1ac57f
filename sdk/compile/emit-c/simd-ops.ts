export const SIMD_OPS: Readonly<Record<string, string>> = {};

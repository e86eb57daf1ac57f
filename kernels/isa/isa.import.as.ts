/**
 * The isa layer, AOT flavour: imports that the C emitter turns into instructions (sdk/compile/emit-c/isa.ts), one each,
 * but for tiles_u8 and pairs_row, which are whole micro-kernels (isa-wide.ts). Meanings are in isa.inline.as.ts.
 */
// @ts-ignore: decorator
@external("isa", "smlad")
export declare function smlad(x: i32, y: i32, acc: i32): i32;
// @ts-ignore: decorator
@external("isa", "smlabb")
export declare function smlabb(x: i32, y: i32, acc: i32): i32;
// @ts-ignore: decorator
@external("isa", "smlatt")
export declare function smlatt(x: i32, y: i32, acc: i32): i32;
// @ts-ignore: decorator
@external("isa", "smmla")
export declare function smmla(x: i32, y: i32, acc: i32): i32;
// @ts-ignore: decorator
@external("isa", "sxtb16")
export declare function sxtb16(x: i32): i32;
// @ts-ignore: decorator
@external("isa", "sxtb16_ror8")
export declare function sxtb16_ror8(x: i32): i32;
// @ts-ignore: decorator
@external("isa", "pkhbt")
export declare function pkhbt(x: i32, y: i32): i32;
// @ts-ignore: decorator
@external("isa", "ssat8")
export declare function ssat8(x: i32): i32;
// @ts-ignore: decorator
@external("isa", "ssat8_asr8")
export declare function ssat8_asr8(x: i32): i32;
// @ts-ignore: decorator
@external("isa", "ssat8_asr22")
export declare function ssat8_asr22(x: i32): i32;
// @ts-ignore: decorator
@external("isa", "tiles_u8")
export declare function tiles_u8(
  image: usize, pixel: i32, ow: i32, row: i32, pixels: i32, runs: i32, run: i32, quads: i32,
  weights: usize, constants: usize, dst: usize, oc: i32, zeroPoint: i32, lo: i32, hi: i32, forms: i32, wide: i32,
): void;
// @ts-ignore: decorator
@external("isa", "pairs_row")
export declare function pairs_row(
  image: usize, slot: i32, ring: i32, pairBytes: i32, pairs: i32, kw: i32, weights: usize, constants: usize, dst: usize,
  ow: i32, c: i32, pixel: i32, zeroPoint: i32, lo: i32, hi: i32, forms: i32, wide: i32,
): void;

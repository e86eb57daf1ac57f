/** The scalar family's instructions, AOT flavour: imports that the C emitter turns into one or two instructions each. */
// @ts-ignore: decorator
@external("isa", "mla")
export declare function mla(acc: i32, x: i32, w: i32): i32;
// @ts-ignore: decorator
@external("isa", "smlal")
export declare function smlal(acc: i64, x: i32, w: i32): i64;
// @ts-ignore: decorator
@external("isa", "sat8")
export declare function sat8(y: i32): i32;

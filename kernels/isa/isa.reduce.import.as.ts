/** The isa layer of the reduce family (Arm MVE), AOT flavour: meanings are in isa.reduce.inline.as.ts. */
// @ts-ignore: decorator
@external("isa", "load_bytes")
export declare function load_bytes(from: usize): v128;
// @ts-ignore: decorator
@external("isa", "load_words")
export declare function load_words(from: usize): v128;
// @ts-ignore: decorator
@external("isa", "load_words_tail")
export declare function load_words_tail(from: usize, n: i32): v128;
// @ts-ignore: decorator
@external("isa", "store_bytes")
export declare function store_bytes(to: usize, x: v128): void;
// @ts-ignore: decorator
@external("isa", "store_tail")
export declare function store_tail(to: usize, x: v128, n: i32): void;
// @ts-ignore: decorator
@external("isa", "store_words")
export declare function store_words(to: usize, x: v128): void;
// @ts-ignore: decorator
@external("isa", "store_words_tail")
export declare function store_words_tail(to: usize, x: v128, n: i32): void;
// @ts-ignore: decorator
@external("isa", "multiply_even")
export declare function multiply_even(x: v128, y: v128): v128;
// @ts-ignore: decorator
@external("isa", "multiply_odd")
export declare function multiply_odd(x: v128, y: v128): v128;
// @ts-ignore: decorator
@external("isa", "widen_even")
export declare function widen_even(x: v128): v128;
// @ts-ignore: decorator
@external("isa", "widen_odd")
export declare function widen_odd(x: v128): v128;
// @ts-ignore: decorator
@external("isa", "narrow_words")
export declare function narrow_words(even: v128, odd: v128): v128;
// @ts-ignore: decorator
@external("isa", "narrow_halves")
export declare function narrow_halves(even: v128, odd: v128): v128;
// @ts-ignore: decorator
@external("isa", "high_product")
export declare function high_product(x: v128, y: v128): v128;
// @ts-ignore: decorator
@external("isa", "high_product_by")
export declare function high_product_by(x: v128, y: i32): v128;
// @ts-ignore: decorator
@external("isa", "rounding_shift")
export declare function rounding_shift(x: v128, n: v128): v128;
// @ts-ignore: decorator
@external("isa", "rounding_shift_by")
export declare function rounding_shift_by(x: v128, n: i32): v128;
// @ts-ignore: decorator
@external("isa", "multiply_plus")
export declare function multiply_plus(x: v128, y: v128, n: i32): v128;
// @ts-ignore: decorator
@external("isa", "add_words")
export declare function add_words(x: v128, n: i32): v128;
// @ts-ignore: decorator
@external("isa", "max_words")
export declare function max_words(x: v128, y: v128): v128;
// @ts-ignore: decorator
@external("isa", "min_words")
export declare function min_words(x: v128, y: v128): v128;
// @ts-ignore: decorator
@external("isa", "max_bytes")
export declare function max_bytes(x: v128, y: v128): v128;
// @ts-ignore: decorator
@external("isa", "min_bytes")
export declare function min_bytes(x: v128, y: v128): v128;
// @ts-ignore: decorator
@external("isa", "add_halves")
export declare function add_halves(x: v128, n: i32): v128;
// @ts-ignore: decorator
@external("isa", "dot4")
export declare function dot4(block: usize, x: usize, n: i32): v128;
// @ts-ignore: decorator
@external("isa", "dot4x2")
export declare function dot4x2(block: usize, x0: usize, x1: usize, n: i32, sums: usize): usize;
// @ts-ignore: decorator
@external("isa", "window3x3")
export declare function window3x3(block: usize, x0: usize, x1: usize, x2: usize, sums: usize): v128;
// @ts-ignore: decorator
@external("isa", "copy_bytes")
export declare function copy_bytes(to: usize, from: usize, n: i32): usize;
// @ts-ignore: decorator
@external("isa", "fill_bytes")
export declare function fill_bytes(to: usize, value: i32, n: i32): usize;

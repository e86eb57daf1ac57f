/** The loop that elementwise operators of two operands share (broadcast.ts has the shape of `table`). */

/**
 * Offset, in elements, of output row `row` in the operand whose stride is at byte `operand` (4: a, 8: b) of the
 * table's entries, `entryBytes` long: 12 for two operands.
 */
// @ts-ignore: decorator
@inline
export function rowOffset(table: usize, outer: i32, row: i32, operand: usize, entryBytes: i32 = 12): i32 {
  let offset = 0;
  for (let d = outer - 1; d >= 0; d--) {
    const entry = table + d * entryBytes;
    const dim = load<i32>(entry);
    const next = row / dim;
    offset += (row - next * dim) * load<i32>(entry + operand);
    row = next;
  }
  return offset;
}

// @ts-ignore: decorator
@inline
export const ADD: i32 = 0;
// @ts-ignore: decorator
@inline
export const SUB: i32 = 1;
// @ts-ignore: decorator
@inline
export const MUL: i32 = 2;
// @ts-ignore: decorator
@inline
export const DIV: i32 = 3;

/** Arithmetic on outputs [begin, end), clamped to [lo, hi]. `op` is a constant at every call: its branch folds. */
// @ts-ignore: decorator
@inline
export function arithmetic_f32(
  op: i32, a: usize, b: usize, dst: usize, table: usize, outer: i32, inner: i32, strideA: i32, strideB: i32,
  lo: f32, hi: f32, begin: i32, end: i32,
): void {
  for (let i = begin; i < end; ) {
    const row = i / inner;
    const first = i - row * inner;
    const stop = min(end, i + inner - first);
    let pa = a + ((rowOffset(table, outer, row, 4) + first * strideA) << 2);
    let pb = b + ((rowOffset(table, outer, row, 8) + first * strideB) << 2);
    for (; i < stop; i++) {
      const x = load<f32>(pa);
      const y = load<f32>(pb);
      const z = op == ADD ? x + y : op == SUB ? x - y : op == MUL ? x * y : x / y;
      store<f32>(dst + (i << 2), min<f32>(max<f32>(z, lo), hi));
      pa += strideA << 2;
      pb += strideB << 2;
    }
  }
}

/** The same on i32, wrapping before the clamp; no division. */
// @ts-ignore: decorator
@inline
export function arithmetic_i32(
  op: i32, a: usize, b: usize, dst: usize, table: usize, outer: i32, inner: i32, strideA: i32, strideB: i32,
  lo: i32, hi: i32, begin: i32, end: i32,
): void {
  for (let i = begin; i < end; ) {
    const row = i / inner;
    const first = i - row * inner;
    const stop = min(end, i + inner - first);
    let pa = a + ((rowOffset(table, outer, row, 4) + first * strideA) << 2);
    let pb = b + ((rowOffset(table, outer, row, 8) + first * strideB) << 2);
    for (; i < stop; i++) {
      const x = load<i32>(pa);
      const y = load<i32>(pb);
      const z = op == ADD ? x + y : op == SUB ? x - y : x * y;
      store<i32>(dst + (i << 2), min(max(z, lo), hi));
      pa += strideA << 2;
      pb += strideB << 2;
    }
  }
}

// @ts-ignore: decorator
@inline
export const SQUARED_DIFFERENCE: i32 = 0;
// @ts-ignore: decorator
@inline
export const FLOOR_DIV: i32 = 1;
// @ts-ignore: decorator
@inline
export const FLOOR_MOD: i32 = 2;
// @ts-ignore: decorator
@inline
export const PRELU: i32 = 3;

// @ts-ignore: decorator
@inline
function floatPair(op: i32, x: f32, y: f32): f32 {
  if (op == SQUARED_DIFFERENCE) return (x - y) * (x - y);
  // The quotient of two f32 is rounded once, to f64, as TFLite's reference rounds it.
  if (op == FLOOR_DIV) return floor<f64>((x as f64) / (y as f64)) as f32;
  if (op == PRELU) return x >= 0 ? x : x * y;
  const rest = remainder(x, y);
  return rest != 0 && y < 0 != rest < 0 ? rest + y : rest;
}

/**
 * fmod(x, y), exact. Steps of 24 quotient bits: y * 2^(24 k) is exact in f64, and so are each step's product and
 * difference (below 2^53 units of the finer operand).
 */
function remainder(x: f32, y: f32): f32 {
  const size = abs<f64>(y as f64);
  let rest = abs<f64>(x as f64);
  for (let k = 11; k >= 0; k--) {
    // 2^(24 k) through the exponent's bits.
    const step = size * reinterpret<f64>(((1023 + 24 * k) as u64) << 52);
    rest -= floor<f64>(rest / step) * step;
    if (rest < 0) rest += step;
  }
  const result = (size == Infinity && abs<f64>(x as f64) < Infinity ? x : (rest as f32)) as f32;
  return abs<f32>(result) * (x < 0 ? <f32>-1 : <f32>1);
}

/** f32 operators of two operands without activation, on outputs [begin, end); `op` folds. */
// @ts-ignore: decorator
@inline
export function pairs_f32(
  op: i32, a: usize, b: usize, dst: usize, table: usize, outer: i32, inner: i32, strideA: i32, strideB: i32, begin: i32, end: i32,
): void {
  for (let i = begin; i < end; ) {
    const row = i / inner;
    const first = i - row * inner;
    const stop = min(end, i + inner - first);
    let pa = a + ((rowOffset(table, outer, row, 4) + first * strideA) << 2);
    let pb = b + ((rowOffset(table, outer, row, 8) + first * strideB) << 2);
    for (; i < stop; i++) {
      store<f32>(dst + (i << 2), floatPair(op, load<f32>(pa), load<f32>(pb)));
      pa += strideA << 2;
      pb += strideB << 2;
    }
  }
}

// @ts-ignore: decorator
@inline
export const MAXIMUM: i32 = 0;
// @ts-ignore: decorator
@inline
export const MINIMUM: i32 = 1;
// @ts-ignore: decorator
@inline
export const EQUAL: i32 = 2;
// @ts-ignore: decorator
@inline
export const NOT_EQUAL: i32 = 3;
// @ts-ignore: decorator
@inline
export const LESS: i32 = 4;
// @ts-ignore: decorator
@inline
export const LESS_EQUAL: i32 = 5;
// @ts-ignore: decorator
@inline
export const AND: i32 = 6;
// @ts-ignore: decorator
@inline
export const OR: i32 = 7;

/** Of floats, `y` where either is NaN (maximum, minimum), as TFLite's selects. */
// @ts-ignore: decorator
@inline
export function chosen<T, U>(op: i32, x: T, y: T): U {
  if (op == MAXIMUM) return (x > y ? x : y) as U;
  if (op == MINIMUM) return (x < y ? x : y) as U;
  if (op == EQUAL) return (x == y) as i32 as U;
  if (op == NOT_EQUAL) return (x != y) as i32 as U;
  if (op == LESS) return (x < y) as i32 as U;
  if (op == LESS_EQUAL) return (x <= y) as i32 as U;
  if (op == AND) return (((x != 0) as i32) & ((y != 0) as i32)) as U;
  return (((x != 0) as i32) | ((y != 0) as i32)) as U;
}

/** Selections and comparisons of `T` operands into `U` outputs [begin, end); `op` folds. */
// @ts-ignore: decorator
@inline
export function pairs<T, U>(
  op: i32, a: usize, b: usize, dst: usize, table: usize, outer: i32, inner: i32, strideA: i32, strideB: i32, begin: i32, end: i32,
): void {
  for (let i = begin; i < end; ) {
    const row = i / inner;
    const first = i - row * inner;
    const stop = min(end, i + inner - first);
    let pa = a + ((rowOffset(table, outer, row, 4) + first * strideA) << alignof<T>());
    let pb = b + ((rowOffset(table, outer, row, 8) + first * strideB) << alignof<T>());
    for (; i < stop; i++) {
      store<U>(dst + (i << alignof<U>()), chosen<T, U>(op, load<T>(pa), load<T>(pb)));
      pa += strideA << alignof<T>();
      pb += strideB << alignof<T>();
    }
  }
}

/**
 * Values of a run whose inputs are unknown: numbers, and intervals of what data can be. Transfer functions of the i32
 * instructions, each at least as wide as what the instruction can give.
 */

/**
 * A number that no input changes, or an interval of what it can be. One Data object is one value of the run: two that
 * are the same object are equal whatever the inputs are, so results of i32 instructions are never shared objects.
 */
export type Value = number | Data;

export interface Data {
  readonly lo: number;
  readonly hi: number;
  /** Set for a comparison: what it compared, so that a select of the two is a minimum or a maximum. */
  readonly compares?: { readonly less: boolean; readonly left: Value; readonly right: Value };
  /** Set for `x >> 31`, all bits the sign of x: x. */
  readonly signOf?: Data;
  /** Set for `x + (x >> 31)`: x. That, xor the sign, is |x|. */
  readonly foldedOf?: Data;
}

/** Thrown where a run cannot be followed further; the message says why. */
export class GivenUp extends Error {}

const [MIN, MAX] = [-(2 ** 31), 2 ** 31 - 1];
export const unknown = (): Data => ({ lo: MIN, hi: MAX });
export const bit = (): Data => ({ lo: 0, hi: 1 });

export function loaded(name: string, bytes: number): Data {
  if (bytes === 4) return unknown();
  const span = 2 ** (bytes * 8);
  return name.endsWith("_u") ? { lo: 0, hi: span - 1 } : { lo: -span / 2, hi: span / 2 - 1 };
}

export const low = (v: Value): number => (typeof v === "number" ? v : v.lo);
export const high = (v: Value): number => (typeof v === "number" ? v : v.hi);

/** An interval; what can wrap around is unknown. */
const between = (lo: number, hi: number): Data => (lo < MIN || hi > MAX ? unknown() : { lo, hi });

export function joinValues(a: Value, b: Value): Value {
  if (a === b) return a;
  return { lo: Math.min(low(a), low(b)), hi: Math.max(high(a), high(b)) };
}

export function selected(yes: Value, no: Value, condition: Value): Value {
  if (typeof condition === "number") return condition !== 0 ? yes : no;
  const { compares } = condition;
  if (compares) {
    const { less, left, right } = compares;
    const straight = left === yes && right === no;
    if (straight || (left === no && right === yes)) {
      // select(a, b, a < b) is the minimum, select(b, a, a < b) the maximum.
      const f = less === straight ? Math.min : Math.max;
      return { lo: f(low(yes), low(no)), hi: f(high(yes), high(no)) };
    }
  }
  return joinValues(yes, no);
}

const UNARY: Readonly<Record<string, (a: number) => number>> = {
  "i32.eqz": (a) => (a === 0 ? 1 : 0),
  "i32.clz": (a) => Math.clz32(a),
  "i32.ctz": (a) => (a === 0 ? 32 : 31 - Math.clz32(a & -a)),
  "i32.popcnt": (a) => {
    let [bits, rest] = [0, a >>> 0];
    for (; rest !== 0; rest >>>= 1) bits += rest & 1;
    return bits;
  },
  "i32.extend8_s": (a) => (a << 24) >> 24,
  "i32.extend16_s": (a) => (a << 16) >> 16,
};

export function unary(name: string, a: Value): Value {
  if (typeof a === "number") return UNARY[name]!(a);
  if (name === "i32.eqz") {
    // not (a < b) is b <= a.
    const c = a.compares;
    return c ? { ...bit(), compares: { ...c, less: !c.less } } : bit();
  }
  if (name === "i32.clz" || name === "i32.ctz" || name === "i32.popcnt") return { lo: 0, hi: 32 };
  const half = name === "i32.extend8_s" ? 128 : 32768;
  return a.lo >= -half && a.hi < half ? a : { lo: -half, hi: half - 1 };
}

const bool = (b: boolean): number => (b ? 1 : 0);

const BINARY: Readonly<Record<string, (a: number, b: number) => number>> = {
  "i32.add": (a, b) => (a + b) | 0,
  "i32.sub": (a, b) => (a - b) | 0,
  "i32.mul": Math.imul,
  "i32.and": (a, b) => a & b,
  "i32.or": (a, b) => a | b,
  "i32.xor": (a, b) => a ^ b,
  "i32.shl": (a, b) => a << b,
  "i32.shr_s": (a, b) => a >> b,
  "i32.shr_u": (a, b) => (a >>> b) | 0,
  "i32.rotl": (a, b) => (a << b) | (a >>> (32 - (b & 31))),
  "i32.rotr": (a, b) => (a >>> b) | (a << (32 - (b & 31))),
  "i32.eq": (a, b) => bool(a === b),
  "i32.ne": (a, b) => bool(a !== b),
  "i32.lt_s": (a, b) => bool(a < b),
  "i32.gt_s": (a, b) => bool(a > b),
  "i32.le_s": (a, b) => bool(a <= b),
  "i32.ge_s": (a, b) => bool(a >= b),
  "i32.lt_u": (a, b) => bool(a >>> 0 < b >>> 0),
  "i32.gt_u": (a, b) => bool(a >>> 0 > b >>> 0),
  "i32.le_u": (a, b) => bool(a >>> 0 <= b >>> 0),
  "i32.ge_u": (a, b) => bool(a >>> 0 >= b >>> 0),
};

const DIVIDE: Readonly<Record<string, (a: number, b: number) => number>> = {
  "i32.div_s": (a, b) => (a / b) | 0,
  "i32.rem_s": (a, b) => (a % b) | 0,
  "i32.div_u": (a, b) => ((a >>> 0) / (b >>> 0)) | 0,
  "i32.rem_u": (a, b) => ((a >>> 0) % (b >>> 0)) | 0,
};

export function binary(name: string, a: Value, b: Value): Value {
  if (typeof a === "number" && typeof b === "number") {
    const divide = DIVIDE[name];
    if (divide && b === 0) throw new GivenUp("a division by zero");
    return (divide ?? BINARY[name]!)(a, b);
  }
  const [al, ah, bl, bh] = [low(a), high(a), low(b), high(b)];
  switch (name) {
    case "i32.add": {
      const sum = between(al + bl, ah + bh);
      const x =
        typeof a === "number" || typeof b === "number"
          ? undefined
          : a.signOf === b
            ? b
            : b.signOf === a
              ? a
              : undefined;
      // x - 1 where x is negative: the least i32 would wrap around.
      return x && x.lo > MIN ? { lo: Math.min(x.lo - 1, x.hi), hi: x.hi, foldedOf: x } : sum;
    }
    case "i32.xor": {
      if (typeof a === "number" || typeof b === "number") return unknown();
      const x =
        a.foldedOf && a.foldedOf === b.signOf
          ? a.foldedOf
          : b.foldedOf && b.foldedOf === a.signOf
            ? b.foldedOf
            : undefined;
      return x ? { lo: 0, hi: Math.max(x.hi, -x.lo) } : unknown();
    }
    case "i32.sub":
      return between(al - bh, ah - bl);
    case "i32.mul": {
      const products = [al * bl, al * bh, ah * bl, ah * bh];
      return between(Math.min(...products), Math.max(...products));
    }
    case "i32.shl":
      return typeof b === "number" ? between(al * 2 ** (b & 31), ah * 2 ** (b & 31)) : unknown();
    case "i32.shr_s":
      if (typeof b !== "number") return unknown();
      return { lo: al >> b, hi: ah >> b, ...((b & 31) === 31 && typeof a !== "number" ? { signOf: a } : {}) };
    case "i32.shr_u":
      return typeof b === "number" && al >= 0
        ? { lo: al >>> b, hi: ah >>> b }
        : typeof b === "number" && (b & 31) > 0
          ? { lo: 0, hi: (2 ** 32 - 1) >>> b }
          : unknown();
    case "i32.and": {
      const mask = bl >= 0 ? bh : al >= 0 ? ah : undefined;
      return mask === undefined ? unknown() : { lo: 0, hi: bl >= 0 && al >= 0 ? Math.min(ah, bh) : mask };
    }
    case "i32.lt_s":
    case "i32.le_s":
      return { ...bit(), compares: { less: true, left: a, right: b } };
    case "i32.gt_s":
    case "i32.ge_s":
      return { ...bit(), compares: { less: false, left: a, right: b } };
    default:
      return name in BINARY && /\.(eq|ne|[lg][te])/.test(name) ? bit() : unknown();
  }
}

/**
 * Random functions that always end and never trap: loops count down, divisors are odd, addresses are masked, and
 * floats leave only through comparisons and saturating truncation, since NaN payloads are not specified.
 */
import { encodeI32 } from "../../sdk/compile/wasm/bytes.ts";
import type { OpName, ValueType } from "../../sdk/compile/wasm/opcodes.ts";
import { access, blockType, call, GLOBAL, get, i32, op, set, type TestFunction } from "./assemble.ts";
import type { Random } from "./random.ts";

/** Types that blocks of several values use, for `assemble`. */
export const BLOCK_TYPES = [
  { params: ["i32", "i64"], results: ["i64", "i32"] },
  { params: [], results: ["i32", "i32"] },
  { params: ["i32", "i32"], results: ["i32"] },
] as const satisfies readonly { params: readonly ValueType[]; results: readonly ValueType[] }[];

const LOCALS: readonly ValueType[] = ["i32", "i32", "i32", "i64", "i64", "f32", "f32", "f64"];
const I32_BINARY: readonly OpName[] = [
  "i32.add",
  "i32.sub",
  "i32.mul",
  "i32.and",
  "i32.or",
  "i32.xor",
  "i32.shl",
  "i32.shr_s",
  "i32.shr_u",
  "i32.rotl",
  "i32.rotr",
  "i32.lt_s",
  "i32.lt_u",
  "i32.ge_s",
  "i32.eq",
  "i32.ne",
];
const I64_BINARY: readonly OpName[] = [
  "i64.add",
  "i64.sub",
  "i64.mul",
  "i64.and",
  "i64.or",
  "i64.xor",
  "i64.shl",
  "i64.shr_s",
  "i64.shr_u",
  "i64.rotl",
];
const F32_BINARY: readonly OpName[] = [
  "f32.add",
  "f32.sub",
  "f32.mul",
  "f32.div",
  "f32.min",
  "f32.max",
  "f32.copysign",
];

export class ProgramGenerator {
  private readonly random: Random;
  private readonly locals: ValueType[] = [];
  /** Result types of open labels, innermost last; undefined for loops, which only their counter may repeat. */
  private readonly labels: (readonly ValueType[] | undefined)[] = [];
  private fuel = 0;
  /** Locals below this one may be set by anything; those from here on count loops. */
  private free = 0;
  private readonly callees: number;

  constructor(random: Random, callees: number) {
    this.random = random;
    this.callees = callees;
  }

  /** A step without parameters: runs statements, then stores every local. */
  step(): TestFunction {
    this.fuel = 60;
    this.locals.length = 0;
    this.locals.push(...LOCALS);
    this.free = this.locals.length;
    this.labels.length = 0;
    const body = [...this.statements(4), ...this.storeLocals()];
    return { locals: [...this.locals], body };
  }

  /** A function (i32, i64) → i32 that steps call; it stores to memory too. */
  callee(): TestFunction {
    this.fuel = 25;
    this.locals.length = 0;
    this.locals.push("i32", "i64", ...LOCALS);
    this.free = this.locals.length;
    this.labels.length = 0;
    const body = [...this.statements(2), ...this.i32(3)];
    return { params: ["i32", "i64"], results: ["i32"], locals: this.locals.slice(2), body };
  }

  private storeLocals(): number[] {
    return this.locals.flatMap((type, i) => {
      const at = op("global.get", GLOBAL.ARENA);
      const offset = 512 + i * 8;
      if (type === "i64") return [...at, ...get(i), ...access("i64.store", offset)];
      const value =
        type === "f32"
          ? [...get(i), ...op("i32.trunc_sat_f32_s")]
          : type === "f64"
            ? [...get(i), ...op("i32.trunc_sat_f64_u")]
            : get(i);
      return [...at, ...value, ...access("i32.store", offset)];
    });
  }

  private localOf(type: ValueType): number {
    return this.random.pick(this.locals.flatMap((t, i) => (t === type && i < this.free ? [i] : [])));
  }

  private statements(most: number): number[] {
    return Array.from({ length: 1 + this.random.below(most) }, () => this.statement()).flat();
  }

  private inside(results: readonly ValueType[] | undefined, make: () => number[]): number[] {
    this.labels.push(results);
    const body = make();
    this.labels.pop();
    return body;
  }

  /** A label without values that may be left for, as a depth. */
  private target(): number | undefined {
    const depths = this.labels.flatMap((results, i) => (results?.length === 0 ? [this.labels.length - 1 - i] : []));
    return depths.length > 0 ? this.random.pick(depths) : undefined;
  }

  private statement(): number[] {
    if (this.fuel-- <= 0) return op("nop");
    switch (this.random.below(11)) {
      case 0:
        return [...this.i32(3), ...set(this.localOf("i32"))];
      case 1:
        return [...this.i64(3), ...set(this.localOf("i64"))];
      case 2:
        return [...this.f32(3), ...set(this.localOf("f32"))];
      case 3:
        return [
          ...this.address(),
          ...this.i32(3),
          ...access(this.random.pick(["i32.store", "i32.store8", "i32.store16"] as const), 4),
        ];
      case 4:
        return [
          ...this.i32(2),
          ...op("if", 0x40),
          ...this.inside([], () => this.statements(2)),
          ...op("else"),
          ...this.inside([], () => this.statements(2)),
          ...op("end"),
        ];
      case 5:
        return [
          ...op("block", 0x40),
          ...this.inside([], () => [...this.statements(3), ...this.leave(), ...this.statements(1)]),
          ...op("end"),
        ];
      case 6:
        return this.loop();
      case 7: {
        const depth = this.target();
        return depth === undefined ? op("nop") : [...this.i32(2), ...op("br_if", depth)];
      }
      case 8:
        return this.table();
      case 9:
        return [
          ...op("global.get", GLOBAL.ARENA),
          ...i32(256),
          ...op("i32.add"),
          ...op("global.get", GLOBAL.ARENA),
          ...i32(this.random.below(300)),
          ...op("i32.add"),
          ...this.i32(1),
          ...i32(63),
          ...op("i32.and"),
          ...op("memory.copy", 0, 0),
        ];
      default:
        return this.manyValues();
    }
  }

  /** An unconditional branch behind which nothing runs, sometimes. */
  private leave(): number[] {
    const depth = this.random.below(3) === 0 ? this.target() : undefined;
    return depth === undefined ? [] : op("br", depth);
  }

  private loop(): number[] {
    const counter = this.locals.length;
    this.locals.push("i32");
    const body = this.inside(undefined, () => this.statements(3));
    const again = [...get(counter), ...i32(1), ...op("i32.sub"), ...op("local.tee", counter), ...op("br_if", 0)];
    return [...i32(1 + this.random.below(4)), ...set(counter), ...op("loop", 0x40), ...body, ...again, ...op("end")];
  }

  private table(): number[] {
    const arms = 2 + this.random.below(3);
    const out: number[] = [];
    for (let i = 0; i < arms; i++) {
      out.push(...op("block", 0x40));
      this.labels.push([]);
    }
    const targets = Array.from({ length: 4 }, () => this.random.below(arms));
    out.push(...this.i32(2), ...i32(7), ...op("i32.and"), ...op("br_table", 4, ...targets, this.random.below(arms)));
    for (let i = 0; i < arms; i++) {
      this.labels.pop();
      out.push(...op("end"), ...this.statements(2));
    }
    return out;
  }

  private manyValues(): number[] {
    switch (this.random.below(3)) {
      case 0:
        return [
          ...this.i32(2),
          ...this.i64(2),
          ...op("block", 0),
          ...set(this.localOf("i64")),
          ...set(this.localOf("i32")),
          ...this.inside(undefined, () => [...this.i64(2), ...this.i32(2), ...this.i32(1), ...op("br_if", 0)]),
          ...op("end"),
          ...set(this.localOf("i32")),
          ...set(this.localOf("i64")),
        ];
      case 1:
        return [
          ...this.i32(2),
          ...op("if", 1),
          ...this.inside(undefined, () => [
            ...this.i32(2),
            ...this.i32(2),
            ...op("else"),
            ...this.i32(2),
            ...this.i32(2),
          ]),
          ...op("end"),
          ...set(this.localOf("i32")),
          ...set(this.localOf("i32")),
        ];
      default: {
        // Two loop parameters that change places.
        const counter = this.locals.length;
        const [a, b] = [counter + 1, counter + 2];
        this.locals.push("i32", "i32", "i32");
        return [
          ...i32(3),
          ...set(counter),
          ...this.i32(2),
          ...this.i32(2),
          ...op("loop", 2),
          ...set(b),
          ...set(a),
          ...get(b),
          ...get(a),
          ...i32(5),
          ...op("i32.add"),
          ...get(counter),
          ...i32(1),
          ...op("i32.sub"),
          ...op("local.tee", counter),
          ...op("br_if", 0),
          ...op("i32.xor"),
          ...op("end"),
          ...set(this.localOf("i32")),
        ];
      }
    }
  }

  private address(): number[] {
    return [...this.i32(1), ...i32(0xf8), ...op("i32.and"), ...op("global.get", GLOBAL.ARENA), ...op("i32.add")];
  }

  private constant(): number {
    return this.random.pick([0, 1, -1, 2, 7, 255, -128, 65535, 0x7fffffff, -0x80000000, this.random.u32() | 0]);
  }

  private i32(depth: number): number[] {
    if (depth <= 0 || this.fuel-- <= 0) return this.random.below(2) ? i32(this.constant()) : get(this.localOf("i32"));
    const d = depth - 1;
    switch (this.random.below(12)) {
      case 0:
        return [
          ...this.address(),
          ...access(
            this.random.pick(["i32.load", "i32.load8_s", "i32.load8_u", "i32.load16_s", "i32.load16_u"] as const),
            this.random.pick([0, 4, 64]),
          ),
        ];
      case 1:
        return [...this.i32(d), ...op("local.tee", this.localOf("i32"))];
      case 2:
        return [...this.i64(d), ...op("i32.wrap_i64")];
      case 3:
        return [...this.f32(d), ...op(this.random.pick(["i32.trunc_sat_f32_s", "i32.trunc_sat_f32_u"] as const))];
      case 4:
        return [...this.i32(d), ...this.i32(d), ...this.i32(d), ...op("select")];
      case 5:
        return [
          ...this.i32(d),
          ...i32(1),
          ...this.i32(d),
          ...i32(1),
          ...op("i32.or"),
          ...op(this.random.pick(["i32.div_u", "i32.rem_u", "i32.rem_s"] as const)),
          ...op("i32.sub"),
        ];
      case 6:
        return [
          ...op("block", blockType("i32")),
          ...this.inside(["i32"], () => [
            ...this.i32(d),
            ...this.i32(d),
            ...op("br_if", 0),
            ...this.i32(d),
            ...op("i32.add"),
          ]),
          ...op("end"),
        ];
      case 7:
        return [
          ...this.i32(d),
          ...op("if", blockType("i32")),
          ...this.inside(["i32"], () => this.i32(d)),
          ...op("else"),
          ...this.inside(["i32"], () => [...this.statements(1), ...this.i32(d)]),
          ...op("end"),
        ];
      case 8:
        return this.callees > 0 ? [...this.i32(d), ...this.i64(d), ...call(this.random.below(this.callees))] : i32(3);
      case 9:
        return [
          ...this.i32(d),
          ...op(
            this.random.pick([
              "i32.eqz",
              "i32.clz",
              "i32.ctz",
              "i32.popcnt",
              "i32.extend8_s",
              "i32.extend16_s",
            ] as const),
          ),
        ];
      default:
        return [...this.i32(d), ...this.i32(d), ...op(this.random.pick(I32_BINARY))];
    }
  }

  private i64(depth: number): number[] {
    if (depth <= 0 || this.fuel-- <= 0)
      return this.random.below(3) === 0 ? op("i64.const", ...encodeI32(this.constant())) : get(this.localOf("i64"));
    const d = depth - 1;
    switch (this.random.below(6)) {
      case 0:
        return [...this.i32(d), ...op(this.random.pick(["i64.extend_i32_s", "i64.extend_i32_u"] as const))];
      case 1:
        return [
          ...this.address(),
          ...access(this.random.pick(["i64.load", "i64.load32_s", "i64.load8_u"] as const), 8),
        ];
      case 2:
        return [
          ...this.i64(d),
          ...this.i64(d),
          ...op("i64.const", 1),
          ...op("i64.or"),
          ...op(this.random.pick(["i64.div_u", "i64.rem_s", "i64.rem_u"] as const)),
        ];
      default:
        return [...this.i64(d), ...this.i64(d), ...op(this.random.pick(I64_BINARY))];
    }
  }

  private f32(depth: number): number[] {
    if (depth <= 0 || this.fuel-- <= 0) return get(this.localOf("f32"));
    const d = depth - 1;
    switch (this.random.below(5)) {
      case 0:
        return [...this.i32(d), ...op(this.random.pick(["f32.convert_i32_s", "f32.convert_i32_u"] as const))];
      case 1:
        return [...this.i64(d), ...op("f32.convert_i64_s")];
      case 2:
        return [
          ...this.f32(d),
          ...op(
            this.random.pick([
              "f32.abs",
              "f32.neg",
              "f32.ceil",
              "f32.floor",
              "f32.trunc",
              "f32.nearest",
              "f32.sqrt",
            ] as const),
          ),
        ];
      default:
        return [...this.f32(d), ...this.f32(d), ...op(this.random.pick(F32_BINARY))];
    }
  }
}

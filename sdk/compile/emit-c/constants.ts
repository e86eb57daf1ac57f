import type { Instruction } from "../wasm/body.ts";
import { type Expression, fixed } from "./expression.ts";

/** C for a constant instruction; undefined for any other. */
export function constant({ immediate }: Instruction): Expression | undefined {
  switch (immediate.kind) {
    case "i32":
      return fixed("i32", unsigned(BigInt(immediate.value >>> 0), 32));
    case "i64":
      return fixed("i64", unsigned(BigInt.asUintN(64, immediate.value), 64));
    case "f32": {
      const value = new Float32Array(new Uint32Array([immediate.bits]).buffer)[0]!;
      const text = hexFloat(value);
      return fixed("f32", text ? `${text}f` : `f32_from(0x${immediate.bits.toString(16)}u)`, !text?.startsWith("-"));
    }
    case "f64": {
      const value = new Float64Array(new BigUint64Array([immediate.bits]).buffer)[0]!;
      const text = hexFloat(value);
      return fixed("f64", text ?? `f64_from(0x${immediate.bits.toString(16)}ull)`, !text?.startsWith("-"));
    }
    case "v128": {
      const words = new Uint32Array(immediate.bytes.slice().buffer);
      const lanes = [...words].map((word) => `0x${word.toString(16)}u`);
      return fixed("v128", `V128(${lanes.join(", ")})`);
    }
    default:
      return undefined;
  }
}

/** Small and negative numbers in decimal, the rest in hexadecimal. */
function unsigned(value: bigint, bits: number): string {
  const small = value < 1n << 16n;
  const suffix = bits === 64 ? "ull" : "u";
  return small ? `${value}${suffix}` : `0x${value.toString(16)}${suffix}`;
}

/** An exact C99 hexadecimal float, or undefined for infinities and NaN. */
function hexFloat(value: number): string | undefined {
  if (!Number.isFinite(value)) return undefined;
  const sign = value < 0 || Object.is(value, -0) ? "-" : "";
  const magnitude = Math.abs(value);
  if (Number.isInteger(magnitude) && magnitude < 2 ** 24) return `${sign}${magnitude}.0`;
  const bits = new BigUint64Array(new Float64Array([magnitude]).buffer)[0]!;
  const exponent = Number(bits >> 52n);
  const fraction = (bits & ((1n << 52n) - 1n)).toString(16).padStart(13, "0").replace(/0+$/, "");
  const lead = exponent === 0 ? "0" : "1";
  return `${sign}0x${lead}${fraction ? `.${fraction}` : ""}p${exponent === 0 ? -1022 : exponent - 1023}`;
}

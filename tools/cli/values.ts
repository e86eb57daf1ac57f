/** Values of options, parsed once: each throws a usage error that names the option. */
import { PithError } from "../../sdk/error.ts";
import { nearMiss } from "../../sdk/near-miss.ts";

const usage = (where: string, received: string, expected: string): PithError =>
  new PithError("usage", `${where}: ${received}, expected ${expected}`);

/** `value` where it is one of `choices`. */
export function oneOf<const T extends string>(where: string, value: string, choices: readonly T[]): T {
  const found = choices.find((c) => c === value);
  if (found !== undefined) return found;
  throw usage(where, `"${value}"${nearMiss(value, choices)}`, `one of ${choices.join(", ")}`);
}

export function integer(where: string, value: number | undefined, least: number): number | undefined {
  if (value === undefined || (Number.isSafeInteger(value) && value >= least)) return value;
  throw usage(where, Number.isNaN(value) ? "not a number" : String(value), `a whole number of at least ${least}`);
}

const UNITS: Readonly<Record<string, number>> = {
  "": 1,
  b: 1,
  k: 1024,
  kb: 1024,
  kib: 1024,
  m: 1 << 20,
  mb: 1 << 20,
  mib: 1 << 20,
};

/** Bytes: `65536`, `64k`, `1M`; powers of two, as memories are. */
export function byteSize(where: string, value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const match = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(value.trim());
  const unit = UNITS[match?.[2]?.toLowerCase() ?? "?"];
  const bytes = match && unit !== undefined ? Number(match[1]) * unit : Number.NaN;
  if (!Number.isSafeInteger(Math.round(bytes))) throw usage(where, `"${value}"`, "a size such as 65536, 64k or 1M");
  return Math.round(bytes);
}

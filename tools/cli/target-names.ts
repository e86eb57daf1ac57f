/** Target names of the contract, and the code behind those that this version has. */
import type { NativeTarget } from "../../sdk/compile/target.ts";
import { PithError } from "../../sdk/error.ts";
import { oneOf } from "./values.ts";

export interface TargetEntry {
  readonly about: string;
  /** Absent where this version does not compile for it; null where the portable module is all there is. */
  readonly load?: (() => Promise<NativeTarget>) | null;
}

export const TARGET_TABLE = {
  wasm: { about: "portable WebAssembly: Node, browsers, workers; the specification of the model", load: null },
  host: { about: "this computer, native code" },
  "cortex-m0plus": { about: "ARMv6-M" },
  "cortex-m3": { about: "ARMv7-M" },
  "cortex-m4": { about: "ARMv7E-M with FPU: SMLAD" },
  "cortex-m7": { about: "ARMv7E-M with FPU, dual issue" },
  "cortex-m33": { about: "ARMv8-M with DSP" },
  "cortex-m55": { about: "ARMv8.1-M with Helium" },
  riscv32: { about: "RV32IMC" },
  "linux-arm64": { about: "AArch64 Linux" },
} as const satisfies Readonly<Record<string, TargetEntry>>;

export type TargetName = keyof typeof TARGET_TABLE;
export const TARGET_NAMES = Object.keys(TARGET_TABLE) as TargetName[];

/** undefined: the portable module alone. Unknown names are usage errors, known ones without code "unsupported". */
export async function targetNamed(name: string): Promise<NativeTarget | undefined> {
  const known = oneOf("--target", name, TARGET_NAMES);
  const entry: TargetEntry = TARGET_TABLE[known];
  if (entry.load === null) return undefined;
  if (entry.load) return entry.load();
  const now = TARGET_NAMES.filter((n) => {
    const { load }: TargetEntry = TARGET_TABLE[n];
    return load !== undefined;
  });
  throw new PithError(
    "unsupported",
    `--target ${known}: not supported in this version, expected one of ${now.join(", ")}`,
  );
}

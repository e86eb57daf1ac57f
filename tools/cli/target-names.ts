/** Target names of the contract, and the code behind those that this version has. */
import type { NativeTarget } from "../../sdk/compile/target.ts";
import { PithError } from "../../sdk/error.ts";
import { NATIVE_TARGETS } from "../../targets/index.ts";
import { oneOf } from "./values.ts";

const PORTABLE = "wasm";

export const TARGET_TABLE = {
  wasm: "portable WebAssembly: Node, browsers, workers; the specification of the model",
  host: "this computer, native code",
  "cortex-m0plus": "ARMv6-M",
  "cortex-m3": "ARMv7-M",
  "cortex-m4": "ARMv7E-M with FPU: SMLAD",
  "cortex-m7": "ARMv7E-M with FPU, dual issue",
  "cortex-m33": "ARMv8-M with DSP",
  "cortex-m55": "ARMv8.1-M with Helium",
  riscv32: "RV32IMC",
  "linux-arm64": "AArch64 Linux",
} as const satisfies Readonly<Record<string, string>>;

export type TargetName = keyof typeof TARGET_TABLE;
export const TARGET_NAMES = Object.keys(TARGET_TABLE) as TargetName[];

export const isSupported = (name: TargetName): boolean => name === PORTABLE || Object.hasOwn(NATIVE_TARGETS, name);

/** undefined: the portable module alone. Unknown names are usage errors, known ones without code "unsupported". */
export function targetNamed(name: string): NativeTarget | undefined {
  const known = oneOf("--target", name, TARGET_NAMES);
  if (!isSupported(known))
    throw new PithError(
      "unsupported",
      `--target ${known}: not supported in this version, expected one of ${TARGET_NAMES.filter(isSupported).join(", ")}`,
    );
  return NATIVE_TARGETS[known];
}

/**
 * Instructions of this machine that executables built on it may use beyond the baseline of its architecture: decided
 * when the executable is built, part of its cache key. Images keep to the baseline, since they may run elsewhere.
 */
import { readFileSync } from "node:fs";

export interface HostIsa {
  readonly name: string;
  readonly flags: readonly string[];
}

/** Rows by architecture, best first: what /proc/cpuinfo must list, and the flags that GCC and Clang share. */
const ROWS: Readonly<Record<string, readonly (HostIsa & { readonly needs: readonly string[] })[]>> = {
  x64: [
    {
      name: "AVX-512 VNNI",
      needs: ["avx2", "avx512f", "avx512bw", "avx512dq", "avx512vl", "avx512_vnni"],
      flags: ["-mavx512f", "-mavx512bw", "-mavx512dq", "-mavx512vl", "-mavx512vnni"],
    },
    { name: "AVX-VNNI", needs: ["avx2", "avx_vnni"], flags: ["-mavx2", "-mavxvnni"] },
    { name: "AVX2", needs: ["avx2"], flags: ["-mavx2"] },
  ],
  arm64: [{ name: "dot product", needs: ["asimddp"], flags: ["-march=armv8.2-a+dotprod"] }],
};

/** The best row that `features` satisfy, or the baseline of the architecture. */
export function isaOf(arch: string, features: ReadonlySet<string>): HostIsa {
  const row = ROWS[arch]?.find(({ needs }) => needs.every((n) => features.has(n)));
  return row ? { name: row.name, flags: row.flags } : { name: "baseline", flags: [] };
}

/** This machine's; the baseline where its features cannot be read. */
export function hostIsa(): HostIsa {
  try {
    const line = /^(?:flags|Features)\s*:(.*)$/m.exec(readFileSync("/proc/cpuinfo", "utf8"))?.[1] ?? "";
    return isaOf(process.arch, new Set(line.trim().split(/\s+/)));
  } catch {
    return isaOf(process.arch, new Set());
  }
}

/** Compiles AssemblyScript text in process, as the compiler front does, for tests of what comes behind it. */
import { main } from "assemblyscript/asc";

export async function compileAs(source: string, flags: readonly string[] = []): Promise<Uint8Array> {
  let wasm: Uint8Array | undefined;
  const { error, stderr } = await main(
    ["in.ts", "--outFile", "out.wasm", "-O3", "--runtime", "stub", "--noAssert", "--enable", "simd", ...flags],
    {
      readFile: (name) => (name === "in.ts" ? source : null),
      writeFile: (name, contents) => {
        if (name === "out.wasm" && typeof contents !== "string") wasm = contents;
      },
      listFiles: () => [],
    },
  );
  if (error || !wasm) throw new Error(`asc: ${error?.message}\n${stderr.toString()}`);
  return wasm;
}

/** What every test module needs: the plan's globals and the four entries around a body of `infer`. */
export function modelSource({
  declarations = "",
  infer,
  steps = [],
}: {
  declarations?: string;
  infer: string;
  steps?: readonly string[];
}): string {
  return `
@external("env", "ARENA") declare const ARENA: usize;
@external("env", "STATE") declare const STATE: usize;
@external("env", "WEIGHTS") declare const WEIGHTS: usize;
${declarations}
export function m_init(): i32 { memory.fill(STATE, 0, 64); return 0; }
export function m_infer(): i32 { ${infer}; return 0; }
export function m_step(i: i32): i32 {
  switch (i) {
    ${steps.map((step, i) => `case ${i}: { ${step}; return 0; }`).join("\n    ")}
    default: return -2;
  }
}
export function m_monitors_reset(): i32 { store<i32>(STATE, 0); return 0; }
`;
}

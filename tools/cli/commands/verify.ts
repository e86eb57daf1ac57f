import { verifyModule } from "../../../sdk/compile/wasm/verify.ts";
import { PithError } from "../../../sdk/error.ts";
import { loadModule } from "../../../sdk/runtime/module.ts";
import { defineCommand } from "../command.ts";
import { readInput } from "../load-model.ts";
import { textTable } from "../text-table.ts";

export const verify = defineCommand({
  usage: "verify <module>",
  about:
    "Checks a compiled module, byte by byte, without trusting its compiler: imports, memory, calls, recursion, data, and every address that it can touch. Prints what was found.",
  examples: [["pith verify build/model.wasm", "a report that a reviewer can file"]],
  positionals: { module: { type: "string", demandOption: true, describe: "a .wasm module made by pith compile" } },
  options: {},
  async run({ module: path }) {
    const bytes = readInput(path, "a module made by pith compile");
    const { manifest } = await loadModule(bytes);
    const { arena, state, weights } = manifest.memory;
    const region = ({ base, bytes: size }: { base: number; bytes: number }) => ({ address: base, bytes: size });
    const report = verifyModule(bytes, { arena: region(arena), state: region(state), weights: region(weights) });
    const rows = report.checks.map(({ name, ok, found }) => [ok ? "ok" : "FAILED", name, found]);
    const text = `${textTable(["", "check", "found"], rows)}\n\n${manifest.name}: ${report.functions} functions, ${report.instructions} instructions, calls nest ${report.callDepth} deep, ${report.memoryBytes} bytes of memory`;
    if (report.ok) return { result: { name: manifest.name, pith: manifest.pith, ...report }, text };
    const failed = report.checks.filter((c) => !c.ok).map((c) => `${c.name} (${c.found})`);
    return {
      result: { name: manifest.name, ...report },
      text,
      failure: new PithError("file-format", `${path}: ${failed.join("; ")}, expected every check to hold`, { report }),
    };
  },
});

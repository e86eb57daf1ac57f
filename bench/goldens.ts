/**
 * Every golden model through `pith run` itself, in place: npm run goldens -- --on wasm|host [--models ops|models]
 * [--only TEXT] [--shard 1/2]. Prints what differs and "equal of total"; exits 1 unless all are equal. Operators are
 * test/goldens-ops, models $PITH_DATA/goldens. Minutes to an hour: each model is compiled.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { TypedArray } from "../kernels/op.ts";
import { readNpy } from "../sdk/data/npy.ts";
import { runCommand } from "../tools/cli/run-command.ts";
import { difference, type GoldenEntry, type GoldenSet, goldenSets, modelFile, readIndex } from "./goldens/sets.ts";

const { values: args } = parseArgs({
  options: {
    on: { type: "string", default: "wasm" },
    models: { type: "string", default: "ops" },
    only: { type: "string", default: "" },
    shard: { type: "string", default: "1/1" },
  },
});

const root = args.models === "ops" ? join("test", "goldens-ops") : join(process.env["PITH_DATA"] ?? "", "goldens");
const [shard, shards] = args.shard.split("/").map(Number) as [number, number];
const entries = readIndex(root).filter((e, i) => e.name.includes(args.only) && i % shards === shard - 1);
const folder = mkdtempSync(join(tmpdir(), "pith-goldens-"));
let equal = 0;
try {
  for (const entry of entries) {
    const whys: string[] = [];
    for (const set of goldenSets(root, entry)) {
      const why = await runSet(entry, set);
      if (why) whys.push(why);
    }
    if (whys.length === 0) equal++;
    else console.log(`${entry.name}: ${whys.join("; ")}`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
console.log(`${equal} of ${entries.length} equal (${args.models} on ${args.on})`);
process.exitCode = equal === entries.length ? 0 : 1;

async function runSet(entry: GoldenEntry, set: GoldenSet): Promise<string | undefined> {
  const outputs = set.outputPaths.map((_, j) => join(folder, `out${j}.npy`));
  let message = "";
  const status = await runCommand(
    [
      "run",
      modelFile(root, entry.name),
      ...set.inputPaths.flatMap((path) => ["--input", path]),
      ...outputs.flatMap((path) => ["--output", path]),
      "--on",
      args.on,
      "--state",
      set.state,
    ],
    {
      stdout: { write: () => {} },
      stderr: {
        write: (text) => {
          message += text;
        },
      },
      env: process.env,
      signal: new AbortController().signal,
    },
  );
  if (status !== 0) return message.trim() || `exit ${status}`;
  for (const [j, path] of set.outputPaths.entries()) {
    const [got, want] = [outputs[j]!, path].map((p) => readNpy(readFileSync(p), p));
    const shapes = [got!, want!].map(({ dtype, shape }) => `${dtype}[${shape.join(",")}]`);
    if (shapes[0] !== shapes[1]) return `${set.name}output ${j} is ${shapes[0]}, expected ${shapes[1]}`;
    const why = difference(got!.data as TypedArray, want!.data as TypedArray, set.tolerance);
    if (why) return `${set.name}output ${j}: ${why}`;
  }
  return undefined;
}

/**
 * Every golden model on every target: npm run goldens -- [--on wasm,host,cortex-m4|all] [--models ops|models]
 * [--only TEXT] [--shard 1/2] [--group 40] [--records N] [--cli]. Prints what differs and "equal of total"; exits 1
 * unless all are equal. Operators are test/goldens-ops, models $PITH_DATA/goldens.
 *
 * Up to `--group` models share a build, which takes minutes a target; 1 builds each alone. With --cli each goes through
 * `pith run` itself, files in and files out, on wasm or host: up to an hour.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { groupsOf, memberOf } from "./goldens/group.ts";
import { mismatchOfCommand } from "./goldens/run-command.ts";
import { GOLDEN_TARGETS, type GoldenTarget, mismatchesOn, targetMissing } from "./goldens/run-group.ts";
import { readIndex } from "./goldens/sets.ts";

const { values: args } = parseArgs({
  options: {
    on: { type: "string", default: "wasm" },
    models: { type: "string", default: "ops" },
    only: { type: "string", default: "" },
    shard: { type: "string", default: "1/1" },
    group: { type: "string", default: "40" },
    records: { type: "string" },
    cli: { type: "boolean", default: false },
  },
});

const root = args.models === "ops" ? join("test", "goldens-ops") : join(process.env["PITH_DATA"] ?? "", "goldens");
const [shard, shards] = args.shard.split("/").map(Number) as [number, number];
const entries = readIndex(root).filter((e, i) => e.name.includes(args.only) && i % shards === shard - 1);
const targets = args.on === "all" ? GOLDEN_TARGETS : args.on.split(",").map(targetNamed);
/** Models that are not equal, by target. */
const wrong = new Map(targets.map((target) => [target, 0]));

function targetNamed(text: string): GoldenTarget {
  const found = GOLDEN_TARGETS.find((name) => name === text);
  if (!found) throw new Error(`--on ${text}: expected all, or some of ${GOLDEN_TARGETS.join(", ")}`);
  return found;
}

function report(target: GoldenTarget, name: string, why: string): void {
  console.log(`${target} ${name}: ${why}`);
  wrong.set(target, wrong.get(target)! + 1);
}

for (const target of targets) {
  const missing = await targetMissing(target);
  if (missing) throw new Error(`--on ${target}: ${missing}`);
}
if (args.cli) await runCommands();
else await runGroups();
for (const [target, count] of wrong)
  console.log(`${entries.length - count} of ${entries.length} equal (${args.models} on ${target})`);
process.exitCode = [...wrong.values()].every((count) => count === 0) ? 0 : 1;

async function runGroups(): Promise<void> {
  const records = args.records === undefined ? {} : { records: Number(args.records) };
  const groups = groupsOf(
    entries.map((entry) => memberOf(root, entry)),
    Number(args.group),
  );
  // Groups outside, targets inside: targets of one kernel family share the module of a group.
  for (const [g, members] of groups.entries())
    for (const target of targets) {
      const start = performance.now();
      for (const [name, why] of await mismatchesOn(target, members, records)) report(target, name, why);
      const seconds = ((performance.now() - start) / 1000).toFixed(1);
      console.error(`${g + 1}/${groups.length} ${target}: ${members.length} models, ${seconds} s`);
    }
}

async function runCommands(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "pith-goldens-"));
  try {
    for (const target of targets)
      for (const entry of entries) {
        const why = await mismatchOfCommand(root, entry, target, folder);
        if (why) report(target, entry.name, why);
      }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

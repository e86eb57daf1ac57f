import { PithError } from "../../../sdk/error.ts";
import { defineCommand, type Outcome } from "../command.ts";
import { compareRuns, listRuns, readRun } from "../run-store.ts";
import { textTable } from "../text-table.ts";
import { oneOf } from "../values.ts";

const ACTIONS = ["list", "show", "compare", "verify"] as const;

export const runs = defineCommand({
  usage: "runs <action> [ids..]",
  about:
    "Looks at the records of runs: list; show ID; compare ID ID; verify ID (the artifacts still have the recorded hashes). An id may be shortened.",
  examples: [
    ["pith runs list", ""],
    ["pith runs show 3f2a", ""],
    ["pith runs compare 3f2a 91bc", "what differs in parameters and results"],
    ["pith runs verify 3f2a", "exit 1 when an artifact is missing or changed"],
  ],
  positionals: {
    action: { type: "string", demandOption: true, describe: ACTIONS.join(", ") },
    ids: { type: "string", array: true, describe: "run ids" },
  },
  options: { dir: { type: "string", default: "runs", requiresArg: true, describe: "folder of the records" } },
  async run(args) {
    const action = oneOf("pith runs", args.action, ACTIONS);
    const ids = args.ids ?? [];
    const count = { list: 0, show: 1, compare: 2, verify: 1 }[action];
    if (ids.length !== count)
      throw new PithError("usage", `pith runs ${action}: ${ids.length} run ids, expected ${count}`);
    return {
      list: () => list(args.dir),
      show: () => show(args.dir, ids[0]!),
      compare: () => compare(args.dir, ids),
      verify: () => verify(args.dir, ids[0]!),
    }[action]();
  },
});

function list(dir: string): Outcome {
  const found = listRuns(dir);
  return {
    result: { runs: found.map(({ id, kind, state, time, results }) => ({ id, kind, state, time, results })) },
    text:
      found.length === 0
        ? `${dir}: no runs yet`
        : textTable(
            ["run", "kind", "state", "started"],
            found.map((r) => [r.id, r.kind, r.state, r.time]),
          ),
  };
}

function show(dir: string, id: string): Outcome {
  const record = readRun(dir, id);
  return {
    result: record,
    text: JSON.stringify({ ...record, metrics: `${record.metrics.length} lines` }, undefined, 2),
  };
}

function compare(dir: string, ids: readonly string[]): Outcome {
  const [a, b] = ids.map((id) => readRun(dir, id)) as [ReturnType<typeof readRun>, ReturnType<typeof readRun>];
  const differences = compareRuns(a, b);
  return {
    result: { a: a.id, b: b.id, differences },
    text:
      differences.length === 0
        ? "no differences"
        : textTable(
            ["field", a.id, b.id],
            differences.map((d) => [d.field, JSON.stringify(d.a) ?? null, JSON.stringify(d.b) ?? null]),
          ),
  };
}

function verify(dir: string, id: string): Outcome {
  const { id: run, artifacts } = readRun(dir, id);
  const bad = artifacts.filter((a) => a.found !== a.sha256);
  const result = { id: run, artifacts };
  if (bad.length === 0) return { result, text: `${run}: ${artifacts.length} artifacts have the recorded bytes` };
  const worst = bad[0]!;
  const failure = new PithError(
    "data",
    `runs verify ${run}: ${worst.name} ${worst.found ? `has SHA-256 ${worst.found.slice(0, 12)}…, expected ${worst.sha256.slice(0, 12)}…` : "is missing"}`,
  );
  return { result, failure };
}

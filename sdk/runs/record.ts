/**
 * Run records: `runs/<id>/` with run.json, metrics.jsonl, environment.json and artifacts by hash. The id is a hash of
 * what decides the result, so a repeated run has the same id and the same artifacts; time and host stand in
 * environment.json only.
 */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { appendFileSync, mkdirSync, writeFileSync } from "node:fs";
import { arch, cpus, hostname, platform } from "node:os";
import { join } from "node:path";
import { encodeModel } from "../formats/pith.ts";
import type { Model } from "../model.ts";
import { writeAtomically } from "../train/checkpoint.ts";
import { version } from "../version.ts";

export const RUN_KINDS = ["train", "quantize", "compile"] as const;
export type RunKind = (typeof RUN_KINDS)[number];

export interface RunRecord {
  readonly id: string;
  readonly folder: string;
  /** Appends one line to metrics.jsonl. */
  metrics(values: object): void;
  /** Writes the results and the model's artifact. */
  finish(results: Readonly<Record<string, unknown>>, model?: Model): void;
}

/** `facts` must not hold times, hosts or paths. `append` keeps the metrics of a run that goes on. */
export function startRun(
  root: string,
  kind: RunKind,
  facts: Readonly<Record<string, unknown>>,
  options: { append?: boolean } = {},
): RunRecord {
  const id = createHash("sha256")
    .update(JSON.stringify({ kind, version, ...facts }))
    .digest("hex")
    .slice(0, 16);
  const folder = join(root, id);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "metrics.jsonl"), "", { flag: options.append ? "a" : "w" });
  writeJson(join(folder, "environment.json"), environment());
  const describe = (state: string, results: Readonly<Record<string, unknown>>): void =>
    writeJson(join(folder, "run.json"), { id, kind, version, state, ...facts, ...results });
  describe("running", {});
  return {
    id,
    folder,
    metrics: (values) => appendFileSync(join(folder, "metrics.jsonl"), `${JSON.stringify(values)}\n`),
    finish: (results, model) => {
      const artifacts: Record<string, string> = {};
      if (model) {
        const bytes = encodeModel({ ...model, run: id });
        artifacts["model.pith"] = createHash("sha256").update(bytes).digest("hex");
        writeAtomically(join(folder, "model.pith"), bytes);
      }
      describe("finished", { ...results, artifacts });
    },
  };
}

const writeJson = (path: string, value: unknown): void =>
  writeAtomically(path, new TextEncoder().encode(`${JSON.stringify(value, null, 2)}\n`));

const environment = (): Readonly<Record<string, unknown>> => ({
  time: new Date().toISOString(),
  host: hostname(),
  platform: `${platform()}-${arch()}`,
  cpu: cpus()[0]?.model ?? "",
  node: process.version,
  git: gitState(),
});

/** The commit and whether files differ from it; null outside a repository. */
function gitState(): { commit: string; modified: boolean } | null {
  try {
    const git = (...args: string[]): string =>
      execFileSync("git", args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
    return { commit: git("rev-parse", "HEAD"), modified: git("status", "--porcelain", "--untracked-files=no") !== "" };
  } catch {
    return null;
  }
}

/** Reads `runs/<id>/`: run.json, environment.json, metrics.jsonl and artifacts by SHA-256. */
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { PithError } from "../../sdk/error.ts";

type Fields = Readonly<Record<string, unknown>>;

export interface RunSummary {
  readonly id: string;
  readonly kind: string;
  readonly state: string;
  readonly time: string | null;
  readonly results: Fields;
}

export interface StoredRun extends RunSummary {
  readonly facts: Fields;
  readonly environment: Fields;
  readonly metrics: readonly unknown[];
  readonly artifacts: readonly {
    readonly name: string;
    readonly sha256: string /** null where the file is missing. */;
    readonly found: string | null;
  }[];
}

const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function readFields(path: string): Fields {
  const value: unknown = parse(path, readFileSync(path, "utf8"));
  if (!isFields(value)) throw new PithError("file-format", `${path}: expected a JSON object`);
  return value;
}

function parse(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new PithError("file-format", `${path}: not JSON, expected a run record`);
  }
}

const text = (value: unknown, otherwise: string): string => (typeof value === "string" ? value : otherwise);
const RESULTS = ["test", "accuracy", "report"];

export function listRuns(dir: string): readonly RunSummary[] {
  const names = existsSync(dir) ? readdirSync(dir).filter((name) => existsSync(join(dir, name, "run.json"))) : [];
  return names.map((name) => summary(dir, name)).sort((a, b) => ((a.time ?? "") < (b.time ?? "") ? -1 : 1));
}

function summary(dir: string, name: string): RunSummary {
  const fields = readFields(join(dir, name, "run.json"));
  const environmentPath = join(dir, name, "environment.json");
  const time = existsSync(environmentPath) ? readFields(environmentPath)["time"] : undefined;
  return {
    id: text(fields["id"], name),
    kind: text(fields["kind"], "?"),
    state: text(fields["state"], "?"),
    time: typeof time === "string" ? time : null,
    results: Object.fromEntries(Object.entries(fields).filter(([key]) => RESULTS.includes(key))),
  };
}

/** `id` may be the beginning of one. */
export function readRun(dir: string, id: string): StoredRun {
  const matches = existsSync(dir)
    ? readdirSync(dir).filter((name) => name.startsWith(id) && existsSync(join(dir, name, "run.json")))
    : [];
  if (matches.length !== 1)
    throw new PithError(
      matches.length === 0 ? "file-missing" : "usage",
      `${join(dir, id)}: ${matches.length === 0 ? "no such run" : `${matches.length} runs begin so`}, expected one run (pith runs list shows them)`,
    );
  const folder = join(dir, matches[0]!);
  const fields = readFields(join(folder, "run.json"));
  const { artifacts, ...facts } = fields;
  const metricsPath = join(folder, "metrics.jsonl");
  const lines = existsSync(metricsPath)
    ? readFileSync(metricsPath, "utf8")
        .split("\n")
        .filter((l) => l !== "")
    : [];
  const environmentPath = join(folder, "environment.json");
  return {
    ...summary(dir, matches[0]!),
    facts,
    environment: existsSync(environmentPath) ? readFields(environmentPath) : {},
    metrics: lines.map((line) => parse(metricsPath, line)),
    artifacts: Object.entries(isFields(artifacts) ? artifacts : {}).map(([name, sha256]) => ({
      name,
      sha256: String(sha256),
      found: hashOf(join(folder, name)),
    })),
  };
}

const hashOf = (path: string): string | null =>
  existsSync(path) ? createHash("sha256").update(readFileSync(path)).digest("hex") : null;

export interface Difference {
  readonly field: string;
  readonly a: unknown;
  readonly b: unknown;
}

/** Fields of run.json, nested ones by dotted path, that differ. */
export function compareRuns(a: StoredRun, b: StoredRun): readonly Difference[] {
  const [left, right] = [flatten(a.facts), flatten(b.facts)];
  const fields = [...new Set([...left.keys(), ...right.keys()])].filter((f) => f !== "id");
  return fields
    .filter((f) => JSON.stringify(left.get(f)) !== JSON.stringify(right.get(f)))
    .map((field) => ({ field, a: left.get(field), b: right.get(field) }));
}

function flatten(value: Fields, prefix = ""): Map<string, unknown> {
  return new Map(
    Object.entries(value).flatMap(([key, v]): (readonly [string, unknown])[] =>
      isFields(v) ? [...flatten(v, `${prefix}${key}.`)] : [[`${prefix}${key}`, v]],
    ),
  );
}

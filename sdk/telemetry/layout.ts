/**
 * MonitorLayout: what the words of a model's monitors region mean. It travels in the manifest, so a host that has
 * never seen the model can read its frames. A monitor is a table of histograms, one row a feature:
 *
 *     word of (monitor, feature f, bin b) = offsetWords + f * bins + b
 *
 * `reference` has the same order as the words: the counts that the finished monitors gave on the reference samples.
 */
import { PithError } from "../error.ts";

export const LAYOUT_VERSION = 1;

export const MONITOR_KINDS = ["feature", "confidence", "classes"] as const;
export type MonitorKind = (typeof MONITOR_KINDS)[number];

export interface Monitor {
  readonly name: string;
  readonly kind: MonitorKind;
  /** Bins of every row; a row with fewer distinct edges leaves its last bins empty for ever. */
  readonly bins: number;
  readonly offsetWords: number;
  /** Names of the rows. */
  readonly features: readonly string[];
  /** `feature` only: bins - 1 ascending int8 codes a row, 127 for an edge that is not there (see bins.ts). */
  readonly edges: readonly (readonly number[])[];
  /** Counts of the reference samples, [features * bins]. */
  readonly reference: readonly number[];
  /** `classes` only: names of the bins. */
  readonly labels?: readonly string[];
}

export interface MonitorLayout {
  readonly version: typeof LAYOUT_VERSION;
  /** Size of the monitors region in u32 words. */
  readonly words: number;
  /** Number of reference samples, m. */
  readonly samples: number;
  /** At most one false alarm in this many inferences, over all monitors together. */
  readonly falseAlarmEvery: number;
  readonly monitors: readonly Monitor[];
}

/** One histogram of a layout: a row of a monitor, as the drift tests take it. */
export interface MonitorRow {
  readonly monitor: string;
  readonly kind: MonitorKind;
  readonly feature: string;
  readonly offsetWords: number;
  /** Bins that a sample can fall in. */
  readonly bins: number;
  readonly reference: readonly number[];
}

/** Limits on a document from outside: far above any model for a microcontroller, far below what hurts the host. */
const MAX_WORDS = 1 << 20;
const MAX_BINS = 4096;
const MAX_NAME = 256;

/** The rows of all monitors, in the order of their words. */
export function layoutRows(layout: MonitorLayout): readonly MonitorRow[] {
  return layout.monitors.flatMap((m) =>
    m.features.map((feature, f) => {
      const bins = m.kind === "feature" ? 1 + m.edges[f]!.filter((edge) => edge < 127).length : m.bins;
      const reference = m.reference.slice(f * m.bins, f * m.bins + bins);
      return { monitor: m.name, kind: m.kind, feature, offsetWords: m.offsetWords + f * m.bins, bins, reference };
    }),
  );
}

/** Histograms by monitor and row: `out[monitor][feature][bin]`. `counts` has layout.words counters. */
export function splitCounts(layout: MonitorLayout, counts: ArrayLike<number>): number[][][] {
  if (counts.length !== layout.words)
    throw new PithError(
      "data",
      `monitors: ${counts.length} counters, expected ${layout.words} (is this another model's layout?)`,
    );
  return layout.monitors.map((m) =>
    m.features.map((_, f) => Array.from({ length: m.bins }, (_, b) => counts[m.offsetWords + f * m.bins + b]!)),
  );
}

/** Reads a layout from parsed JSON of any origin; throws `file-format` at the first thing that is not as stated above. */
export function parseLayout(value: unknown): MonitorLayout {
  const doc = object(value, "monitors");
  if (doc.version !== LAYOUT_VERSION) fail("monitors.version", doc.version, `${LAYOUT_VERSION}`);
  const words = integer(doc.words, "monitors.words", 0, MAX_WORDS);
  const samples = integer(doc.samples, "monitors.samples", 1, Number.MAX_SAFE_INTEGER);
  const falseAlarmEvery = integer(doc.falseAlarmEvery, "monitors.falseAlarmEvery", 1, Number.MAX_SAFE_INTEGER);
  const monitors = array(doc.monitors, "monitors.monitors", words).map(parseMonitor);
  let next = 0;
  for (const [i, m] of monitors.entries()) {
    if (m.offsetWords !== next)
      fail(`monitors.monitors[${i}].offsetWords`, m.offsetWords, `${next}, right after the one before`);
    next += m.features.length * m.bins;
  }
  if (next !== words) fail("monitors.words", words, `${next}, the sum of the monitors`);
  if (new Set(monitors.map((m) => m.name)).size !== monitors.length)
    fail("monitors.monitors", "equal names", "a name for each");
  return { version: LAYOUT_VERSION, words, samples, falseAlarmEvery, monitors };
}

function parseMonitor(value: unknown, index: number): Monitor {
  const at = `monitors.monitors[${index}]`;
  const doc = object(value, at);
  const kind = MONITOR_KINDS.find((k) => k === doc.kind) ?? fail(`${at}.kind`, doc.kind, MONITOR_KINDS.join(", "));
  const name = text(doc.name, `${at}.name`);
  const bins = integer(doc.bins, `${at}.bins`, 1, MAX_BINS);
  const offsetWords = integer(doc.offsetWords, `${at}.offsetWords`, 0, MAX_WORDS);
  const features = array(doc.features, `${at}.features`, MAX_WORDS).map((f, i) => text(f, `${at}.features[${i}]`));
  const rows = features.length;
  if (rows === 0) fail(`${at}.features`, "[]", "at least one name");
  if (kind !== "feature" && rows !== 1) fail(`${at}.features`, `${rows} names`, `one for "${kind}"`);
  const edges = array(doc.edges, `${at}.edges`, rows).map((e, f) => parseEdges(e, `${at}.edges[${f}]`, bins));
  if (edges.length !== (kind === "feature" ? rows : 0))
    fail(`${at}.edges`, `${edges.length} rows`, `${kind === "feature" ? rows : 0}`);
  const reference = array(doc.reference, `${at}.reference`, rows * bins).map((c, i) =>
    integer(c, `${at}.reference[${i}]`, 0, Number.MAX_SAFE_INTEGER),
  );
  if (reference.length !== rows * bins) fail(`${at}.reference`, `${reference.length} counts`, `${rows * bins}`);
  const monitor = { name, kind, bins, offsetWords, features, edges, reference };
  if (doc.labels === undefined) return monitor;
  const labels = array(doc.labels, `${at}.labels`, bins).map((l, i) => text(l, `${at}.labels[${i}]`));
  if (labels.length !== bins) fail(`${at}.labels`, `${labels.length} names`, `${bins}`);
  return { ...monitor, labels };
}

function parseEdges(value: unknown, at: string, bins: number): number[] {
  const edges = array(value, at, bins).map((e, i) => integer(e, `${at}[${i}]`, -128, 127));
  if (edges.length !== bins - 1) fail(at, `${edges.length} edges`, `${bins - 1}, one fewer than bins`);
  edges.forEach((edge, i) => {
    if (i > 0 && edge <= edges[i - 1]! && edge !== 127) fail(`${at}[${i}]`, edge, `more than ${edges[i - 1]}`);
  });
  return edges;
}

function object(value: unknown, at: string): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) fail(at, value, "an object");
  return value as Readonly<Record<string, unknown>>;
}

function array(value: unknown, at: string, limit: number): readonly unknown[] {
  if (!Array.isArray(value)) fail(at, value, "an array");
  if (value.length > limit) fail(at, `${value.length} elements`, `at most ${limit}`);
  return value;
}

function integer(value: unknown, at: string, low: number, high: number): number {
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < low || value > high)
    fail(at, value, `an integer from ${low} to ${high}`);
  return value;
}

function text(value: unknown, at: string): string {
  if (typeof value !== "string" || value.length > MAX_NAME)
    fail(at, value, `a string of at most ${MAX_NAME} characters`);
  return value;
}

function fail(at: string, received: unknown, expected: string): never {
  const shown = typeof received === "string" ? received : (JSON.stringify(received) ?? String(received));
  throw new PithError(
    "file-format",
    `${at}: received ${shown.slice(0, 60)}, expected ${expected} (rebuild the model's manifest)`,
  );
}

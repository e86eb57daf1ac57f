/**
 * A drift report as text for a terminal: a pure function of the report. Each histogram is one line of block characters, the
 * last window above the reference's scale: full height is the larger of the two rows' largest share.
 */
import type { DriftAlarm, DriftReport, RowReport } from "./alarms.ts";

export interface TerminalOptions {
  /** ANSI colours. */
  readonly color?: boolean;
  /** Rows to show: those nearest to an alarm first; 12 by default. */
  readonly rows?: number;
  readonly alarms?: number;
}

const BLOCKS = " ▁▂▃▄▅▆▇█";
const NAME_WIDTH = 24;
const COURSE_WINDOWS = 24;

export function renderReport(
  report: DriftReport,
  { color = false, rows = 12, alarms = 8 }: TerminalOptions = {},
): string {
  const paint = (code: number, text: string) => (color ? `\x1b[${code}m${text}\x1b[0m` : text);
  const shown = [...report.rows].sort((a, b) => pressure(b) - pressure(a)).slice(0, rows);
  const lines = [
    `${report.inferences} inferences in ${report.windows} windows of ${report.window}; ${report.alarms.length === 0 ? "no alarm" : paint(31, plural(report.alarms.length, "alarm"))}`,
    `at most one false alarm in ${report.falseAlarmEvery} inferences, over ${plural(report.rows.length, "histogram")}; reference: ${report.referenceSamples} samples`,
    "",
    `${"".padEnd(NAME_WIDTH)} reference → last window   PSI (limit)     e (limit)       course of PSI`,
    ...shown.map((row) => (row.alarms > 0 ? paint(31, renderRow(row)) : renderRow(row))),
  ];
  if (report.rows.length > shown.length) lines.push(`… ${report.rows.length - shown.length} more`);
  if (report.alarms.length > 0)
    lines.push("", ...report.alarms.slice(-alarms).map((alarm) => paint(31, renderAlarm(alarm))));
  return `${lines.join("\n")}\n`;
}

export function renderAlarm({ monitor, feature, test, windows, inferences, statistic, threshold }: DriftAlarm): string {
  const value =
    test === "psi"
      ? `PSI ${statistic.toFixed(3)} ≥ ${threshold.toFixed(3)}`
      : `e ${power(statistic)} ≥ ${power(threshold)}`;
  return `ALARM ${printable(monitor === feature ? monitor : `${monitor} ${feature}`)}: ${value} in window ${windows} (inference ${inferences})`;
}

function renderRow(row: RowReport): string {
  const reference = shares(row.reference);
  const latest = shares(row.latest);
  const top = Math.max(...reference, ...latest, Number.MIN_VALUE);
  const bars = (values: readonly number[]) => values.map((v) => block(v / top)).join("");
  const psi = row.psi.at(-1);
  const psiText =
    psi === undefined ? "–" : `${psi.toFixed(3)} (${row.psiThreshold === null ? "none" : row.psiThreshold.toFixed(3)})`;
  const logE = row.logE.at(-1);
  const eText = logE === undefined || logE === null ? "–" : `${power(logE)} (${power(row.logThreshold)})`;
  const recent = row.psi.slice(-COURSE_WINDOWS);
  const scale = Math.max(row.psiThreshold ?? 0, ...recent, Number.MIN_VALUE);
  const course = recent.map((v) => block(v / scale)).join("");
  return `${fit(row.feature, NAME_WIDTH)} ${`${bars(reference)} → ${bars(latest)}`.padEnd(25)} ${psiText.padEnd(15)} ${eText.padEnd(15)} ${course}`.trimEnd();
}

/** How near a row is to its nearer alarm: 1 is at it. */
function pressure(row: RowReport): number {
  const psi = (row.psi.at(-1) ?? 0) / (row.psiThreshold ?? Number.POSITIVE_INFINITY);
  const e = (row.logE.at(-1) ?? Number.NEGATIVE_INFINITY) / row.logThreshold;
  return row.alarms + Math.max(psi, e);
}

/** e^x as a power of ten: the e-value itself is beyond doubles. */
const power = (log: number): string => `1e${(log / Math.LN10).toFixed(1)}`;

const shares = (counts: readonly number[]): number[] => {
  const total = counts.reduce((a, b) => a + b, 0);
  return counts.map((c) => (total === 0 ? 0 : c / total));
};

/** A block of height 0 to 1; what is not zero is seen. */
const block = (height: number): string => BLOCKS[height <= 0 ? 0 : Math.min(8, Math.max(1, Math.round(height * 8)))]!;

const fit = (name: string, width: number): string => {
  const text = printable(name);
  return text.length > width ? `${text.slice(0, width - 1)}…` : text.padEnd(width);
};

/** Names come from a manifest: no escape sequences reach the terminal. */
const printable = (name: string): string => name.replace(/[\p{Cc}\p{Cf}]/gu, "?");

const plural = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? "" : "s"}`;

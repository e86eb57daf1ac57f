/** What every bench prints with --json: rows beside a peer's, ratios above 1 where pith is better. */
import { availableParallelism, cpus } from "node:os";

export interface Row {
  readonly name: string;
  readonly unit: string;
  readonly value: number;
  readonly peer: string | null;
  readonly peerValue: number | null;
  /** peerValue / value: less is better for all that is counted here. */
  readonly ratio: number | null;
}

export const row = (name: string, unit: string, value: number, peer: string, peerValue?: number): Row => ({
  name,
  unit,
  value,
  peer: peerValue === undefined ? null : peer,
  peerValue: peerValue ?? null,
  ratio: peerValue === undefined ? null : peerValue / value,
});

export const geometricMean = (values: readonly number[]): number =>
  Math.exp(values.reduce((sum, v) => sum + Math.log(v), 0) / values.length);

export const resultOf = (suite: string, rows: readonly Row[], geomean: Readonly<Record<string, number>>) => ({
  suite,
  machine: `${cpus()[0]?.model ?? "unknown"}, ${availableParallelism()} cores`,
  date: new Date().toISOString().slice(0, 10),
  rows,
  geomean,
});

/** Columns padded to their widest cell; numbers to the right. */
export function showTable(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, i) => Math.max(...rows.map((r) => r[i]?.length ?? 0)));
  return rows
    .map((r) => r.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join("  "))
    .join("\n");
}

export const grouped = (n: number | null | undefined): string => (n == null ? "-" : n.toLocaleString("en-US"));

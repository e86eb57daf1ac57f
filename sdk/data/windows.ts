/**
 * Sliding windows over recordings in a CSV file. A window never crosses from one recording, label or split into
 * another, and a recording lies in one split only (windows of one recording are nearly copies of each other: shared
 * between train and test they would make accuracy a lie).
 */
import { basename } from "node:path";
import { PithError } from "../error.ts";
import type { DatasetFields, Splits } from "./dataset.ts";
import { locateFile } from "./locate.ts";
import { classNames, makeSplits, type SplitName, type SplitRule, splitColumn, splitOf } from "./split-rows.ts";
import { readTable, type Table } from "./table.ts";

export interface WindowsOptions {
  /** Name of the model input that the windows become, f32 [length, columns.length]. */
  readonly input: string;
  readonly columns: readonly string[];
  readonly label: string;
  /** Column that names the recording. */
  readonly group: string;
  readonly split: SplitRule;
  /** Rows in a window, and rows from the start of one to the start of the next. */
  readonly length: number;
  readonly hop: number;
}

/** Rows [begin, end) of one recording with one label and one split. */
interface Segment {
  readonly begin: number;
  readonly end: number;
  readonly split: SplitName;
  readonly label: string;
  readonly group: number;
}

export async function windows(path: string, options: WindowsOptions): Promise<Splits> {
  for (const name of ["length", "hop"] as const)
    if (!Number.isInteger(options[name]) || options[name] < 1)
      throw new PithError("data", `windows: ${name} is ${options[name]}, expected a positive whole number of rows`);
  if (options.columns.length === 0)
    throw new PithError("data", "windows: columns is empty, expected at least one column name");
  const table = await readTable(locateFile(path), {
    numbers: options.columns,
    texts: [options.label, options.group, splitColumn(options.split)],
  });
  const name = basename(path);
  const segments = segmentsOf(name, table, options);
  const usable = segments.filter((s) => s.end - s.begin >= options.length);
  if (usable.length === 0)
    throw new PithError(
      "data",
      `${name}: no recording has ${options.length} rows, expected at least one window of that length`,
    );
  const classes = classNames(segments.map((s) => s.label));
  const part = (split: SplitName): DatasetFields =>
    cut(
      table,
      usable.filter((s) => s.split === split),
      classes,
      options,
    );
  return makeSplits(name, { train: part("train"), test: part("test"), validation: part("validation") });
}

function segmentsOf(name: string, table: Table, options: WindowsOptions): readonly Segment[] {
  const [labels, groups, splits] = [options.label, options.group, splitColumn(options.split)].map(
    (c) => table.texts[c]!,
  ) as [readonly string[], readonly string[], readonly string[]];
  const seen = new Map<string, { readonly index: number; readonly split: SplitName | undefined }>();
  const segments: Segment[] = [];
  let begin = 0;
  for (let row = 1; row <= table.rows; row++) {
    if (
      row < table.rows &&
      labels[row] === labels[begin] &&
      groups[row] === groups[begin] &&
      splits[row] === splits[begin]
    )
      continue;
    const group = groups[begin]!;
    const split = splitOf(
      options.split,
      splits[begin]!,
      () => `${name} line ${table.lines[begin]} column "${splitColumn(options.split)}"`,
    );
    const known = seen.get(group) ?? { index: seen.size, split };
    if (known.split !== split)
      throw new PithError(
        "data",
        `${name} line ${table.lines[begin]}: "${group}" is in ${known.split ?? "no split"} and in ${split ?? "no split"}, expected each ${options.group} in one split`,
      );
    seen.set(group, known);
    if (split) segments.push({ begin, end: row, split, label: labels[begin]!, group: known.index });
    begin = row;
  }
  return segments;
}

function cut(
  table: Table,
  segments: readonly Segment[],
  classes: readonly string[],
  options: WindowsOptions,
): DatasetFields {
  const { length, hop, columns } = options;
  const starts = segments.flatMap((s) =>
    Array.from({ length: Math.floor((s.end - s.begin - length) / hop) + 1 }, (_, i) => ({
      ...s,
      begin: s.begin + i * hop,
    })),
  );
  const channels = columns.map((c) => table.numbers[c]!);
  const data = new Float32Array(starts.length * length * channels.length);
  let at = 0;
  for (const { begin } of starts)
    for (let t = begin; t < begin + length; t++) for (const channel of channels) data[at++] = channel[t]!;
  return {
    inputs: { [options.input]: { type: { dtype: "f32", shape: [length, channels.length] }, data } },
    labels: Int32Array.from(starts, (s) => classes.indexOf(s.label)),
    classes,
    groups: Int32Array.from(starts, (s) => s.group),
  };
}

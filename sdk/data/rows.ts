/** Tabular data: every row of a CSV file is one sample. */
import { basename } from "node:path";
import { PithError } from "../error.ts";
import type { DatasetFields, Splits } from "./dataset.ts";
import { locateFile } from "./locate.ts";
import { classNames, makeSplits, type SplitName, type SplitRule, splitColumn, splitOf } from "./split-rows.ts";
import { readTable } from "./table.ts";

export interface RowsOptions {
  /** Columns of each model input: `{ features: ["temperature_c", "co2_ppm"] }` becomes f32 [2]. */
  readonly inputs: Readonly<Record<string, readonly string[]>>;
  readonly label: string;
  readonly split: SplitRule;
  /** Column whose value says which rows belong together, such as a batch or a day. */
  readonly group?: string;
}

export async function rows(path: string, options: RowsOptions): Promise<Splits> {
  for (const [name, columns] of Object.entries(options.inputs))
    if (columns.length === 0)
      throw new PithError("data", `rows: input "${name}" has no columns, expected at least one column name`);
  const name = basename(path);
  const column = splitColumn(options.split);
  const texts = [options.label, column, ...(options.group === undefined ? [] : [options.group])];
  const table = await readTable(locateFile(path), {
    numbers: [...new Set(Object.values(options.inputs).flat())],
    texts: [...new Set(texts)],
  });
  const split = table.texts[column]!.map((value, i) =>
    splitOf(options.split, value, () => `${name} line ${table.lines[i]} column "${column}"`),
  );
  const labels = table.texts[options.label]!;
  const classes = classNames(labels.filter((_, i) => split[i]));
  const groups = options.group === undefined ? undefined : table.texts[options.group]!;
  const groupNames = classNames(groups ?? []);
  const part = (wanted: SplitName): DatasetFields => {
    const chosen = split.flatMap((s, i) => (s === wanted ? [i] : []));
    const feature = (columns: readonly string[]): Float32Array => {
      const out = new Float32Array(chosen.length * columns.length);
      for (const [j, c] of columns.entries())
        for (const [i, row] of chosen.entries()) out[i * columns.length + j] = table.numbers[c]![row]!;
      return out;
    };
    return {
      inputs: Object.fromEntries(
        Object.entries(options.inputs).map(([input, columns]) => [
          input,
          { type: { dtype: "f32", shape: [columns.length] }, data: feature(columns) },
        ]),
      ),
      labels: Int32Array.from(chosen, (row) => classes.indexOf(labels[row]!)),
      classes,
      groups: groups && Int32Array.from(chosen, (row) => groupNames.indexOf(groups[row]!)),
    };
  };
  return makeSplits(name, { train: part("train"), test: part("test"), validation: part("validation") });
}

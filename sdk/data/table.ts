/** Chosen columns of a CSV file: numbers as Float64Array, texts as strings. */
import { PithError } from "../error.ts";
import { nearMiss } from "../near-miss.ts";
import { csvRows } from "./csv.ts";

export interface Table {
  readonly rows: number;
  readonly numbers: Readonly<Record<string, Float64Array>>;
  readonly texts: Readonly<Record<string, readonly string[]>>;
  /** Line of each row in the file, for errors. */
  readonly lines: readonly number[];
}

export async function readTable(
  path: string,
  columns: { readonly numbers: readonly string[]; readonly texts: readonly string[] },
): Promise<Table> {
  const numbers = new Map<string, number[]>(columns.numbers.map((c) => [c, []]));
  const texts = new Map<string, string[]>(columns.texts.map((c) => [c, []]));
  const lines: number[] = [];
  let header: readonly string[] | undefined;
  let at = new Map<string, number>();
  for await (const { line, fields } of csvRows(path)) {
    if (!header) {
      header = fields.map((f) => f.trim());
      at = columnIndices(path, header, [...numbers.keys(), ...texts.keys()]);
      continue;
    }
    if (fields.length !== header.length)
      throw new PithError(
        "data",
        `${path} line ${line}: ${fields.length} fields, expected ${header.length} as in the first line`,
      );
    for (const [name, values] of numbers) values.push(parseNumber(fields[at.get(name)!]!, path, line, name));
    for (const [name, values] of texts) values.push(parseText(fields[at.get(name)!]!, path, line, name));
    lines.push(line);
  }
  if (!header) throw new PithError("data", `${path}: empty, expected a line of column names`);
  if (lines.length === 0) throw new PithError("data", `${path}: no rows after the column names, expected at least one`);
  return {
    rows: lines.length,
    numbers: Object.fromEntries([...numbers].map(([name, values]) => [name, Float64Array.from(values)])),
    texts: Object.fromEntries(texts),
    lines,
  };
}

function columnIndices(path: string, header: readonly string[], wanted: readonly string[]): Map<string, number> {
  return new Map(
    wanted.map((name) => {
      const index = header.indexOf(name);
      if (index < 0)
        throw new PithError(
          "data",
          `${path}: no column "${name}"${nearMiss(name, header)}, expected one of ${header.slice(0, 12).join(", ")}${header.length > 12 ? ", …" : ""}`,
        );
      if (header.indexOf(name, index + 1) >= 0)
        throw new PithError("data", `${path}: column "${name}" appears twice, expected one`);
      return [name, index];
    }),
  );
}

function parseNumber(text: string, path: string, line: number, column: string): number {
  const value = text.trim() === "" ? Number.NaN : Number(text);
  if (!Number.isFinite(value))
    throw new PithError(
      "data",
      `${path} line ${line} column "${column}": ${text.trim() === "" ? "empty" : JSON.stringify(text.slice(0, 40))}, expected a finite number`,
    );
  return value;
}

function parseText(text: string, path: string, line: number, column: string): string {
  const value = text.trim();
  if (value === "") throw new PithError("data", `${path} line ${line} column "${column}": empty, expected a value`);
  return value;
}

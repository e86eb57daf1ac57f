/** Aligned columns for people: numbers to the right, texts to the left. */

export type Cell = string | number | null | undefined;

export function textTable(header: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const cells = rows.map((row) => header.map((_, i) => show(row[i])));
  const right = header.map(
    (_, i) =>
      rows.length > 0 && rows.every((row) => typeof row[i] === "number" || row[i] === null || row[i] === undefined),
  );
  const widths = header.map((title, i) => Math.max(title.length, ...cells.map((row) => row[i]!.length)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, i) => (right[i] ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!)))
      .join("  ")
      .trimEnd();
  return [header, ...cells].map(line).join("\n");
}

const show = (cell: Cell): string =>
  cell === null || cell === undefined
    ? "–"
    : typeof cell === "number" && Number.isInteger(cell)
      ? grouped(cell)
      : String(cell);

/** 12345 as 12,345, independent of the locale. */
export const grouped = (n: number): string => String(n).replace(/\B(?=(\d{3})+$)/g, ",");

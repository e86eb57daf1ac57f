/** Where a data file lies: a path as given, else the same name under `$PITH_DATA/datasets/<stem>/`. */
import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { PithError } from "../error.ts";

/** The folder of a named data set, or undefined where `$PITH_DATA` does not hold it. */
export function datasetFolder(name: string): string | undefined {
  const root = process.env["PITH_DATA"];
  const folder = root && join(root, "datasets", name);
  return folder && existsSync(folder) ? folder : undefined;
}

export function locateFile(path: string): string {
  if (existsSync(path)) return path;
  const file = basename(path);
  const folder = file === path ? datasetFolder(file.replace(/\..*$/, "")) : undefined;
  const found = folder && join(folder, file);
  if (found && existsSync(found)) return found;
  const root = process.env["PITH_DATA"];
  const hint = root
    ? `${join(root, "datasets")} has none of that name either`
    : "$PITH_DATA, where named data sets lie, is not set";
  throw new PithError("file-missing", `${path}: no such file, expected a data file (${hint})`);
}

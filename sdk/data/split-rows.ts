/** Which split a row belongs to, and the class index of its label. */
import { PithError } from "../error.ts";
import { type Dataset, type DatasetFields, dataset, type Splits } from "./dataset.ts";

export type SplitName = "train" | "test" | "validation";

/**
 * A column that says "train", "test" or "validation"; or a column and the values that stand for each split (rows
 * with any other value are left out).
 */
export type SplitRule =
  | string
  | {
      readonly column: string;
      readonly train: readonly string[];
      readonly test: readonly string[];
      readonly validation?: readonly string[];
    };

export const splitColumn = (rule: SplitRule): string => (typeof rule === "string" ? rule : rule.column);

const SPELLINGS: Readonly<Record<string, SplitName>> = {
  train: "train",
  test: "test",
  validation: "validation",
  valid: "validation",
  val: "validation",
};

/** The split of a row, undefined where the rule leaves it out. */
export function splitOf(rule: SplitRule, value: string, where: () => string): SplitName | undefined {
  if (typeof rule === "string") {
    const split = SPELLINGS[value.toLowerCase()];
    if (!split)
      throw new PithError(
        "data",
        `${where()}: "${value}", expected train, test or validation (or say which values mean what: split: { column, train, test })`,
      );
    return split;
  }
  return (["train", "test", "validation"] as const).find((name) => rule[name]?.includes(value));
}

/** Classes in the order of their names: numbers by value, texts by code unit, so that it does not depend on row order. */
export function classNames(labels: Iterable<string>): readonly string[] {
  const names = [...new Set(labels)];
  const numeric = names.every((n) => Number.isFinite(Number(n)));
  return names.sort((a, b) => (numeric ? Number(a) - Number(b) : a < b ? -1 : a > b ? 1 : 0));
}

const sampleCount = (fields: DatasetFields): number => fields.labels?.length ?? 0;

/** Builds the splits; every class must have training samples, and train and test must not be empty. */
export function makeSplits(path: string, parts: Readonly<Record<SplitName, DatasetFields>>): Splits {
  for (const name of ["train", "test"] as const)
    if (sampleCount(parts[name]) === 0)
      throw new PithError("data", `${path}: the ${name} split is empty, expected at least one sample`);
  const { labels, classes } = parts.train;
  if (labels && classes) {
    const counts = classes.map(() => 0);
    for (const label of labels) counts[label]!++;
    const empty = classes.filter((_, i) => counts[i] === 0);
    if (empty.length > 0)
      throw new PithError(
        "data",
        `${path}: no training sample of class ${empty.map((c) => `"${c}"`).join(", ")}, expected at least one of each of ${classes.length} classes`,
      );
  }
  const validation: Dataset | undefined = sampleCount(parts.validation) > 0 ? dataset(parts.validation) : undefined;
  return { train: dataset(parts.train), test: dataset(parts.test), ...(validation ? { validation } : {}) };
}

/** The named data sets, one line each. */
import { PithError } from "../../error.ts";
import { nearMiss } from "../../near-miss.ts";
import { gasDrift } from "./gas-drift.ts";
import { harExercise } from "./har-exercise.ts";
import { motor } from "./motor.ts";
import type { NamedData } from "./named.ts";
import { occupancy } from "./occupancy.ts";

export const CATALOGUE: readonly NamedData[] = [harExercise, gasDrift, occupancy, motor];

export function namedData(name: string): NamedData {
  const found = CATALOGUE.find((d) => d.name === name);
  if (found) return found;
  const names = CATALOGUE.map((d) => d.name);
  throw new PithError(
    "data",
    `data "${name}": no file and no data set of that name${nearMiss(name, names)}, expected a path or one of ${names.join(", ")}`,
  );
}

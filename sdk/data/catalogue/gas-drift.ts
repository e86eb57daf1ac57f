/** Six gases on 16 metal-oxide sensors over three years: trained on batch 1 (months 1-2), tested on later batches. */
import type { Splits } from "../dataset.ts";
import { rows } from "../rows.ts";
import type { NamedData } from "./named.ts";

const FEATURES = Array.from({ length: 16 }, (_, s) =>
  Array.from({ length: 8 }, (_, f) => `s${s + 1}_f${f + 1}`),
).flat();

/** Rows of the named batches; `groups` is the batch. Batches 3 to 5 hold no toluene. */
export const gasDriftBatches = (batches: {
  readonly train: readonly string[];
  readonly test: readonly string[];
}): Promise<Splits> =>
  rows("gas-drift.csv.gz", {
    inputs: { sensors: FEATURES },
    label: "gas",
    group: "batch",
    split: { column: "batch", ...batches },
  });

export const gasDrift: NamedData = {
  name: "gas-drift",
  about: "six gases, sensors that age: batch 1 to train, batch 2 (months 3-10) to test",
  licence: "research only",
  simulated: false,
  load: () => gasDriftBatches({ train: ["1"], test: ["2"] }),
};

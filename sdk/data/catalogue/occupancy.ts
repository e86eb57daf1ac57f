/** Is an office occupied? Five sensors once a minute; test1 has the door mostly closed as in train, test2 mostly open. */
import type { Splits } from "../dataset.ts";
import { rows } from "../rows.ts";
import type { NamedData } from "./named.ts";

const COLUMNS = ["temperature_c", "humidity_pct", "light_lux", "co2_ppm", "humidity_ratio"];

export const occupancySplits = (test: readonly string[]): Promise<Splits> =>
  rows("occupancy.csv.gz", {
    inputs: { sensors: COLUMNS },
    label: "occupied",
    split: { column: "split", train: ["train"], test },
  });

export const occupancy: NamedData = {
  name: "occupancy",
  about: "office occupied or not, from temperature, humidity, light and CO2",
  licence: "CC BY 4.0 (as recalled at UCI)",
  simulated: false,
  load: () => occupancySplits(["test1", "test2"]),
};

/** The data of the demo: har-exercise where it is, else the simulated motor. */
import { namedData } from "../../../sdk/data/catalogue/catalogue.ts";
import type { Dataset, Splits } from "../../../sdk/data/dataset.ts";
import { datasetFolder } from "../../../sdk/data/locate.ts";
import { simulateMotor } from "../../../sdk/data/simulate-motor.ts";
import { oneOf } from "../values.ts";
import { loosenedSensor } from "./loosened-sensor.ts";

export interface DemoData extends Splits {
  readonly name: "har-exercise" | "motor";
  readonly about: string;
  readonly simulated: boolean;
  /** What the monitors take for normal; best not trained on, since a model is too sure about what it was trained on. */
  readonly reference: Dataset;
  /** The test split after the change. */
  readonly changed: Dataset;
  readonly change: string;
  /** Overlapping windows: so many bring one independent sample (window length over hop). */
  readonly independentEvery: number;
}

export async function demoData(name: string | undefined): Promise<DemoData> {
  const chosen =
    name === undefined
      ? datasetFolder("har-exercise")
        ? "har-exercise"
        : "motor"
      : oneOf("--data", name, ["har-exercise", "motor"]);
  const { about, simulated } = namedData(chosen);
  if (chosen === "motor")
    return {
      ...simulateMotor(),
      name: chosen,
      about,
      simulated,
      reference: simulateMotor({ seed: 2 }).train,
      changed: simulateMotor({ loosened: 1 }).test,
      change: "The sensor's mount loosens (simulated): lower gain, a resonance of the joint, tilt, rattle",
      independentEvery: 2,
    };
  const splits = await namedData(chosen).load();
  return {
    ...splits,
    name: chosen,
    about,
    simulated,
    reference: splits.train,
    changed: loosenedSensor(splits.test, "accel"),
    change: "The strap comes loose (test windows turned by 35 degrees, motion at 70 %)",
    independentEvery: 8,
  };
}

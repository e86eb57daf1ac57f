/** Exercises from a wrist accelerometer: 100 Hz, 32 recordings of 10 s, split by recording; windows of 2 s every 0.25 s. */
import { windows } from "../windows.ts";
import type { NamedData } from "./named.ts";

export const harExercise: NamedData = {
  name: "har-exercise",
  about: "jumping jack, lunge, squat, other from a wrist accelerometer (emlearn, one person)",
  licence: "MIT",
  simulated: false,
  load: () =>
    windows("har-exercise.csv.gz", {
      input: "accel",
      columns: ["ax_g", "ay_g", "az_g"],
      label: "label",
      group: "recording",
      split: "split",
      length: 200,
      hop: 25,
    }),
};

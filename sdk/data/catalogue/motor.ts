/** The simulated vibrating motor (simulate-motor.ts): needs no files. */
import { simulateMotor } from "../simulate-motor.ts";
import type { NamedData } from "./named.ts";

export const motor: NamedData = {
  name: "motor",
  about: "simulated accelerometer on a motor: off, idle, load, imbalance, bearing fault",
  licence: "made here",
  simulated: true,
  load: async () => simulateMotor(),
};

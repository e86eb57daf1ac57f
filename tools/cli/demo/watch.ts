/** The drift stage: the test windows as they are, then changed, through the monitors of whatever runs the model. */
import type { Dataset } from "../../../sdk/data/dataset.ts";
import { RandomStream } from "../../../sdk/data/random-stream.ts";
import type { Manifest } from "../../../sdk/runtime/manifest.ts";
import { DriftMonitor } from "../../../sdk/telemetry/alarms.ts";
import type { MonitorLayout } from "../../../sdk/telemetry/layout.ts";
import type { DriftSection } from "../../report/report-data.ts";
import type { DemoData } from "./demo-data.ts";
import type { DemoDevice } from "./device.ts";
import { encodeSample } from "./encode.ts";

/** Test windows between two readings of the counters: three readings of the split. */
const READINGS_PER_PASS = 3;

export async function watchDrift(
  device: DemoDevice,
  manifest: Manifest,
  layout: MonitorLayout,
  data: DemoData,
): Promise<DriftSection> {
  const window = Math.floor(data.test.length / READINGS_PER_PASS);
  const monitor = new DriftMonitor(layout, { window, independentEvery: data.independentEvery });
  await device.newCounts(); // what earlier stages brought about
  const read = async (samples: Dataset, order: readonly number[]): Promise<void> => {
    for (const i of order) await device.infer(encodeSample(manifest, samples.at(i)));
    monitor.update(await device.newCounts(), order.length);
  };
  // Windows of one recording follow each other; the monitors' promise is about samples drawn like the reference.
  const order = shuffled(window * READINGS_PER_PASS);
  const passes = [data.test, data.changed, data.changed];
  for (const samples of passes)
    for (let r = 0; r < READINGS_PER_PASS; r++) await read(samples, order.slice(r * window, (r + 1) * window));
  return { report: monitor.report(), change: data.change, before: READINGS_PER_PASS };
}

/** Fisher and Yates, seeded. */
function shuffled(n: number): readonly number[] {
  const random = new RandomStream(1, [0, 2]);
  const order = Array.from({ length: n }, (_, i) => i);
  for (let i = n - 1; i > 0; i--) {
    const j = Math.floor(random.uniform() * (i + 1));
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}

/**
 * Drift on real sensors that age, through the whole line: the model of examples/gas.ts, trained on batch 1, quantized,
 * with monitors, run as the portable module; its own counters decide.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { compilePortable } from "../sdk/compile/portable.ts";
import type { Dataset } from "../sdk/data/dataset.ts";
import { RandomStream } from "../sdk/data/random-stream.ts";
import { quantize, withMonitors } from "../sdk/quantize/quantized.ts";
import { type CompiledModel, loadModule } from "../sdk/runtime/module.ts";
import { DriftMonitor } from "../sdk/telemetry/alarms.ts";
import { parseLayout } from "../sdk/telemetry/layout.ts";
import { isRecipe } from "../sdk/train/recipe.ts";
import { train } from "../sdk/train/train.ts";

const root = process.env["PITH_DATA"];
const present = root !== undefined && existsSync(join(root, "datasets/gas-drift/gas-drift.csv.gz"));
if (!present && process.env["PITH_REQUIRE_ALL"])
  throw new Error("PITH_REQUIRE_ALL is set, but PITH_DATA has no gas-drift");

const WINDOW = 50;

/** Windows until the first alarm, reading the counters after every window; undefined where none came. */
function firstAlarm(module: CompiledModel, data: Dataset, order: readonly number[]): number | undefined {
  const monitor = new DriftMonitor(parseLayout(module.manifest.monitors.layout), { window: WINDOW });
  module.reset();
  let before = module.monitors();
  for (const [i, row] of order.entries()) {
    module.predict(data.at(row).inputs);
    if ((i + 1) % WINDOW !== 0 && i + 1 !== order.length) continue;
    const now = module.monitors();
    const [alarm] = monitor.update(
      now.map((count, w) => count - before[w]!),
      (i % WINDOW) + 1,
    );
    if (alarm) return alarm.windows;
    before = now;
  }
  return undefined;
}

function shuffled(n: number, seed: number): readonly number[] {
  const random = new RandomStream(seed, [1, 0]);
  const order = Array.from({ length: n }, (_, i) => i);
  for (let i = n - 1; i > 0; i--) {
    const j = Math.floor(random.uniform() * (i + 1));
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}

test.skipIf(!present)(
  `a shuffled hold-out of batch 1 raises no alarm, batch 2 does within 2 windows of ${WINDOW}${present ? "" : " (skipped: set PITH_DATA to the folder of datasets/)"}`,
  { timeout: 300_000 },
  async () => {
    const { default: plan, holdOut, drifted } = await import("../examples/gas.ts");
    if (!isRecipe(plan)) throw new Error("examples/gas.ts: no recipe");
    const trained = await train(plan, { seed: 1 }).model;
    const int8 = await withMonitors(await quantize(trained, { calibrate: plan.data.train }), {
      reference: plan.data.train,
      falseAlarmEvery: 10_000,
    });
    const module = await loadModule(
      (await compilePortable(int8.graph, { name: "gas", labels: int8.labels, monitorLayout: int8.monitorLayout })).wasm,
    );
    const accuracyOf = (data: Dataset): number => {
      const right = Array.from({ length: data.length }, (_, i) => i).filter((i) => {
        const logits = Array.from(module.predict(data.at(i).inputs)["logits"] as Int8Array);
        return logits.indexOf(Math.max(...logits)) === data.labels![i];
      });
      return right.length / data.length;
    };
    const calm = Array.from({ length: 10 }, (_, seed) => firstAlarm(module, holdOut, shuffled(holdOut.length, seed)));
    const alarm = firstAlarm(
      module,
      drifted,
      Array.from({ length: drifted.length }, (_, i) => i),
    );
    console.log(
      `gas-drift: int8 accuracy ${accuracyOf(holdOut).toFixed(3)} on the hold-out, ${accuracyOf(drifted).toFixed(3)} on batch 2; hold-out alarms ${JSON.stringify(calm)}, batch 2 in window ${alarm}`,
    );
    expect(accuracyOf(holdOut)).toBeGreaterThan(0.97);
    expect(calm.filter((w) => w !== undefined)).toEqual([]);
    expect(alarm).toBeLessThanOrEqual(2);
  },
);

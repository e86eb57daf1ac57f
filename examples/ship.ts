import { compile, connect, quantize, train, withMonitors } from "pith";
import plan from "./exercise.ts";

const run = train(plan, { seed: 1 });
for await (const { epoch, loss, metrics } of run) console.log(epoch, loss, metrics["accuracy"]);
const float = await run.model;
await float.save("exercise.pith");

const { train: reference, test } = plan.data;
const int8 = await withMonitors(await quantize(float, { calibrate: reference }), {
  reference,
  falseAlarmEvery: 10_000,
});
const build = await compile(int8, { target: "cortex-m4", flash: 64 * 1024, ram: 16 * 1024 });

const device = await connect({ board: "qemu-m4" }); // or { port: "/dev/ttyACM0" }
try {
  const slot = await device.flash(build); // signed with the project's key
  for (const { inputs } of test) {
    const [there, here] = [await slot.infer(inputs), await int8.predict(inputs)];
    if (!here.logits.every((v, i) => v === there.logits[i])) throw new Error("host and device disagree");
  }
  for await (const alarm of slot.alarms()) console.log(alarm.monitor, alarm.windows, alarm.statistic, alarm.threshold);
} finally {
  await device.close();
}

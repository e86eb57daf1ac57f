/** The whole line: train, quantize, compile, board, flash, infer, drift. */
import { type Build, compileModel } from "../../../sdk/compile/compile.ts";
import type { Board } from "../../../sdk/device/board.ts";
import { PithError } from "../../../sdk/error.ts";
import type { Model } from "../../../sdk/model.ts";
import { type QuantizedModel, quantize, withMonitors } from "../../../sdk/quantize/quantized.ts";
import { type CompiledModel, loadModule } from "../../../sdk/runtime/module.ts";
import { parseLayout } from "../../../sdk/telemetry/layout.ts";
import { version } from "../../../sdk/version.ts";
import { targetNamed } from "../../../targets/index.ts";
import type { DriftSection, LineReport } from "../../report/report-data.ts";
import { BOARD_TABLE, isBoardName } from "../board-names.ts";
import { type Classification, classify } from "../classify.ts";
import type { Context } from "../command.ts";
import { moduleOf } from "../infer-module.ts";
import { grouped } from "../text-table.ts";
import { type Trained, trainWithProgress } from "../train-with-progress.ts";
import { openBoard } from "./board.ts";
import { type DemoData, demoData } from "./demo-data.ts";
import { demoRecipe } from "./demo-recipe.ts";
import { type DemoDevice, nodeDevice } from "./device.ts";
import { encodeSample, sameOutputs } from "./encode.ts";
import { Stages } from "./stages.ts";
import { watchDrift } from "./watch.ts";

export interface DemoOptions {
  readonly board: Board;
  readonly data: string | undefined;
  readonly seed: number;
  /** Run records go here. */
  readonly runs: string;
}

export interface DemoOutcome {
  readonly report: LineReport;
  readonly float: Model;
  readonly int8: Model;
  readonly build: Build;
}

const CALIBRATION_SAMPLES = 256;
const FALSE_ALARM_EVERY = 100_000;
const percent = (x: number): string => `${(x * 100).toFixed(1)} %`;

export async function demoLine(options: DemoOptions, context: Context): Promise<DemoOutcome> {
  const stages = new Stages(context);
  const data = await dataStage(stages, options.data);
  const float = await trainStage(stages, data, options, context);
  const int8 = await quantizeStage(stages, data, float.model);
  const build = await compileStage(stages, options.board, int8.model);
  const module = await loadModule(build.wasm);
  const device = await deviceStages(stages, options.board, build, context);
  const board = device ? await compareStage(stages, device, module, data, context) : null;
  const drift = await driftStage(stages, device ?? nodeDevice(module), module, data);
  const report: LineReport = {
    version: 1,
    pith: version,
    model: int8.model.name,
    data: {
      name: data.name,
      about: data.about,
      simulated: data.simulated,
      trainSamples: data.train.length,
      testSamples: data.test.length,
      classes: data.train.classes ?? [],
    },
    stages: stages.done,
    leftOut: stages.leftOut,
    training: float.epochs.map(({ epoch, loss, metrics }) => ({ epoch, loss, metrics })),
    accuracy: { float: float.found.accuracy, int8: int8.found.accuracy, samples: data.test.length },
    confusion: int8.found.confusion,
    build: build.report,
    plan: build.plan,
    board,
    drift,
  };
  return { report, float: float.model, int8: int8.model, build };
}

const dataStage = (stages: Stages, name: string | undefined): Promise<DemoData> =>
  stages.run("data", async () => {
    const found = await demoData(name);
    const { train, test } = found;
    return [
      found,
      `${found.name}${found.simulated ? " (simulated)" : ""}: ${grouped(train.length)} training, ${grouped(test.length)} test windows, ${train.classes?.length} classes`,
    ];
  });

const trainStage = (
  stages: Stages,
  data: DemoData,
  { seed, runs }: DemoOptions,
  context: Context,
): Promise<Trained & { readonly found: Classification }> =>
  stages.run("train", async () => {
    const trained = await trainWithProgress(demoRecipe(data), { seed, runs }, context);
    const found = classify(await moduleOf(trained.model), data.test);
    return [
      { ...trained, found },
      `${trained.epochs.length} epochs; float accuracy ${percent(found.accuracy)} on the test split`,
    ];
  });

const quantizeStage = (
  stages: Stages,
  data: DemoData,
  float: Model,
): Promise<{ readonly model: QuantizedModel; readonly found: Classification }> =>
  stages.run("quantize", async () => {
    const count = Math.min(CALIBRATION_SAMPLES, data.train.length);
    const calibrate = Array.from(
      { length: count },
      (_, i) => data.train.at(Math.floor((i * data.train.length) / count)).inputs,
    );
    const model = await withMonitors(await quantize(float, { calibrate }), {
      reference: data.reference,
      falseAlarmEvery: FALSE_ALARM_EVERY,
    });
    const found = classify(await moduleOf(model), data.test);
    return [{ model, found }, `int8 accuracy ${percent(found.accuracy)}, drift monitors added`];
  });

/** For the board's target; where its compiler is missing the build still holds the module and the C. */
const compileStage = (stages: Stages, board: Board, model: Model): Promise<Build> =>
  stages.run("compile", async () => {
    const target = targetNamed(isBoardName(board.name) ? BOARD_TABLE[board.name].target : board.name);
    const build = await compileModel(model, { target });
    const { report } = build;
    for (const note of report.notes) stages.leave("measure", note);
    const [flash, ram] = [
      report.flash.weights + (report.flash.code ?? 0) + (report.flash.tables ?? 0),
      report.ram.arena + report.ram.state + (report.ram.stack ?? 0),
    ];
    return [
      build,
      `${report.target}: flash ${grouped(flash)}, RAM ${grouped(ram)} bytes, ${grouped(report.macs)} MACs`,
    ];
  });

/** Starts the board and flashes it; undefined where this machine cannot. */
async function deviceStages(
  stages: Stages,
  board: Board,
  build: Build,
  context: Context,
): Promise<DemoDevice | undefined> {
  if (!build.native?.payload) {
    stages.leave("board", `${build.native?.missing ?? "no native code"}: the module runs in Node instead`);
    return undefined;
  }
  const opened = await stages.attempt("board", async () => [
    await openBoard(board, context),
    `${board.name} is up: ${board.about}`,
  ]);
  return opened && (await stages.run("flash", () => opened.flash(build)));
}

const compareStage = (
  stages: Stages,
  device: DemoDevice,
  module: CompiledModel,
  data: DemoData,
  context: Context,
): Promise<NonNullable<LineReport["board"]>> =>
  stages.run("infer", async () => {
    module.reset();
    let equal = 0;
    for (let i = 0; i < data.test.length; i++) {
      context.signal.throwIfAborted();
      const inputs = encodeSample(module.manifest, data.test.at(i));
      if (sameOutputs(module.infer(inputs), await device.infer(inputs))) equal++;
      context.progress.update("infer", (i + 1) / data.test.length);
    }
    if (equal < data.test.length)
      throw new PithError(
        "internal",
        `demo: ${data.test.length - equal} of ${data.test.length} windows give other bytes on ${device.name} than in Node`,
      );
    return [
      { name: device.name, inferences: data.test.length, equal },
      `${equal} of ${data.test.length} windows give the same bytes on ${device.name} as in Node`,
    ];
  });

const driftStage = (
  stages: Stages,
  device: DemoDevice,
  { manifest }: CompiledModel,
  data: DemoData,
): Promise<DriftSection> =>
  stages.run("drift", async () => {
    const section = await watchDrift(device, manifest, parseLayout(manifest.monitors.layout), data);
    const { alarms } = section.report;
    const [first] = alarms;
    if (!first) return [section, `no alarm; the input changed after window ${section.before}`];
    const early = alarms.filter((a) => a.windows <= section.before).length;
    return [
      section,
      `alarm in window ${first.windows} (${first.feature}, ${first.test}); the input changed after window ${section.before}${early > 0 ? `; ${early} alarms before that` : ""}`,
    ];
  });

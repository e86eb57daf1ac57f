/** The whole line: train, quantize, compile, board, flash, infer, drift. */
import type { Build } from "../../../sdk/compile/compile.ts";
import { compileModel } from "../../../sdk/compile/compile.ts";
import { PithError } from "../../../sdk/error.ts";
import type { Model } from "../../../sdk/model.ts";
import { quantize, withMonitors } from "../../../sdk/quantize/quantized.ts";
import { type CompiledModel, loadModule } from "../../../sdk/runtime/module.ts";
import { parseLayout } from "../../../sdk/telemetry/layout.ts";
import { version } from "../../../sdk/version.ts";
import type { LineReport } from "../../report/report-data.ts";
import { BOARD_TABLE, type BoardName } from "../board-names.ts";
import { classify } from "../classify.ts";
import type { Context } from "../command.ts";
import { moduleOf } from "../infer-module.ts";
import { targetNamed } from "../target-names.ts";
import { grouped } from "../text-table.ts";
import { trainWithProgress } from "../train-with-progress.ts";
import { openBoard } from "./board.ts";
import { type DemoData, demoData } from "./demo-data.ts";
import { demoRecipe } from "./demo-recipe.ts";
import { type DemoDevice, nodeDevice } from "./device.ts";
import { encodeSample, sameOutputs } from "./encode.ts";
import { Stages } from "./stages.ts";
import { watchDrift } from "./watch.ts";

export interface DemoOptions {
  readonly board: BoardName;
  readonly data: string | undefined;
  readonly seed: number;
  /** Run records go here. */
  readonly runs: string;
  readonly output: string;
}

export interface DemoOutcome {
  readonly report: LineReport;
  readonly float: Model;
  readonly int8: Model;
  readonly build: Build;
}

const percent = (x: number): string => `${(x * 100).toFixed(1)} %`;
const CALIBRATION_SAMPLES = 256;

export async function demoLine(options: DemoOptions, context: Context): Promise<DemoOutcome> {
  const stages = new Stages(context);
  const data = await stages.run("data", async () => {
    const found = await demoData(options.data);
    return [
      found,
      `${found.name}${found.simulated ? " (simulated)" : ""}: ${grouped(found.train.length)} training, ${grouped(found.test.length)} test windows, ${found.train.classes?.length} classes`,
    ];
  });
  const trained = await stages.run("train", async () => {
    const result = await trainWithProgress(demoRecipe(data), { seed: options.seed, runs: options.runs }, context);
    const found = classify(await moduleOf(result.model), data.test);
    return [
      { ...result, accuracy: found.accuracy },
      `${result.epochs.length} epochs; float accuracy ${percent(found.accuracy)} on the test split`,
    ];
  });
  const int8 = await stages.run("quantize", async () => {
    const count = Math.min(CALIBRATION_SAMPLES, data.train.length);
    const samples = Array.from(
      { length: count },
      (_, i) => data.train.at(Math.floor((i * data.train.length) / count)).inputs,
    );
    const model = await withMonitors(await quantize(trained.model, { calibrate: samples }), {
      reference: data.reference,
      falseAlarmEvery: 100_000,
    });
    const found = classify(await moduleOf(model), data.test);
    return [
      { model, ...found },
      `int8 accuracy ${percent(found.accuracy)}; ${model.monitorLayout ? "drift monitors added" : "no monitors"}`,
    ];
  });
  const build = await compileStage(stages, options.board, int8.model);
  const module = await loadModule(build.wasm);
  const board = await boardStages(stages, options.board, build, context);
  try {
    const compared = board && (await compareStage(stages, board, module, data, context));
    const drift = await stages.run("drift", async () => {
      const section = await watchDrift(
        board ?? nodeDevice(module),
        module.manifest,
        parseLayout(int8.model.monitorLayout),
        data,
      );
      const first = section.report.alarms[0];
      const early = section.report.alarms.filter((a) => a.windows <= section.before).length;
      return [
        section,
        first
          ? `alarm in window ${first.windows} (${first.monitor} ${first.feature}, ${first.test}); the input changed after window ${section.before}${early > 0 ? `; ${early} alarms before that` : ""}`
          : "no alarm",
      ];
    });
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
      leftOut: [...stages.leftOut, ...build.report.notes.map((why) => ({ what: "compile", why }))],
      training: trained.epochs.map(({ epoch, loss, metrics }) => ({ epoch, loss, metrics })),
      accuracy: { float: trained.accuracy, int8: int8.accuracy, samples: data.test.length },
      confusion: int8.confusion,
      build: build.report,
      plan: build.plan,
      board: compared ?? null,
      drift,
    };
    return { report, float: trained.model, int8: int8.model, build };
  } finally {
    await board?.close();
  }
}

/** For the board's target; without a toolchain, the portable module alone. */
async function compileStage(stages: Stages, board: BoardName, model: Model): Promise<Build> {
  const line = ({ report }: Build): string =>
    `${report.target}: weights ${grouped(report.flash.weights)}, RAM ${grouped(report.ram.arena + report.ram.state + (report.ram.stack ?? 0))} bytes, ${grouped(report.macs)} MACs`;
  const native = await stages.attempt("compile", async () => {
    const build = await compileModel(model, { target: await targetNamed(BOARD_TABLE[board].target) });
    return [build, line(build)] as const;
  });
  if (native) return native;
  return stages.run("compile", async () => {
    const build = await compileModel(model);
    return [build, line(build)] as const;
  });
}

async function boardStages(
  stages: Stages,
  name: BoardName,
  build: Build,
  context: Context,
): Promise<DemoDevice | undefined> {
  if (build.target === "wasm") {
    stages.leave("board", `nothing was compiled for ${name}; the module runs in Node instead`);
    return undefined;
  }
  const board = await stages.attempt("board", async () => {
    const opened = await openBoard(name);
    context.cleanup(() => opened.close());
    return [opened, `${name} is up`];
  });
  return board && (await stages.run("flash", async () => board.flash(build)));
}

async function compareStage(
  stages: Stages,
  device: DemoDevice,
  module: CompiledModel,
  data: DemoData,
  context: Context,
): Promise<NonNullable<LineReport["board"]>> {
  return stages.run("infer", async () => {
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
}

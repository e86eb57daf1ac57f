/** The HTML report of the whole line. */
import { grouped } from "../cli/text-table.ts";
import { confusionMatrix } from "./confusion-matrix.ts";
import { DRIFT_TITLES, driftChart } from "./drift-chart.ts";
import { layerTable } from "./layer-table.ts";
import { memoryPlan } from "./memory-plan.ts";
import { page, section } from "./page.ts";
import type { LineReport } from "./report-data.ts";
import { escapeText, tag } from "./svg.ts";
import { trainingCurve } from "./training-curve.ts";

const percent = (x: number): string => `${(x * 100).toFixed(1)} %`;
const seconds = (s: number): string => (s < 10 ? `${s.toFixed(1)} s` : `${Math.round(s)} s`);

export function htmlReport(report: LineReport): string {
  const { data } = report;
  const title = `${report.model} on ${data.name}`;
  const body = [
    tag("h1", {}, escapeText(title)),
    tag(
      "p",
      { class: "lead" },
      `${escapeText(data.about)}. ${data.simulated ? "<strong>The data are simulated</strong>: these figures say nothing about a real machine. " : ""}${grouped(data.trainSamples)} training and ${grouped(data.testSamples)} test windows, ${data.classes.length} classes.`,
    ),
    tiles(report),
    section("Stages", stageTable(report) + leftOut(report)),
    tag(
      "div",
      { class: "pair" },
      section("Training", figure(trainingCurve(report.training))) +
        section("Confusion, int8 on the test split", figure(confusionMatrix(report.confusion, data.classes))),
    ),
    section("Memory over time", figure(memoryPlan(report.plan))),
    section("By layer", layerTable(report.build)),
    driftSection(report),
    tag("footer", {}, `pith ${escapeText(report.pith)}`),
  ];
  return page(title, body);
}

const figure = (chart: string, caption = ""): string =>
  tag("figure", {}, (caption && tag("figcaption", {}, escapeText(caption))) + chart);

function tiles({ accuracy, build, board, drift }: LineReport): string {
  const sum = (parts: readonly (number | null)[]): number => parts.reduce<number>((total, n) => total + (n ?? 0), 0);
  const first = drift?.report.alarms[0];
  const list: readonly (readonly [string, string, string])[] = [
    ["Accuracy, float", percent(accuracy.float), `${accuracy.samples} test windows`],
    [
      "Accuracy, int8",
      percent(accuracy.int8),
      `${accuracy.int8 === accuracy.float ? "as float" : `${((accuracy.int8 - accuracy.float) * 100).toFixed(1)} points`}`,
    ],
    [
      "Flash",
      `${(sum([build.flash.code, build.flash.tables, build.flash.weights]) / 1024).toFixed(1)} KiB`,
      `weights ${grouped(build.flash.weights)} bytes`,
    ],
    [
      "RAM",
      `${(sum([build.ram.arena, build.ram.state, build.ram.stack]) / 1024).toFixed(1)} KiB`,
      `arena ${grouped(build.ram.arena)} bytes`,
    ],
    [
      "Same bytes",
      board ? `${grouped(board.equal)} / ${grouped(board.inferences)}` : "–",
      board ? `${board.name} against the module` : "no board ran",
    ],
    [
      "Drift",
      drift ? (first ? `window ${first.windows}` : "no alarm") : "–",
      drift ? `changed after window ${drift.before}` : "not run",
    ],
  ];
  return tag(
    "dl",
    { class: "tiles" },
    list
      .map(([name, value, note]) =>
        tag(
          "div",
          {},
          tag("dt", {}, escapeText(name)) + tag("dd", {}, `${escapeText(value)}${tag("small", {}, escapeText(note))}`),
        ),
      )
      .join(""),
  );
}

function stageTable({ stages }: LineReport): string {
  const total = stages.reduce((sum, s) => sum + s.seconds, 0);
  const rows = stages.map((s) =>
    tag(
      "tr",
      {},
      tag("th", { scope: "row" }, escapeText(s.name)) +
        tag("td", { class: "n" }, seconds(s.seconds)) +
        tag("td", {}, escapeText(s.line)),
    ),
  );
  return scroll(
    tag(
      "table",
      {},
      `<thead><tr><th scope="col">stage</th><th scope="col" class="n">time</th><th scope="col">found</th></tr></thead>${tag("tbody", {}, rows.join(""))}<tfoot><tr><th scope="row">all</th><td class="n">${seconds(total)}</td><td></td></tr></tfoot>`,
    ),
  );
}

const leftOut = ({ leftOut: list }: LineReport): string =>
  list.length === 0
    ? ""
    : tag(
        "div",
        { class: "note" },
        `<strong>Left out</strong>${tag("ul", {}, list.map((l) => tag("li", {}, `${escapeText(l.what)}: ${escapeText(l.why)}`)).join(""))}`,
      );

function driftSection({ drift }: LineReport): string {
  if (!drift) return "";
  const { report } = drift;
  const alarms = report.alarms
    .slice(0, 12)
    .map((a) =>
      tag(
        "tr",
        {},
        [a.windows, a.monitor, a.feature, a.test, a.statistic.toFixed(2), a.threshold.toFixed(2)]
          .map((v) => tag("td", typeof v === "number" ? { class: "n" } : {}, escapeText(String(v))))
          .join(""),
      ),
    );
  const table =
    alarms.length === 0
      ? tag("p", {}, "No alarm.")
      : scroll(
          tag(
            "table",
            {},
            `<thead><tr><th scope="col" class="n">window</th><th scope="col">monitor</th><th scope="col">feature</th><th scope="col">test</th><th scope="col">statistic</th><th scope="col">threshold</th></tr></thead>${tag("tbody", {}, alarms.join(""))}`,
          ),
        );
  const promise = `At most one false alarm in ${grouped(report.falseAlarmEvery)} inferences, over all monitors together; reference ${grouped(report.referenceSamples)} samples, ${report.independentEvery} inferences counted as one independent sample.`;
  return section(
    "Drift",
    tag("p", {}, `${escapeText(drift.change)}. ${promise}`) +
      tag(
        "div",
        { class: "pair" },
        figure(driftChart(drift, "psi"), DRIFT_TITLES.psi) +
          figure(driftChart(drift, "e-detector"), DRIFT_TITLES["e-detector"]),
      ) +
      table,
  );
}

export const scroll = (table: string): string => tag("div", { class: "scroll", tabindex: "0" }, table);

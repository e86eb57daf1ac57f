/** The report of the whole line, for the terminal. */
import { textTable } from "../cli/text-table.ts";
import { reportText } from "./build-text.ts";
import type { LineReport } from "./report-data.ts";

const percent = (x: number): string => `${(x * 100).toFixed(1)} %`;

export function lineText(report: LineReport): string {
  const { accuracy, board, data, drift } = report;
  const confusion = textTable(
    ["is \\ said", ...data.classes],
    report.confusion.map((row, i) => [data.classes[i] ?? String(i), ...row]),
  );
  const total = report.stages.reduce((sum, s) => sum + s.seconds, 0);
  return [
    `${report.model} on ${data.name}${data.simulated ? ", simulated data" : ""}`,
    "",
    reportText(report.build),
    "",
    confusion,
    "",
    `accuracy  float ${percent(accuracy.float)}, int8 ${percent(accuracy.int8)} (${accuracy.samples} test windows)`,
    ...(board
      ? [`bytes     ${board.equal} of ${board.inferences} inferences on ${board.name} equal to the module in Node`]
      : []),
    ...(drift ? [driftLine(drift)] : []),
    ...report.leftOut.map((l) => `left out  ${l.what}: ${l.why}`),
    `time      ${total.toFixed(0)} s`,
  ].join("\n");
}

function driftLine({ report, before }: NonNullable<LineReport["drift"]>): string {
  const [first] = report.alarms;
  const windows = `${report.windows} windows of ${report.window}, the input changes after ${before}`;
  return `drift     ${first ? `first alarm in window ${first.windows} (${first.feature}, ${first.test})` : "no alarm"}; ${windows}; at most 1 false alarm in ${report.falseAlarmEvery} inferences`;
}

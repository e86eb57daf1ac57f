/** Evidence of drift by window, one line a histogram: PSI, or ln of the e-detector, each against its alarm threshold (1). */
import type { DriftSection } from "./report-data.ts";
import { chart, escapeText, linear, path, tag, text, ticks } from "./svg.ts";

const [WIDTH, HEIGHT] = [640, 260];
const [LEFT, RIGHT, TOP, BOTTOM] = [48, 16, 30, 36];

export type DriftStatistic = "psi" | "e-detector";

export const DRIFT_TITLES: Readonly<Record<DriftStatistic, string>> = {
  psi: "PSI of each window, over its alarm threshold",
  "e-detector": "Sequential test (ln e), over its alarm threshold",
};

/** Ratios to the threshold, so that rows of different sizes share an axis. */
export function driftChart({ report, before }: DriftSection, statistic: DriftStatistic): string {
  const rows = report.rows.map((r) => ({
    name: r.kind === "feature" ? r.feature : r.monitor,
    values:
      statistic === "psi"
        ? r.psi.map((v) => (r.psiThreshold ? v / r.psiThreshold : 0))
        : r.logE.map((v) => Math.max(0, (v ?? r.logThreshold * 4) / r.logThreshold)),
  }));
  const windows = Math.max(1, ...rows.map((r) => r.values.length));
  const highest = Math.min(8, Math.max(1.5, ...rows.flatMap((r) => r.values)));
  const x = linear([1, Math.max(2, windows)], [LEFT, WIDTH - RIGHT]);
  const y = linear([0, highest], [HEIGHT - BOTTOM, TOP]);
  const grid = ticks(0, highest, 4).map(
    (v) =>
      tag("line", { x1: LEFT, x2: WIDTH - RIGHT, y1: y(v), y2: y(v), class: "grid" }) +
      text(LEFT - 8, y(v) + 4, String(v), { class: "tick", "text-anchor": "end" }),
  );
  const changed = before > 0 && before < windows ? x(before + 0.5) : undefined;
  const shade =
    changed === undefined
      ? ""
      : tag("rect", {
          x: changed,
          y: TOP,
          width: WIDTH - RIGHT - changed,
          height: HEIGHT - BOTTOM - TOP,
          class: "changed",
        }) + text(changed + 6, TOP + 14, "input changed", { class: "tick" });
  const lines = rows.map((r, i) => {
    const points = r.values.map((v, w): [number, number] => [x(w + 1), y(Math.min(v, highest))]);
    const dots = points.map(([px, py], w) =>
      tag(
        "circle",
        { cx: px, cy: py, r: (r.values[w] ?? 0) >= 1 ? 4 : 2, class: `fill s${(i % 5) + 1}` },
        tag("title", {}, escapeText(`${r.name}, window ${w + 1}: ${(r.values[w] ?? 0).toFixed(2)} of the threshold`)),
      ),
    );
    return tag("path", { d: path(points), class: `line s${(i % 5) + 1}` }) + dots.join("");
  });
  const legend = rows.map(
    (r, i) =>
      tag("rect", { x: LEFT + i * 112, y: 8, width: 12, height: 4, class: `fill s${(i % 5) + 1}` }) +
      text(LEFT + 18 + i * 112, 14, r.name.slice(0, 14), { class: "tick" }),
  );
  const limit =
    tag("line", { x1: LEFT, x2: WIDTH - RIGHT, y1: y(1), y2: y(1), class: "limit" }) +
    text(WIDTH - RIGHT, y(1) - 5, "alarm", { class: "tick", "text-anchor": "end" });
  const axis =
    text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 4, `window of ${report.window} inferences`, {
      class: "tick",
      "text-anchor": "middle",
    }) +
    ticks(1, windows, Math.min(8, windows))
      .filter((v) => Number.isInteger(v) && v >= 1)
      .map((v) => text(x(v), HEIGHT - BOTTOM + 16, String(v), { class: "tick", "text-anchor": "middle" }))
      .join("");
  const raised = report.alarms.filter((a) => a.test === statistic);
  const description = `${windows} windows, the input changes after ${before}; ${raised.length} alarms${raised[0] ? `, the first in window ${raised[0].windows}` : ""}.`;
  return chart(
    WIDTH,
    HEIGHT,
    DRIFT_TITLES[statistic],
    description,
    [shade, ...grid, limit, axis, ...legend.slice(0, 5), ...lines].join(""),
  );
}

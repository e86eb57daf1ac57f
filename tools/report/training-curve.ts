/** Loss (left axis) and metrics in [0, 1] (right axis) by epoch. */
import type { EpochPoint } from "./report-data.ts";
import { chart, linear, path, tag, text, ticks } from "./svg.ts";

const [WIDTH, HEIGHT] = [640, 280];
const [LEFT, RIGHT, TOP, BOTTOM] = [48, 48, 28, 36];

export function trainingCurve(epochs: readonly EpochPoint[]): string {
  if (epochs.length === 0) return "";
  const last = epochs[epochs.length - 1]!;
  const x = linear([1, Math.max(2, last.epoch)], [LEFT, WIDTH - RIGHT]);
  const top = Math.max(...epochs.map((e) => e.loss));
  const loss = linear([0, top], [HEIGHT - BOTTOM, TOP]);
  const share = linear([0, 1], [HEIGHT - BOTTOM, TOP]);
  const names = Object.keys(last.metrics);
  const grid = [0, 0.25, 0.5, 0.75, 1].map((v) => {
    const y = share(v);
    return (
      tag("line", { x1: LEFT, x2: WIDTH - RIGHT, y1: y, y2: y, class: "grid" }) +
      text(WIDTH - RIGHT + 8, y + 4, `${v * 100} %`, { class: "tick" })
    );
  });
  const lossTicks = ticks(0, top, 4).map((v) =>
    text(LEFT - 8, loss(v) + 4, String(v), { class: "tick", "text-anchor": "end" }),
  );
  const epochTicks = ticks(1, last.epoch, 8)
    .filter((v) => Number.isInteger(v) && v >= 1)
    .map((v) => text(x(v), HEIGHT - BOTTOM + 18, String(v), { class: "tick", "text-anchor": "middle" }));
  const lines = [
    tag("path", { d: path(epochs.map((e) => [x(e.epoch), loss(e.loss)])), class: "line s1" }),
    ...names.map((name, i) =>
      tag("path", { d: path(epochs.map((e) => [x(e.epoch), share(e.metrics[name] ?? 0)])), class: `line s${i + 2}` }),
    ),
  ];
  const legend = ["loss (left)", ...names.map((n) => `${n} (right)`)].map(
    (name, i) =>
      tag("rect", { x: LEFT + i * 140, y: 8, width: 12, height: 4, class: `fill s${i + 1}` }) +
      text(LEFT + 18 + i * 140, 14, name, { class: "tick" }),
  );
  const axis = text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 4, "epoch", { class: "tick", "text-anchor": "middle" });
  const description = `Loss falls from ${epochs[0]!.loss.toFixed(3)} to ${last.loss.toFixed(3)} in ${last.epoch} epochs; ${names.map((n) => `${n} ends at ${((last.metrics[n] ?? 0) * 100).toFixed(1)} %`).join(", ")}.`;
  return chart(
    WIDTH,
    HEIGHT,
    "Training curve",
    description,
    [...grid, ...lossTicks, ...epochTicks, axis, ...legend, ...lines].join(""),
  );
}

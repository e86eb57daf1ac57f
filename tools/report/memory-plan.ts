/** The arena over time: a buffer is a rectangle, its bytes upwards, the steps of its life to the right. */
import type { Plan, PlanBuffer } from "../../sdk/compile/plan.ts";
import { grouped } from "../cli/text-table.ts";
import { chart, escapeText, linear, tag, text, ticks } from "./svg.ts";

const [WIDTH, HEIGHT] = [960, 360];
const [LEFT, RIGHT, TOP, BOTTOM] = [64, 12, 20, 76];

export function memoryPlan(plan: Plan): string {
  const steps = plan.steps.length;
  // A column a step, and one before the first for the inputs.
  const x = linear([-1, steps], [LEFT, WIDTH - RIGHT]);
  const y = linear([0, Math.max(1, plan.arenaBytes)], [HEIGHT - BOTTOM, TOP]);
  const grid = ticks(0, plan.arenaBytes, 5).map(
    (bytes) =>
      tag("line", { x1: LEFT, x2: WIDTH - RIGHT, y1: y(bytes), y2: y(bytes), class: "grid" }) +
      text(LEFT - 8, y(bytes) + 4, grouped(bytes), { class: "tick", "text-anchor": "end" }),
  );
  const boxes = plan.buffers.flatMap(partsOf).map(({ colour, ...b }) => {
    const [from, to] = [x(b.first), x(Math.min(b.last, steps - 1) + 1)];
    const [top, height] = [y(b.offset + b.bytes), y(b.offset) - y(b.offset + b.bytes)];
    const label =
      to - from > 46 && height > 13
        ? text(from + 6, top + Math.min(height / 2 + 4, 16), clipped(b.name, (to - from) / 7), { class: "buffer-name" })
        : "";
    const title = tag(
      "title",
      {},
      escapeText(
        `${b.name}: ${grouped(b.bytes)} bytes at ${grouped(b.offset)}, steps ${Math.max(0, b.first)} to ${Math.min(b.last, steps - 1)}`,
      ),
    );
    return tag(
      "g",
      {},
      title +
        tag("rect", {
          x: from + 1,
          y: top + 0.5,
          width: Math.max(1, to - from - 2),
          height: Math.max(1, height - 1),
          rx: 3,
          class: `buffer s${(colour % 5) + 1}`,
        }) +
        label,
    );
  });
  const bound = tag("line", {
    x1: LEFT,
    x2: WIDTH - RIGHT,
    y1: y(plan.arenaLowerBound),
    y2: y(plan.arenaLowerBound),
    class: "limit",
  });
  const names = plan.steps.map((s, i) => {
    const at = (x(i) + x(i + 1)) / 2;
    return text(at, HEIGHT - BOTTOM + 14, clipped(s.name, 14), {
      class: "tick",
      "text-anchor": "end",
      transform: `rotate(-40 ${at.toFixed(1)} ${HEIGHT - BOTTOM + 14})`,
    });
  });
  const note = text(
    LEFT,
    12,
    `bytes of the arena; dashed: no plan can be smaller than ${grouped(plan.arenaLowerBound)}`,
    { class: "tick" },
  );
  return chart(
    WIDTH,
    HEIGHT,
    "Memory plan",
    `${plan.buffers.length} buffers share ${grouped(plan.arenaBytes)} bytes over ${steps} steps.`,
    [...grid, ...boxes, bound, ...names, note].join(""),
  );
}

/** A box for each part of a buffer that lives at its own time. */
const partsOf = (b: PlanBuffer, colour: number): readonly (PlanBuffer & { readonly colour: number })[] =>
  (b.pieces ?? [{ offset: 0, bytes: b.bytes, first: b.first, last: b.last }]).map((piece) => ({
    ...b,
    ...piece,
    offset: b.offset + piece.offset,
    colour,
  }));

const clipped = (name: string, characters: number): string =>
  name.length > characters ? `${name.slice(0, Math.max(1, Math.floor(characters) - 1))}…` : name;

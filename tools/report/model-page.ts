/** A model as one HTML page: totals, graph, memory over time, bytes and MACs by layer. */
import type { Plan } from "../../sdk/compile/plan.ts";
import type { Report } from "../../sdk/compile/report.ts";
import type { Graph } from "../../sdk/graph/graph.ts";
import { version } from "../../sdk/version.ts";
import { grouped } from "../cli/text-table.ts";
import { graphDrawing } from "./graph-drawing.ts";
import { layerTable } from "./layer-table.ts";
import { memoryPlan } from "./memory-plan.ts";
import { page, section } from "./page.ts";
import { escapeText, tag } from "./svg.ts";

export interface ModelFacts {
  readonly name: string;
  readonly graph: Graph;
  readonly plan: Plan;
  readonly report: Report;
}

export function modelPage({ name, graph, plan, report }: ModelFacts): string {
  const title = `${name} for ${report.target}`;
  const lead = `${plan.steps.length} steps, micro-kernel family ${plan.family}. ${grouped(report.macs)} multiply-accumulates an inference.`;
  return page(title, [
    tag("h1", {}, escapeText(title)),
    tag("p", { class: "lead" }, escapeText(lead)),
    tiles(report),
    section("Graph", graphDrawing(graph)),
    section("Memory over time", tag("figure", {}, memoryPlan(plan))),
    section("By layer", layerTable(report)),
    notes(report),
    tag("footer", {}, `pith ${escapeText(version)}`),
  ]);
}

function tiles({ flash, ram, arenaLowerBound, instructions, sameBytes, patch }: Report): string {
  const bytes = (n: number | null): string => (n === null ? "not measured" : `${grouped(n)} bytes`);
  const list: readonly (readonly [string, string, string])[] = [
    ["Weights", bytes(flash.weights), "biases and channel constants included"],
    ["Code", bytes(flash.code), `tables ${bytes(flash.tables)}`],
    ["Arena", bytes(ram.arena), `no plan of these steps needs less than ${grouped(arenaLowerBound)}`],
    ["State", bytes(ram.state), `stack ${bytes(ram.stack)}`],
    ...(instructions === null ? [] : [["Instructions", grouped(instructions), "an inference, emulated"] as const]),
    ...(sameBytes === null
      ? []
      : [
          ["Same bytes", `${sameBytes.equal} of ${sameBytes.vectors}`, "vectors equal to the portable module"] as const,
        ]),
    ...(patch === null
      ? []
      : [["Patches", `${patch.layers} layers`, `by bands of ${patch.rows} output rows, to save RAM`] as const]),
  ];
  return tag(
    "dl",
    { class: "tiles" },
    list
      .map(([what, value, note]) =>
        tag("div", {}, tag("dt", {}, what) + tag("dd", {}, escapeText(value) + tag("small", {}, escapeText(note)))),
      )
      .join(""),
  );
}

const notes = ({ notes: list }: Report): string =>
  list.length === 0
    ? ""
    : tag(
        "div",
        { class: "note" },
        `Left out:${tag("ul", {}, list.map((n) => tag("li", {}, escapeText(n))).join(""))}`,
      );

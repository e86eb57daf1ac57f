/** MACs, flash and RAM of every layer, with bars that show where they go. */
import type { Report } from "../../sdk/compile/report.ts";
import { grouped } from "../cli/text-table.ts";
import { escapeText, tag } from "./svg.ts";

const COLUMNS = ["macs", "flash", "arena"] as const;

export function layerTable({ layers, instructions }: Report): string {
  const most = Object.fromEntries(COLUMNS.map((c) => [c, Math.max(1, ...layers.map((l) => l[c]))])) as Record<
    (typeof COLUMNS)[number],
    number
  >;
  const cell = (value: number, top: number): string =>
    tag(
      "td",
      { class: "n bar" },
      `<span class="track"><span class="part" style="width:${((value / top) * 100).toFixed(1)}%"></span></span><span class="num">${grouped(value)}</span>`,
    );
  const rows = layers.map((l) =>
    tag(
      "tr",
      {},
      tag("th", { scope: "row" }, escapeText(l.name)) +
        tag("td", {}, escapeText(l.op)) +
        COLUMNS.map((c) => cell(l[c], most[c])).join("") +
        tag("td", {}, l.requantize ?? "") +
        (instructions === null
          ? ""
          : tag("td", { class: "n" }, l.instructions === null ? "–" : grouped(l.instructions))),
    ),
  );
  const head = `<thead><tr><th scope="col">layer</th><th scope="col">operator</th><th scope="col" class="n">MACs</th><th scope="col" class="n">flash, bytes</th><th scope="col" class="n">RAM while it runs</th><th scope="col">requantize</th>${instructions === null ? "" : '<th scope="col" class="n">instructions</th>'}</tr></thead>`;
  return tag("div", { class: "scroll", tabindex: "0" }, tag("table", {}, `${head}${tag("tbody", {}, rows.join(""))}`));
}

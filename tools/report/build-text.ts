/** A build report for the terminal. */
import type { Report } from "../../sdk/compile/report.ts";
import { grouped, textTable } from "../cli/text-table.ts";

const bytes = (n: number | null): string => (n === null ? "not measured" : grouped(n));

export function reportText(report: Report): string {
  const { flash, ram } = report;
  const layers = textTable(
    [
      "layer",
      "operator",
      "MACs",
      "flash",
      "arena",
      "requantize",
      ...(report.instructions === null ? [] : ["instructions"]),
    ],
    report.layers.map((l) => [
      l.name,
      l.op,
      l.macs,
      l.flash,
      l.arena,
      l.requantize ?? "",
      ...(report.instructions === null ? [] : [l.instructions]),
    ]),
  );
  const known = (parts: readonly (number | null)[]): number => parts.reduce<number>((sum, n) => sum + (n ?? 0), 0);
  return [
    layers,
    "",
    `target  ${report.target}, ${grouped(report.macs)} MACs${report.instructions === null ? "" : `, ${grouped(report.instructions)} instructions`}`,
    `flash   ${grouped(known([flash.code, flash.tables, flash.weights]))} bytes: code ${bytes(flash.code)}, tables ${bytes(flash.tables)}, weights ${bytes(flash.weights)}`,
    `RAM     ${grouped(known([ram.arena, ram.state, ram.stack]))} bytes: arena ${bytes(ram.arena)} (at least ${grouped(report.arenaLowerBound)}), state ${bytes(ram.state)}, stack ${bytes(ram.stack)}`,
    ...(report.patch
      ? [`patches the first ${report.patch.layers} layers run by bands of ${report.patch.rows} output rows`]
      : []),
    ...(report.sameBytes
      ? [`bytes   ${report.sameBytes.equal} of ${report.sameBytes.vectors} vectors equal to the portable module`]
      : []),
  ].join("\n");
}

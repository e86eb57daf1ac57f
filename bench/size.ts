/**
 * npm run bench:size [-- --core M4 --model kws --json]: bytes of flash and RAM of each target beside the recorded
 * TensorFlow Lite Micro with CMSIS-NN. Flash: code (libgcc included) and tables, without weights; total with weights
 * beside the baseline's with its .tflite. RAM: arena (inputs and outputs included), state and stack.
 */
import { compileModel } from "../sdk/compile/compile.ts";
import { NATIVE_TARGETS } from "../targets/index.ts";
import { BASELINE, MEAN_OF, referenceModel } from "./baseline.ts";
import { geometricMean, grouped, type Row, resultOf, row, showTable } from "./result.ts";
import { selectionOf } from "./selection.ts";

const PEER = "tflm-cmsis-nn";
const KINDS = ["code", "flash", "ram"] as const;
const { cores, models, json } = selectionOf(process.argv.slice(2));

const rows: Row[] = [];
const table: string[][] = [
  ["model/core", "code+tables", "of it", "weights", "flash", "of it", "arena", "state", "stack", "RAM", "of it"],
];
const of = ({ ratio }: Row): string => (ratio === null ? "-" : (1 / ratio).toFixed(3));
for (const name of models) {
  const model = referenceModel(name);
  const baseline = BASELINE.models[name];
  for (const core of cores) {
    const { report } = await compileModel(model, { target: NATIVE_TARGETS[core], measure: false });
    const { flash, ram } = report;
    if (flash.code === null || flash.tables === null || ram.stack === null)
      throw new Error(`${core}: not built (${report.notes.join("; ")})`);
    const [peerFlash, peerRam] = [baseline.flash[core], baseline.ram[core]];
    const at = `${name}/${core}`;
    const code = row(`${at}/code`, "bytes", flash.code + flash.tables, PEER, peerFlash);
    const total = row(
      `${at}/flash`,
      "bytes",
      code.value + flash.weights,
      PEER,
      peerFlash && peerFlash + baseline.modelBytes,
    );
    const all = row(
      `${at}/ram`,
      "bytes",
      ram.arena + ram.state + ram.stack,
      PEER,
      peerRam && peerRam.static + peerRam.stack,
    );
    rows.push(code, total, all);
    table.push([
      at,
      grouped(code.value),
      of(code),
      grouped(flash.weights),
      grouped(total.value),
      of(total),
      ...[ram.arena, ram.state, ram.stack, all.value].map(grouped),
      of(all),
    ]);
  }
}
const geomean: Record<string, number> = {};
for (const core of cores)
  for (const kind of KINDS) {
    const ratios = MEAN_OF.flatMap((name) => rows.find((r) => r.name === `${name}/${core}/${kind}`)?.ratio ?? []);
    if (ratios.length === MEAN_OF.length) geomean[`${PEER}/${core}/${kind}`] = geometricMean(ratios);
  }
const means = Object.entries(geomean).map(([key, mean]) => `${key.slice(PEER.length + 1)}: ${(1 / mean).toFixed(3)}`);
const text = [
  showTable(table),
  ...(means.length > 0 ? ["", `Geometric means over ${MEAN_OF.join(", ")}`, ...means] : []),
].join("\n");
if (json) {
  process.stderr.write(`${text}\n`);
  console.log(JSON.stringify(resultOf("size", rows, geomean), null, 2));
} else console.log(text);

/**
 * npm run bench:instructions [-- --core M4 --model kws --json]: executed instructions of one inference on each emulated
 * core, by layer, beside the recorded TensorFlow Lite Micro with CMSIS-NN. Ratios: pith's count over the baseline's.
 */
import { compileModel } from "../sdk/compile/compile.ts";
import type { CTarget } from "../sdk/compile/emit-c/prelude.ts";
import type { LayerReport, Report } from "../sdk/compile/report.ts";
import { NATIVE_TARGETS } from "../targets/index.ts";
import { BASELINE, MEAN_OF, type ModelName, referenceModel } from "./baseline.ts";
import { geometricMean, grouped, type Row, resultOf, row, showTable } from "./result.ts";
import { selectionOf } from "./selection.ts";

const PEER = "tflm-cmsis-nn";
const { cores, models, json } = selectionOf(process.argv.slice(2));
const say = (text: string): void => void process.stderr.write(`${text}\n`);

/** Operators of TensorFlow Lite that are steps of ours; others are views or fused. */
const STEP_OF: Readonly<Record<string, string>> = {
  CONV_2D: "conv2d",
  DEPTHWISE_CONV_2D: "depthwiseConv2d",
  FULLY_CONNECTED: "dense",
  AVERAGE_POOL_2D: "averagePool2d",
  ADD: "add",
  SOFTMAX: "softmax",
};

/** The baseline's count of each of our layers: the n-th of its kind and MACs. */
function baselineLayers(name: ModelName, core: CTarget, layers: readonly LayerReport[]): (number | undefined)[] {
  const left = BASELINE.models[name].layers.map((l) => ({ ...l, taken: false }));
  return layers.map(({ op, macs }) => {
    const found = left.find((l) => !l.taken && STEP_OF[l.op] === op && l.macs === macs);
    if (found) found.taken = true;
    return found?.instructions[core];
  });
}

function showLayers(name: ModelName, core: CTarget, { layers }: Report): string {
  const peers = baselineLayers(name, core, layers);
  return showTable([
    ["layer", "op", "form", "MACs", "instructions", "per MAC", "baseline", "of it"],
    ...layers.map(({ op, name: layer, macs, instructions: n, requantize }, i) => [
      layer.slice(-40),
      op,
      requantize ?? "",
      grouped(macs),
      grouped(n),
      macs > 0 && n !== null ? (n / macs).toFixed(2) : "",
      grouped(peers[i]),
      n !== null && peers[i] ? (n / peers[i]).toFixed(2) : "",
    ]),
  ]);
}

const rows: Row[] = [];
for (const name of models) {
  const model = referenceModel(name);
  for (const core of cores) {
    const started = performance.now();
    const { report } = await compileModel(model, { target: NATIVE_TARGETS[core] });
    if (report.instructions === null) throw new Error(`${core}: not measured (${report.notes.join("; ")})`);
    rows.push(
      row(`${name}/${core}`, "instructions", report.instructions, PEER, BASELINE.models[name].instructions[core]),
    );
    rows.push(
      row(
        `${name}/${core}/init`,
        "instructions",
        report.init.instructions!,
        PEER,
        BASELINE.models[name].allocateTensors[core],
      ),
    );
    say(`\n${name} on ${core}: ${grouped(report.instructions)} (${Math.round(performance.now() - started)} ms)`);
    say(showLayers(name, core, report));
  }
}

const countOf = (name: ModelName, core: CTarget): Row | undefined => rows.find((r) => r.name === `${name}/${core}`);
const geomean: Record<string, number> = {};
for (const core of cores) {
  const ratios = MEAN_OF.flatMap((name) => countOf(name, core)?.ratio ?? []);
  if (ratios.length === MEAN_OF.length) geomean[`${PEER}/${core}`] = geometricMean(ratios);
}
const cell = (r: Row | undefined): string =>
  r === undefined ? "-" : `${grouped(r.value)}${r.ratio === null ? "" : ` (${(1 / r.ratio).toFixed(3)})`}`;
say(`\nInstructions (of the baseline's; geometric mean over ${MEAN_OF.join(", ")})`);
const summary = showTable([
  ["core", ...models, "mean"],
  ...cores.map((core) => {
    const mean = geomean[`${PEER}/${core}`];
    return [core, ...models.map((name) => cell(countOf(name, core))), mean === undefined ? "-" : (1 / mean).toFixed(3)];
  }),
]);
if (json) {
  say(summary);
  console.log(JSON.stringify(resultOf("instructions", rows, geomean), null, 2));
} else console.log(summary);

/**
 * npm run bench:wasm [-- --model kws --json]: one inference of the portable module in this Node, one thread, beside
 * tfjs-tflite, LiteRT.js and onnxruntime-web in the same process, interleaved. A ratio is the peer's time over ours.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { elements } from "../kernels/op.ts";
import { compileModel } from "../sdk/compile/compile.ts";
import { runPasses } from "../sdk/compile/passes/pipeline.ts";
import { loadModule } from "../sdk/runtime/module.ts";
import { BASELINE, goldensFolder, MEAN_OF, referenceModel } from "./baseline.ts";
import { randomCodes } from "./codes.ts";
import { interleave } from "./interleave.ts";
import { onnxOf } from "./onnx-writer/onnx.ts";
import { litert } from "./peers/litert.ts";
import { onnxruntimeWeb } from "./peers/onnxruntime.ts";
import { type Peer, timed, tryPeer } from "./peers/peer.ts";
import { tfjsTflite } from "./peers/tfjs-tflite.ts";
import { geometricMean, type Row, resultOf, row, showTable } from "./result.ts";
import { selectionOf } from "./selection.ts";

const { models, json } = selectionOf(process.argv.slice(2));
const rows: Row[] = [];
for (const name of models.filter((m) => MEAN_OF.includes(m))) {
  const model = referenceModel(name);
  const { file } = BASELINE.models[name];
  const tflite = readFileSync(join(goldensFolder(), file, `${file}.tflite`));
  const { wasm } = await compileModel(model);
  const compiled = await loadModule(wasm);
  const [port] = compiled.manifest.inputs;
  const input = randomCodes(elements(port!.shape));
  const feeds = { [port!.name]: input };
  // As users call it: the input is copied in and the output out, which the peers are spared.
  const ours = Object.values(compiled.infer(feeds))[0]!;
  const peers = [
    await tryPeer("@tensorflow/tfjs-tflite", tfjsTflite(tflite, input)),
    await tryPeer("@litertjs/core", litert(tflite, input, port!.shape)),
    await tryPeer("onnxruntime-web", onnxruntimeWeb(onnxOf(runPasses(model.graph)), input, port!.shape)),
  ].filter((p): p is Peer => p !== undefined);
  for (const peer of peers) await sayDifference(name, peer, ours as Int8Array);
  const timings = await interleave([{ name: "pith", time: (n) => timed(n, () => compiled.infer(feeds)) }, ...peers]);
  peers.forEach((peer, i) => {
    const { median, ratio } = timings[i + 1]!;
    rows.push({ ...row(name, "us", timings[0]!.median, peer.name, median), ratio });
  });
  if (peers.length === 0) rows.push(row(name, "us", timings[0]!.median, ""));
}

/** Largest difference of codes from a peer's, on stderr: peers round in their own ways. */
async function sayDifference(name: string, peer: Peer, ours: Int8Array): Promise<void> {
  const theirs = await peer.run();
  const most = theirs.reduce((d, v, i) => Math.max(d, Math.abs(v - ours[i]!)), 0);
  process.stderr.write(`${name}: ${peer.name} differs by at most ${most} of 255 in ${ours.length} outputs\n`);
}

const ratiosTo = (peer: string): readonly number[] =>
  rows.flatMap((r) => (r.peer === peer && r.ratio ? [r.ratio] : []));
/** The better of the two runtimes on XNNPACK, model by model. */
const best = [...new Set(rows.map((r) => r.name))].flatMap((name) => {
  const ratios = rows.flatMap((r) => (r.name === name && r.peer !== "onnxruntime-web" && r.ratio ? [r.ratio] : []));
  return ratios.length > 0 ? [Math.min(...ratios)] : [];
});
const geomean: Record<string, number> = {};
for (const peer of new Set(rows.flatMap((r) => (r.peer ? [r.peer] : []))))
  geomean[peer] = geometricMean(ratiosTo(peer));
if (best.length > 0) geomean["better of tfjs-tflite and litert"] = geometricMean(best);
const result = resultOf("wasm", rows, geomean);
if (json) process.stdout.write(`${JSON.stringify(result)}\n`);
else
  process.stdout.write(
    `${showTable([
      ["model", "pith us", "peer", "peer us", "ratio"],
      ...rows.map((r) => [
        r.name,
        r.value.toFixed(1),
        r.peer ?? "-",
        r.peerValue?.toFixed(1) ?? "-",
        r.ratio?.toFixed(2) ?? "-",
      ]),
      ...Object.entries(geomean).map(([peer, ratio]) => ["geomean", "", peer, "", ratio.toFixed(2)]),
    ])}\n`,
  );
process.exit(0);

/**
 * npm run bench:host [-- --model kws --json]: one inference compiled for this machine beside onnxruntime-node, one
 * thread, interleaved. A ratio is the peer's time over ours. Models of a few microseconds (ad) are given twice: as
 * they are, and with the peer's time for an empty call taken off.
 */
import { elements } from "../kernels/op.ts";
import { compileModel } from "../sdk/compile/compile.ts";
import { runPasses } from "../sdk/compile/passes/pipeline.ts";
import { NATIVE_TARGETS } from "../targets/index.ts";
import { hostIsa } from "../targets/native/host-isa.ts";
import { MEAN_OF, referenceModel } from "./baseline.ts";
import { randomCodes } from "./codes.ts";
import { startHost } from "./host-process.ts";
import { interleave } from "./interleave.ts";
import { emptyOnnx, onnxOf } from "./onnx-writer/onnx.ts";
import { onnxruntimeNode } from "./peers/onnxruntime.ts";
import { tryPeer } from "./peers/peer.ts";
import { geometricMean, type Row, resultOf, row, showTable } from "./result.ts";
import { selectionOf } from "./selection.ts";

const PEER = "onnxruntime-node";
/** What a mean is taken over: ad's time is mostly the peer's call. */
const APART = "ad";

const { models, json } = selectionOf(process.argv.slice(2));
const rows: Row[] = [];
for (const name of models.filter((m) => MEAN_OF.includes(m))) {
  const model = referenceModel(name);
  const build = await compileModel(model, { target: NATIVE_TARGETS["host"], measure: false });
  const port = build.plan.inputs[0]!;
  const input = randomCodes(elements(port.type.shape));
  const own = await startHost(build, input);
  const onnx = onnxOf(runPasses(model.graph));
  const peer = await tryPeer(PEER, onnxruntimeNode(onnx, input, port.type.shape));
  const empty = await tryPeer(PEER, onnxruntimeNode(emptyOnnx(), new Int8Array(1), [1]));
  if (!peer || !empty) {
    const [timing] = await interleave([{ name: "pith", time: own.time }]);
    rows.push(row(name, "us", timing!.median, PEER));
  } else {
    const theirs = await peer.run();
    const most = theirs.reduce((d, v, i) => Math.max(d, Math.abs(v - own.output[i]!)), 0);
    process.stderr.write(`${name}: ${PEER} differs by at most ${most} of 255 in ${theirs.length} outputs\n`);
    const [ours, timing, call] = await interleave([{ name: "pith", time: own.time }, peer, empty]);
    rows.push({ ...row(name, "us", ours!.median, PEER, timing!.median), ratio: timing!.ratio });
    if (name === APART) {
      const net = timing!.ratio - call!.ratio;
      rows.push({ ...row(`${name} less an empty call`, "us", ours!.median, PEER, net * ours!.median), ratio: net });
    }
  }
  own.close();
}

const ratios = rows.flatMap((r) => (r.ratio !== null && !r.name.startsWith(APART) ? [r.ratio] : []));
const result = resultOf("host", rows, ratios.length > 0 ? { [PEER]: geometricMean(ratios) } : {});
process.stderr.write(`vectors: ${hostIsa().name}\n`);
if (json) process.stdout.write(`${JSON.stringify({ ...result, vectors: hostIsa().name })}\n`);
else
  process.stdout.write(
    `${showTable([
      ["model", "pith us", `${PEER} us`, "ratio"],
      ...rows.map((r) => [r.name, r.value.toFixed(1), r.peerValue?.toFixed(1) ?? "-", r.ratio?.toFixed(2) ?? "-"]),
      ...Object.values(result.geomean).map((ratio) => [`geomean without ${APART}`, "", "", ratio.toFixed(2)]),
    ])}\n`,
  );
process.exit(0);

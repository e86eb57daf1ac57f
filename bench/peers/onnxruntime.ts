/** onnxruntime-node and onnxruntime-web on a QLinear model of onnx-writer/, one thread. */

import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Peer, requirePeer, timed } from "./peer.ts";

interface OrtTensor {
  readonly data: Uint8Array;
}
interface Session {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  run(feeds: Record<string, OrtTensor>): Promise<Record<string, OrtTensor>>;
}
interface Ort {
  readonly env: { wasm: { numThreads?: number; proxy?: boolean }; logLevel?: string };
  readonly Tensor: new (type: "uint8", data: Uint8Array, shape: readonly number[]) => OrtTensor;
  readonly InferenceSession: { create(model: Uint8Array, options: object): Promise<Session> };
}

/** NHWC codes as NCHW u8. */
function nchw(codes: Int8Array, shape: readonly number[]): { data: Uint8Array; shape: readonly number[] } {
  if (shape.length !== 4) return { data: Uint8Array.from(codes, (v) => v + 128), shape };
  const [n, h, w, c] = shape as readonly [number, number, number, number];
  const data = new Uint8Array(codes.length);
  for (let p = 0; p < h * w; p++) for (let i = 0; i < c; i++) data[i * h * w + p] = codes[p * c + i]! + 128;
  return { data, shape: [n, c, h, w] };
}

const OPTIONS = {
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  graphOptimizationLevel: "all",
  executionMode: "sequential",
};

const peer =
  (name: string, loadOrt: (folder: string) => Promise<Ort>) =>
  (model: Uint8Array, input: Int8Array, shape: readonly number[]) =>
  async (folder: string): Promise<Peer> => {
    const ort = await loadOrt(folder);
    ort.env.wasm.numThreads = 1;
    const executionProviders = [name === "onnxruntime-node" ? "cpu" : "wasm"];
    const session = await ort.InferenceSession.create(model, { ...OPTIONS, executionProviders });
    const x = nchw(input, shape);
    const feeds = { [session.inputNames[0]!]: new ort.Tensor("uint8", x.data, x.shape) };
    return {
      name,
      run: async () => Int8Array.from((await session.run(feeds))[session.outputNames[0]!]!.data, (v) => v - 128),
      time: (n) => timed(n, () => session.run(feeds)),
    };
  };

export const onnxruntimeNode = peer("onnxruntime-node", async () => requirePeer("onnxruntime-node") as Ort);
export const onnxruntimeWeb = peer(
  "onnxruntime-web",
  async (folder) => (await import(pathToFileURL(join(folder, "dist", "ort.node.min.mjs")).href)) as Ort,
);

/** The f64 interpreter as a backend: the oracle of training, hundreds of times slower than `cpu`. */
import { elements, type Node } from "../../../kernels/op.ts";
import { interpret } from "../../graph/interpret.ts";
import type { Backend, Feed, RunCall, RunResult, Session, StateValues, StepProgram } from "./backend.ts";

export const referenceBackend: Backend = {
  name: "reference",
  isa: "f64",
  open: async (program) => openReference(program),
};

function openReference({ graph, batch, feeds }: StepProgram): Session {
  const leaves = graph.nodes.filter((n) => n.op === "param" || n.op === "state");
  const values = new Map(leaves.map((n) => [n.name, initial(n)]));
  const step = (call: RunCall, k: number): number[] => {
    const given = graph.inputs.map(
      ({ name, tensor }) => [name, feedValues(feeds[name]!, call, k, batch, elements(tensor.shape))] as const,
    );
    const { outputs, updates } = interpret(graph, { ...Object.fromEntries(given), ...Object.fromEntries(values) });
    for (const [name, { data }] of Object.entries(updates)) values.set(name, data);
    return graph.outputs.flatMap(({ name }) => [...outputs[name]!.data]);
  };
  return {
    async run(call): Promise<RunResult> {
      const results: number[] = [];
      let k = 0;
      for (; k < call.steps && !call.signal?.aborted; k++) {
        results.push(...step(call, k));
        call.onProgress?.(k + 1);
        await new Promise(setImmediate);
      }
      return { steps: k, values: Float64Array.from(results) };
    },
    readState: (): StateValues => new Map([...values].map(([name, data]) => [name, data.slice()])),
    writeState: (given) => {
      for (const [name, data] of given) if (values.has(name)) values.set(name, Float64Array.from(data));
    },
    close: () => {},
  };
}

function initial(node: Node): Float64Array {
  const length = elements(node.types[0]!.shape);
  if (node.data && !(node.data instanceof BigInt64Array)) return Float64Array.from(node.data);
  return new Float64Array(length).fill(node.attrs["init"] === "ones" ? 1 : 0);
}

/** The f64 values of one input at step k of a call. */
export function feedValues(
  feed: Feed,
  { indices, series, firstStep }: RunCall,
  k: number,
  batch: number,
  length: number,
): Float64Array {
  const batchIndices = indices.subarray(k * batch, (k + 1) * batch);
  if (feed.kind === "sampleIds") return Float64Array.from(batchIndices);
  if (feed.kind === "step") return Float64Array.of(firstStep + k);
  if (feed.kind === "series") return Float64Array.of(series![feed.row]![k]!);
  const each = length / batch;
  const out = new Float64Array(length);
  batchIndices.forEach((sample, i) => {
    for (let j = 0; j < each; j++) out[i * each + j] = Number(feed.data[sample * each + j]);
  });
  return out;
}

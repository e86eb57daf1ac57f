/** A trained model: a model whose params and statistics have values, with what people do with it. */
import { Node, Tensor, type TypedArray } from "../../kernels/op.ts";
import { freeze } from "../compile/passes/freeze.ts";
import { compilePortable } from "../compile/portable.ts";
import { PithError } from "../error.ts";
import { saveModel } from "../formats/pith.ts";
import type { Graph } from "../graph/graph.ts";
import { rewriteGraph } from "../graph/rewrite.ts";
import type { Model } from "../model.ts";
import { type CompiledModel, loadModule } from "../runtime/module.ts";
import type { StateValues } from "./backends/backend.ts";

export type Predictions<O extends string> = { readonly [K in O]: Float32Array };

export interface TrainedModel<I extends string = string, O extends string = string> extends Model {
  /** Writes the .pith file, atomically. */
  save(path: string): Promise<void>;
  /** Outputs for one sample, computed by the portable f32 module. */
  predict(inputs: { readonly [K in I]: TypedArray | readonly number[] }): Promise<Predictions<O>>;
}

export function trainedModel<I extends string, O extends string>(fields: Model): TrainedModel<I, O> {
  let loading: Promise<CompiledModel> | undefined;
  const compiled = async (): Promise<CompiledModel> =>
    loadModule((await compilePortable(freeze(fields.graph), { name: fields.name })).wasm);
  return {
    ...fields,
    save: async (path) => saveModel(path, fields),
    predict: async (inputs) => {
      loading ??= compiled();
      const outputs = (await loading).predict(inputs);
      return outputs as Predictions<O>; // the graph's outputs are f32 and named O: it was traced so
    },
  };
}

/** The graph with values in its params and states. Throws where one has none. */
export function withValues(graph: Graph, values: StateValues): Graph {
  return rewriteGraph(graph, (node) => {
    if (node.op !== "param" && node.op !== "state") return undefined;
    const value = values.get(node.name);
    if (!value) throw new PithError("internal", `train: ${node.op} "${node.name}" has no value after training`);
    const data = value instanceof Int32Array ? value : Float32Array.from(value);
    const { init: _init, ...attrs } = node.attrs;
    return [new Tensor(new Node({ op: node.op, types: node.types, name: node.name, attrs, data }))];
  });
}

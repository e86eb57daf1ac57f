/** Params and states of a plan, between a flat state region and values by name. */
import type { DType } from "../../../kernels/op.ts";
import { elements } from "../../../kernels/op.ts";
import type { Plan } from "../../compile/plan.ts";
import type { Graph } from "../../graph/graph.ts";
import type { StateValues } from "./backend.ts";

const view = (dtype: DType, bytes: Uint8Array): Float32Array | Int32Array => {
  const copy = bytes.slice();
  return dtype === "i32" ? new Int32Array(copy.buffer) : new Float32Array(copy.buffer);
};

export const stateValues = (plan: Plan, region: Uint8Array): StateValues =>
  new Map(
    plan.states.map(({ name, type, offset, bytes }) => [
      name,
      view(type.dtype, region.subarray(offset, offset + bytes)),
    ]),
  );

/** Writes the named values into the region, rounding f64 ones to the state's dtype. */
export function writeValues(plan: Plan, region: Uint8Array, values: StateValues): void {
  for (const { name, type, offset, bytes } of plan.states) {
    const value = values.get(name);
    if (!value) continue;
    const typed = type.dtype === "i32" ? Int32Array.from(value) : Float32Array.from(value);
    region.set(new Uint8Array(typed.buffer, 0, bytes), offset);
  }
}

/** What leaves hold before anything is written: their data, ones or zeros. */
export function initialValues(graph: Graph): StateValues {
  const leaves = graph.nodes.filter((n) => n.op === "param" || n.op === "state");
  return new Map(
    leaves.map((n) => {
      const { dtype, shape } = n.types[0]!;
      const filled = new Float32Array(elements(shape)).fill(n.attrs["init"] === "ones" ? 1 : 0);
      const values = n.data && !(n.data instanceof BigInt64Array) ? n.data : filled;
      return [n.name, dtype === "i32" ? Int32Array.from(values) : Float32Array.from(values)];
    }),
  );
}

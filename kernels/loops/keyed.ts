/**
 * Keyed random operators: what they draw depends on (seed, stream, step, sample id, element) and on nothing else, so
 * batches may be cut anyhow and a resumed run repeats itself. The user writes `op(x)`; the training form has the
 * inputs `x, sampleIds i32 [N], step i32 [1]`, and only that form has a kernel. Philox counter: (element / 4 within
 * the sample, sample id, step, 0); key: (seed, stream); element e takes word e mod 4.
 */

import { philox } from "../numerics/philox.ts";
import {
  elements,
  i32,
  type LowerArg,
  type LowerCall,
  ptr,
  type RefTensor,
  requires,
  type Sample,
  showShape,
  type TensorType,
} from "../op.ts";

/** `stream`: u32, the hash of the node's name, set by the training form. */
export type Key = { seed: number; stream: number };

export function inferKeyed(op: string, [x, ids, step]: readonly TensorType[]): readonly TensorType[] {
  if (ids || step) {
    const n = x!.shape[0];
    requires(
      ids?.dtype === "i32" && elements(ids.shape) === n,
      () => `${op}: sample ids are ${showShape(ids!.shape)}, expected i32 [${n}]`,
    );
    requires(
      step?.dtype === "i32" && elements(step.shape) === 1,
      () => `${op}: step is ${step ? showShape(step.shape) : "absent"}, expected i32 [1]`,
    );
  }
  return [{ dtype: x!.dtype, shape: x!.shape }];
}

/** The words of one sample of the training form: word(element). */
function wordsOf([, ids, step]: readonly RefTensor[], n: number, { seed, stream }: Key): (element: number) => number {
  let block = -1;
  let words: Uint32Array = new Uint32Array(4);
  return (element) => {
    const wanted = Math.floor(element / 4);
    if (wanted !== block) words = philox([wanted, ids!.data[n]!, step!.data[0]!, 0], [seed, stream]);
    block = wanted;
    return words[element % 4]!;
  };
}

/** f64 oracle: f of each sample's values and words; the user's form leaves x as it is. */
export function referenceKeyed(
  inputs: readonly RefTensor[],
  key: Key,
  f: (x: Float64Array, word: (element: number) => number) => Float64Array,
): readonly Float64Array[] {
  const [x, ids] = inputs;
  const out = x!.data.slice();
  if (!ids) return [out];
  const [samples, size] = [x!.shape[0]!, x!.data.length / x!.shape[0]!];
  for (let n = 0; n < samples; n++)
    out.set(f(x!.data.subarray(n * size, (n + 1) * size), wordsOf(inputs, n, key)), n * size);
  return [out];
}

/** Arguments `src, ids, step, dst, size, seed, stream`, then `more`; samples [begin, end). */
export function lowerKeyed(
  op: string,
  { inputs: [x, ids], attrs }: Pick<LowerCall<Key>, "inputs" | "attrs">,
  more: readonly LowerArg[],
) {
  requires(
    ids !== undefined,
    () => `${op}: no sample ids, expected the training form (inference leaves this operator out)`,
  );
  return {
    kernel: `${op}_f32`,
    args: [
      ptr.input(0),
      ptr.input(1),
      ptr.input(2),
      ptr.output(0),
      i32(elements(x!.shape) / x!.shape[0]!),
      i32(attrs.seed | 0),
      i32(attrs.stream | 0),
      ...more,
    ],
    alias: [[0, 0] as const],
    parallel: x!.shape[0]!,
  };
}

export function keyedSamples<A extends Key>(
  shapes: readonly (readonly number[])[],
  attrs: Partial<A>,
): readonly Sample<A>[] {
  return shapes.map((shape, s) => ({
    inputs: [shape, [shape[0]!], [1]],
    dtypes: ["f32", "i32", "i32"],
    values: [
      Array.from({ length: elements(shape) }, (_, i) => Math.fround((((i * 37) % 101) - 50) / 25)),
      Array.from({ length: shape[0]! }, (_, n) => n * 1009 + s),
      [17 + s],
    ],
    attrs: { ...attrs, seed: 4_000_000_000 + s, stream: 123_456_789 * (s + 1) },
  }));
}

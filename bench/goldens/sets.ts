/** Golden folders (a model, inputs and the answers of TensorFlow Lite Micro) as cases of inferences. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { TypedArray } from "../../kernels/op.ts";
import { readNpy } from "../../sdk/data/npy.ts";

export interface GoldenEntry {
  readonly name: string;
  readonly stateful: boolean;
  readonly inputs: readonly { readonly name: string; readonly dtype: string }[];
  readonly outputs: readonly { readonly name: string; readonly dtype: string }[];
  readonly ops: Readonly<Record<string, number>>;
  readonly kind?: { readonly op: string; readonly dtype: string; readonly case: string };
}

/** N inferences in order. */
export interface GoldenSet {
  /** Files of the inputs and of the answers, in the order of the model's ports. */
  readonly inputPaths: readonly string[];
  readonly outputPaths: readonly string[];
  /** Prefix of its files: "" (independent), "real_", "seq_" (state carried over), "fresh_" (reset before each). */
  readonly name: string;
  readonly count: number;
  readonly state: "carry" | "fresh";
  /** Integers may differ by this much: vectors that TensorFlow Lite made, not its microcontroller kernels. */
  readonly tolerance: number;
  inputs(index: number): readonly TypedArray[];
  outputs(index: number): readonly TypedArray[];
}

export const readIndex = (root: string): readonly GoldenEntry[] =>
  JSON.parse(readFileSync(join(root, "index.json"), "utf8")) as readonly GoldenEntry[];

export const modelFile = (root: string, name: string): string => join(root, name, `${name}.tflite`);

/** Rows of the files `<prefix><kind>J.npy`. */
function rows(
  folder: string,
  prefix: string,
  count: number,
): { paths: readonly string[]; length: number; at(i: number): TypedArray[] } | undefined {
  const paths = Array.from({ length: count }, (_, j) => join(folder, `${prefix}${j}.npy`));
  if (!paths.every((p) => existsSync(p))) return undefined;
  const arrays = paths.map((p) => readNpy(readFileSync(p), p));
  const length = arrays[0]?.shape[0] ?? 0;
  return {
    paths,
    length,
    at: (i) =>
      arrays.map(({ data }) =>
        (data as TypedArray).slice((i * data.length) / length, ((i + 1) * data.length) / length),
      ),
  };
}

const SETS = [
  { name: "", inputs: "in", outputs: "out", state: "fresh", tolerance: 0 },
  { name: "real_", inputs: "real_in", outputs: "real_out", state: "fresh", tolerance: 0 },
  { name: "seq_", inputs: "seq_in", outputs: "seq_out", state: "carry", tolerance: 0 },
  { name: "fresh_", inputs: "seq_in", outputs: "fresh_out", state: "fresh", tolerance: 0 },
  { name: "repo_", inputs: "repo_in", outputs: "repo_out", state: "fresh", tolerance: 1 },
] as const;

export function goldenSets(root: string, { name, inputs, outputs }: GoldenEntry): readonly GoldenSet[] {
  const folder = join(root, name);
  return SETS.flatMap((set): GoldenSet[] => {
    const given = rows(folder, set.inputs, inputs.length);
    const wanted = rows(folder, set.outputs, outputs.length);
    if (!given || !wanted) return [];
    const { name: prefix, state, tolerance } = set;
    return [
      {
        name: prefix,
        count: wanted.length,
        state,
        tolerance,
        inputs: given.at,
        outputs: wanted.at,
        inputPaths: given.paths,
        outputPaths: wanted.paths,
      },
    ];
  });
}

/**
 * Why two answers differ, or undefined. Integers byte for byte (but for `tolerance`); floats within 1e-4 of the peak
 * of what is wanted, the order of summation being free.
 */
export function difference(got: TypedArray, want: TypedArray, tolerance = 0): string | undefined {
  if (got.length !== want.length || got.constructor !== want.constructor)
    return `${got.constructor.name}[${got.length}], expected ${want.constructor.name}[${want.length}]`;
  const floats = want instanceof Float32Array;
  let peak = 0;
  if (floats) for (const v of want) if (Number.isFinite(v)) peak = Math.max(peak, Math.abs(v));
  const most = floats ? 1e-4 * peak : tolerance;
  let wrong = 0;
  let first = "";
  for (let i = 0; i < want.length; i++) {
    const [g, w] = [Number(got[i]), Number(want[i])];
    if (Object.is(g, w) || Math.abs(g - w) <= most) continue;
    if (wrong++ === 0) first = `${i}: ${g}, expected ${w}`;
  }
  return wrong === 0 ? undefined : `${wrong} of ${want.length} values differ, first at ${first}`;
}

/** Data by name or path, for commands: a named data set, or a .npz with one array an input and an optional `label`. */
import { existsSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import type { TensorType } from "../../kernels/op.ts";
import { PithError } from "../error.ts";
import { namedData } from "./catalogue/catalogue.ts";
import { type Dataset, type DatasetInput, dataset, type Splits } from "./dataset.ts";
import { type NpyArray, readNpy } from "./npy.ts";
import { readNpz } from "./npz.ts";

export interface LoadedData extends Splits {
  readonly name: string;
  readonly simulated: boolean;
}

/** A path has a dot or a slash in it or exists; everything else is a name. A file is the whole of both splits. */
export async function loadData(
  nameOrPath: string,
  options: { readonly inputs?: readonly string[] } = {},
): Promise<LoadedData> {
  if (!existsSync(nameOrPath) && !/[./\\]/.test(nameOrPath)) {
    const named = namedData(nameOrPath);
    return { ...(await named.load()), name: named.name, simulated: named.simulated };
  }
  const data = readArrays(nameOrPath, options.inputs);
  return { name: basename(nameOrPath), simulated: false, train: data, test: data };
}

function readArrays(path: string, inputs: readonly string[] | undefined): Dataset {
  if (!existsSync(path))
    throw new PithError(
      "file-missing",
      `${path}: no such file, expected a .npz or .npy file or the name of a data set`,
    );
  if (path.endsWith(".npz")) return fromArrays(path, readNpz(readFileSync(path), path));
  if (path.endsWith(".npy")) {
    if (inputs && inputs.length !== 1)
      throw new PithError(
        "data",
        `${path}: one array, expected the ${inputs.length} inputs ${inputs.join(", ")} (use a .npz)`,
      );
    return fromArrays(path, new Map([[inputs?.[0] ?? "input", readNpy(readFileSync(path), path)]]));
  }
  throw new PithError(
    "data",
    `${path}: expected .npz (arrays named as the model's inputs, and label) or .npy; a .csv needs a recipe that says what its columns are`,
  );
}

function fromArrays(path: string, arrays: ReadonlyMap<string, NpyArray>): Dataset {
  const label = arrays.get("label");
  const features = [...arrays].filter(([name]) => name !== "label");
  const length = features[0]?.[1].shape[0];
  if (length === undefined) throw new PithError("data", `${path}: no input array, expected at least one [N, …]`);
  const inputs = Object.fromEntries(
    features.map(([name, array]): [string, DatasetInput] => [name, feature(path, name, array, length)]),
  );
  return dataset({ inputs, labels: label && labelsOf(path, label) });
}

function feature(path: string, name: string, array: NpyArray, length: number): DatasetInput {
  const { dtype, shape, data } = array;
  if (dtype === "f64" || dtype === "u32")
    throw new PithError(
      "shape",
      `${path} "${name}": dtype ${dtype}, expected f32, i8, i16 or i32 (convert with x.astype(numpy.float32))`,
    );
  if (shape[0] !== length)
    throw new PithError("shape", `${path} "${name}": ${shape[0]} samples, expected ${length} as in the other arrays`);
  if (dtype === "f32" && (data as Float32Array).some((v) => !Number.isFinite(v)))
    throw new PithError("data", `${path} "${name}": a value is NaN or infinite, expected finite numbers`);
  const type: TensorType = { dtype, shape: shape.slice(1) };
  return { type, data };
}

function labelsOf(path: string, label: NpyArray): Int32Array {
  const labels = Int32Array.from(label.data, Number);
  if (label.shape.length !== 1 || label.dtype === "f32" || label.dtype === "f64" || labels.some((v) => v < 0))
    throw new PithError(
      "data",
      `${path} "label": ${label.dtype}[${label.shape.join(",")}], expected class indices, integers from 0, one a sample`,
    );
  return labels;
}

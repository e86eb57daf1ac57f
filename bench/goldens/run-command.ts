/** A golden model through `pith run` itself: files in, files out. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { TypedArray } from "../../kernels/op.ts";
import { readNpy } from "../../sdk/data/npy.ts";
import { runCommand } from "../../tools/cli/run-command.ts";
import { difference, type GoldenEntry, type GoldenSet, goldenSets, modelFile } from "./sets.ts";

/** Why the answers of a model on `on` are not what they must be, or undefined; `folder` is for its outputs. */
export async function mismatchOfCommand(
  root: string,
  entry: GoldenEntry,
  on: string,
  folder: string,
): Promise<string | undefined> {
  const whys: string[] = [];
  for (const set of goldenSets(root, entry)) {
    const why = await runSet(modelFile(root, entry.name), set, on, folder);
    if (why) whys.push(why);
  }
  return whys.length === 0 ? undefined : whys.join("; ");
}

async function runSet(model: string, set: GoldenSet, on: string, folder: string): Promise<string | undefined> {
  const outputs = set.outputPaths.map((_, j) => join(folder, `out${j}.npy`));
  const given = set.inputPaths.flatMap((path) => ["--input", path]);
  const wanted = outputs.flatMap((path) => ["--output", path]);
  let message = "";
  const status = await runCommand(["run", model, ...given, ...wanted, "--on", on, "--state", set.state], {
    stdout: { write: () => {} },
    stderr: {
      write: (text) => {
        message += text;
      },
    },
    env: process.env,
    signal: new AbortController().signal,
  });
  if (status !== 0) return message.trim() || `exit ${status}`;
  for (const [j, path] of set.outputPaths.entries()) {
    const [got, want] = [outputs[j]!, path].map((p) => readNpy(readFileSync(p), p));
    const shapes = [got!, want!].map(({ dtype, shape }) => `${dtype}[${shape.join(",")}]`);
    if (shapes[0] !== shapes[1]) return `${set.name}output ${j} is ${shapes[0]}, expected ${shapes[1]}`;
    const why = difference(got!.data as TypedArray, want!.data as TypedArray, set.tolerance);
    if (why) return `${set.name}output ${j}: ${why}`;
  }
  return undefined;
}

/** examples/exercise.ts as it is written, through the built command line, on small synthetic recordings. */
import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { loadModel } from "../sdk/formats/pith.ts";

const root = join(import.meta.dirname, "..");
const cli = join(root, "dist/tools/cli/main.js");
if (!existsSync(cli) && process.env["PITH_REQUIRE_ALL"])
  throw new Error("PITH_REQUIRE_ALL is set, but dist is not built (npm run build)");

/** Two recordings of 500 rows a class, one of each split. */
function recordings(): string {
  const rows = ["recording,split,t_s,ax_g,ay_g,az_g,label"];
  ["jumpingjack", "lunge", "squat", "other"].forEach((label, c) => {
    for (const split of ["train", "train2", "test"])
      for (let t = 0; t < 500; t++) {
        const values = [0, 1, 2].map((axis) => Math.sin((c + 1) * 0.07 * t + axis).toFixed(5));
        rows.push(
          `${label}-${split},${split.slice(0, 5)},${(t / 100).toFixed(2)},${values.join(",")},${label}`.replace(
            ",train2,",
            ",train,",
          ),
        );
      }
  });
  return `${rows.join("\n")}\n`;
}

test.skipIf(!existsSync(cli))("pith train examples/exercise.ts (needs npm run build)", async () => {
  const folder = mkdtempSync(join(tmpdir(), "pith-program-"));
  try {
    writeFileSync(join(folder, "har-exercise.csv.gz"), gzipSync(recordings()));
    const args = [
      cli,
      "train",
      join(root, "examples/exercise.ts"),
      "--epochs",
      "2",
      "--seed",
      "1",
      "-o",
      "exercise.pith",
      "--json",
    ];
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: folder });
    expect(JSON.parse(stdout)).toBeTypeOf("object");
    const model = loadModel(join(folder, "exercise.pith"));
    expect(model.labels).toHaveLength(4);
    expect(model.graph.outputs.map((o) => o.name)).toEqual(["logits"]);
    expect(model.graph.nodes.map((n) => n.op)).not.toContain("dropout");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

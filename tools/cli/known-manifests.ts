/**
 * Manifests of what this project flashed, by their hash, in `.pith/manifests`: a device names its model by that hash,
 * so that `pith monitor` knows what its counters mean.
 */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { PithError } from "../../sdk/error.ts";
import type { Manifest } from "../../sdk/runtime/manifest.ts";
import { manifestHash } from "../../targets/native/target.ts";
import { writeWhole } from "./write-file.ts";

const FOLDER = join(".pith", "manifests");
const fileOf = (hash: number): string => join(FOLDER, `${hash.toString(16).padStart(8, "0")}.json`);

/** Keeps the manifest of a build folder; other things that can be flashed have none beside them. */
export function rememberManifest(build: string): void {
  if (!statSync(build).isDirectory()) return;
  for (const name of readdirSync(build).filter((n) => n.endsWith(".manifest.json"))) {
    const text = readFileSync(join(build, name), "utf8");
    const manifest = JSON.parse(text) as Manifest;
    writeWhole(fileOf(manifestHash(manifest)), text);
  }
}

/** The manifest of the model that a device runs. Throws "data" where this project never flashed it. */
export function recallManifest(hash: number): Manifest {
  const file = fileOf(hash);
  if (!existsSync(file))
    throw new PithError(
      "data",
      `pith monitor: the device runs the model ${hash.toString(16).padStart(8, "0")}, which was not flashed from this folder, expected its manifest in ${FOLDER} (name the build's module with --model)`,
    );
  return JSON.parse(readFileSync(file, "utf8")) as Manifest;
}

import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

export const DEFAULT_BUILD_DIRECTORY = join(".pith", "native");

/**
 * A directory named by the hash of `files` and `key`. Where it is not there yet, the files are written to a
 * temporary one, `build` runs in it, and it is renamed: a half-built directory is never seen.
 */
export async function cachedBuild(
  root: string,
  key: readonly string[],
  files: Readonly<Record<string, string | Uint8Array>>,
  build: (directory: string) => Promise<void>,
): Promise<string> {
  const hash = createHash("sha256");
  for (const part of key) hash.update(`${part.length}:${part};`);
  for (const [name, contents] of Object.entries(files)) hash.update(`${name}:${contents.length}:`).update(contents);
  const final = join(root, hash.digest("hex").slice(0, 32));
  if (existsSync(final)) return final;
  await mkdir(root, { recursive: true });
  const directory = await mkdtemp(join(root, "build-"));
  try {
    for (const [name, contents] of Object.entries(files)) await writeFile(join(directory, name), contents);
    await build(directory);
    await rename(directory, final);
  } catch (error) {
    await rm(directory, { recursive: true, force: true });
    // Another process may have finished the same build first.
    if (!existsSync(final)) throw error;
  }
  return final;
}

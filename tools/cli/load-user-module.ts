/**
 * User TypeScript: loaded as it is written. Node strips types itself from 22.18 on; before that a loader hook does it
 * with @swc/wasm-typescript in strip-only mode (types become spaces: lines and columns stay exact, misspelt imports stay
 * errors). In either case `pith` and `pith/...` resolve to the package that is running, so that a file outside of any
 * project works and no second copy of the library can come in.
 */
import { existsSync, statSync } from "node:fs";
import { register } from "node:module";
import { extname, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { PithError } from "../../sdk/error.ts";

const EXTENSIONS = [".ts", ".mts", ".js", ".mjs"];

let hooked = false;

/** The default export of a user's file. */
export async function loadUserModule(path: string): Promise<unknown> {
  const file = resolve(path);
  if (!existsSync(file))
    throw new PithError(
      "file-missing",
      `${path}: no such file, expected a TypeScript file whose default export is recipe({...})`,
    );
  if (!statSync(file).isFile() || !EXTENSIONS.includes(extname(file)))
    throw new PithError("file-format", `${path}: expected a file ending in ${EXTENSIONS.join(", ")}`);
  if (!hooked) register(hooksUrl());
  hooked = true;
  try {
    const module: { readonly default?: unknown } = await import(pathToFileURL(file).href);
    if (module.default === undefined)
      throw new PithError("file-format", `${path}: no default export, expected export default recipe({...})`);
    return module.default;
  } catch (error) {
    throw explained(path, error);
  }
}

/** The hooks run on a thread of their own, which older Node can only start from JavaScript: the built file. */
function hooksUrl(): string {
  const built = import.meta.url.endsWith(".ts")
    ? "../../dist/tools/cli/user-module-hooks.js"
    : "./user-module-hooks.js";
  return new URL(built, import.meta.url).href;
}

function explained(path: string, error: unknown): unknown {
  if (error instanceof PithError || !(error instanceof Error)) return error;
  const code = "code" in error ? String(error.code) : "";
  const problem =
    error instanceof SyntaxError ||
    [
      "ERR_MODULE_NOT_FOUND",
      "ERR_PACKAGE_PATH_NOT_EXPORTED",
      "ERR_INVALID_TYPESCRIPT_SYNTAX",
      "ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX",
    ].includes(code);
  if (!problem && !(error instanceof ReferenceError)) return error;
  const out = new PithError("file-format", `${path}: ${error.message}`);
  if (error.stack !== undefined) out.stack = error.stack;
  return out;
}

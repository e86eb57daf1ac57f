/** Loader hooks for user files (see load-user-module.ts); runs on Node's loader thread. */
import { readFile } from "node:fs/promises";
import type { LoadHook, ResolveHook } from "node:module";
import { fileURLToPath } from "node:url";

const native = "typescript" in process.features && Boolean(process.features.typescript);

/** `pith` and `pith/...` are this package, wherever the user's file lies. */
export const resolve: ResolveHook = (specifier, context, nextResolve) => {
  const own = specifier === "pith" || specifier.startsWith("pith/");
  return nextResolve(specifier, own ? { ...context, parentURL: import.meta.url } : context);
};

export const load: LoadHook = async (url, context, nextLoad) => {
  const path = url.startsWith("file:") ? fileURLToPath(url) : "";
  if (native || !/\.m?ts$/.test(path) || path.includes("/node_modules/")) return nextLoad(url, context);
  const { transformSync } = await import("@swc/wasm-typescript");
  const text = await readFile(path, "utf8");
  try {
    return {
      format: "module",
      shortCircuit: true,
      source: transformSync(text, { mode: "strip-only", module: true, filename: path }).code,
    };
  } catch (error) {
    throw Object.assign(new SyntaxError(messageOf(error)), { code: "ERR_INVALID_TYPESCRIPT_SYNTAX" });
  }
};

/** swc throws plain objects whose snippet names file and line. */
function messageOf(error: unknown): string {
  if (typeof error !== "object" || error === null) return String(error);
  const { message, startLine, startColumn } = error as {
    message?: unknown;
    startLine?: unknown;
    startColumn?: unknown;
  };
  return `${startLine === undefined ? "" : `line ${startLine}, column ${Number(startColumn) + 1}: `}${String(message)}`;
}

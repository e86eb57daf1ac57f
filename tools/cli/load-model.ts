/** `<model>`: a .pith or .tflite file, or a compiled .wasm module where a command takes one; told apart by content. */
import { readFileSync } from "node:fs";
import { extname } from "node:path";
import { PithError } from "../../sdk/error.ts";
import { loadModel as loadPith } from "../../sdk/formats/pith.ts";
import { importTflite } from "../../sdk/formats/tflite/import.ts";
import type { Model } from "../../sdk/model.ts";

/** A file's bytes; `what` says what was expected. */
export function readInput(path: string, what: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : "";
    if (code === "ENOENT" || code === "ENOTDIR")
      throw new PithError("file-missing", `${path}: no such file, expected ${what}`);
    if (code === "EISDIR") throw new PithError("file-format", `${path}: a folder, expected ${what}`);
    throw error;
  }
}

const isWasm = (bytes: Uint8Array): boolean =>
  bytes[0] === 0 && bytes[1] === 0x61 && bytes[2] === 0x73 && bytes[3] === 0x6d;
const isTflite = (bytes: Uint8Array): boolean => new TextDecoder("latin1").decode(bytes.subarray(4, 8)) === "TFL3";

/** Throws file-missing, file-format, "import" for what a .tflite has and pith does not, "unsupported" for .onnx. */
export function openModel(path: string): Model {
  const bytes = readInput(path, "a .pith or .tflite model");
  if (isTflite(bytes) || extname(path) === ".tflite") return importTflite(bytes, path);
  if (extname(path) === ".onnx") throw foreign(path);
  if (isWasm(bytes))
    throw new PithError("file-format", `${path}: a compiled module, expected the model that it was made from`);
  return loadPith(path);
}

export const foreign = (path: string): PithError =>
  new PithError(
    "unsupported",
    `${path}: ${extname(path) || "this format"} models are not supported in this version, expected a .tflite or .pith model`,
  );

export type Opened =
  | { readonly kind: "model"; readonly model: Model }
  | { readonly kind: "module"; readonly wasm: Uint8Array };

export function openModelOrModule(path: string): Opened {
  const bytes = readInput(path, "a .pith or .tflite model or a module made by pith compile");
  return isWasm(bytes) ? { kind: "module", wasm: bytes } : { kind: "model", model: openModel(path) };
}

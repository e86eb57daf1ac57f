/** The files of a build folder. */
import type { Build } from "../../sdk/compile/compile.ts";
import { modelPage } from "../report/model-page.ts";

const json = (value: unknown): string => `${JSON.stringify(value, undefined, 1)}\n`;

/** File name to content. `model.wasm` is always there; the payload where the toolchain is. */
export function buildFiles(build: Build): ReadonlyMap<string, string | Uint8Array> {
  const { name, native } = build;
  const files = new Map<string, string | Uint8Array>([
    ["model.wasm", build.wasm],
    [`${name}.manifest.json`, json(build.manifest)],
    ["plan.json", json(build.plan)],
    ["report.json", json(build.report)],
    ["report.html", modelPage(build)],
  ]);
  if (native) {
    files.set(`${name}.c`, native.c);
    files.set(`${name}.h`, native.h);
    if (native.payload) files.set(`${name}.bin`, native.payload);
  }
  return files;
}

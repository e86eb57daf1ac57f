/** `--core M4 --model kws --json`: which cores and models a bench runs; both may be given several times or not at all. */
import { parseArgs } from "node:util";
import { C_TARGET_NAMES, type CTarget } from "../sdk/compile/emit-c/prelude.ts";
import { EMULATORS } from "../targets/native/emulators.ts";
import { MODEL_NAMES, type ModelName } from "./baseline.ts";

export interface Selection {
  readonly cores: readonly CTarget[];
  readonly models: readonly ModelName[];
  readonly json: boolean;
  /** Positional words. */
  readonly rest: readonly string[];
}

const EMULATED: readonly CTarget[] = C_TARGET_NAMES.filter((name) => EMULATORS[name] !== undefined);

/** A core by its target's name, with or without "cortex-", in any case; M0+ too. */
function coreNamed(text: string): CTarget {
  const wanted = text.toLowerCase().replace("+", "plus");
  const found = C_TARGET_NAMES.find((name) => name === wanted || name === `cortex-${wanted}`);
  if (!found) throw new Error(`--core ${text}: expected one of ${C_TARGET_NAMES.join(", ")}`);
  return found;
}

export function selectionOf(argv: readonly string[]): Selection {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      core: { type: "string", multiple: true },
      model: { type: "string", multiple: true },
      json: { type: "boolean", default: false },
    },
  });
  const models = values.model?.map((text) => {
    const name = MODEL_NAMES.find((m) => m === text);
    if (!name) throw new Error(`--model ${text}: expected one of ${MODEL_NAMES.join(", ")}`);
    return name;
  });
  return {
    cores: values.core?.map(coreNamed) ?? EMULATED,
    models: models ?? MODEL_NAMES,
    json: values.json,
    rest: positionals,
  };
}

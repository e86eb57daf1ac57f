/** The four public functions: they turn `ram` into what the module calls ARENA, STATE and WEIGHTS. */
import type { WasmFunction } from "../wasm/module.ts";
import { AMBIENT, type Ambient } from "./function.ts";
import { constantPrefix } from "./header.ts";
import { type CTarget, isIndexed } from "./prelude.ts";

export const ENTRIES = ["init", "infer", "step", "monitors_reset"] as const;
export type Entry = (typeof ENTRIES)[number];

export function emitEntries(
  name: string,
  target: CTarget,
  entries: Readonly<
    Record<Entry, { readonly fn: WasmFunction; readonly cName: string; readonly needs: ReadonlySet<Ambient> }>
  >,
): string {
  const prefix = constantPrefix(name);
  const locate = isIndexed(target)
    ? `/* Addresses are 32-bit indices from base, so ram and weights must lie within 4 GB of each other. */
struct place {
    uint8_t *base;
    u32 arena;
    u32 weights;
};

static int place(struct place *p, void *ram)
{
    const uintptr_t r = (uintptr_t)ram;
    const uintptr_t w = (uintptr_t)weights;
    const uintptr_t low = r < w ? r : w;
    if ((r & 15u) != 0) return -1;
    if ((u64)(r - low) + ${prefix}_RAM_BYTES > 0xffffffffu || (u64)(w - low) + sizeof weights > 0xffffffffu) return -1;
    p->base = (uint8_t *)low;
    p->arena = (u32)(r - low);
    p->weights = (u32)(w - low);
    return 0;
}

`
    : "";
  const values: Readonly<Record<Ambient, string>> = isIndexed(target)
    ? { base: "p.base", ARENA: "p.arena", STATE: `p.arena + ${prefix}_ARENA_BYTES`, WEIGHTS: "p.weights" }
    : {
        base: "",
        ARENA: "(u32)(uintptr_t)ram",
        STATE: `(u32)(uintptr_t)ram + ${prefix}_ARENA_BYTES`,
        WEIGHTS: "(u32)(uintptr_t)weights",
      };
  const bodies = ENTRIES.map((entry) => {
    const { fn, cName, needs } = entries[entry];
    const hasStep = entry === "step";
    const args = [...AMBIENT.filter((a) => needs.has(a)).map((a) => values[a]), ...(hasStep ? ["(u32)i"] : [])];
    const call = `${cName}(${args.join(", ")})`;
    const check = isIndexed(target)
      ? ["    struct place p;", "    if (place(&p, ram) != 0) return -1;"]
      : ["    if (((uintptr_t)ram & 15u) != 0) return -1;"];
    return [
      `int32_t ${name}_${entry}(void *ram${hasStep ? ", int32_t i" : ""})`,
      "{",
      ...check,
      ...(fn.type.results.length > 0 ? [`    return (int32_t)${call};`] : [`    ${call};`, "    return 0;"]),
      "}",
    ].join("\n");
  });
  return locate + bodies.join("\n\n");
}

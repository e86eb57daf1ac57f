/** The public header of a compiled model: sizes as constants and the functions of ABI v1. */
export interface Region {
  readonly name?: string;
  /** From the start of ram. */
  readonly offset: number;
  readonly bytes: number;
}

export interface HeaderFacts {
  readonly name: string;
  readonly arenaBytes: number;
  readonly stateBytes: number;
  readonly weightsBytes: number;
  readonly inputs: readonly Region[];
  readonly outputs: readonly Region[];
  readonly stepCount: number | undefined;
}

export function constantPrefix(name: string): string {
  return name.toUpperCase();
}

export function emitHeader(facts: HeaderFacts): string {
  const prefix = constantPrefix(facts.name);
  const define = (suffix: string, value: number) => `#define ${prefix}_${suffix} ${value}u`;
  const regions = (kind: "INPUT" | "OUTPUT", list: readonly Region[]) =>
    list.flatMap(({ name, offset, bytes }, i) => [
      ...(name === undefined ? [] : [`/* ${kind.toLowerCase()} ${i}: ${name.replaceAll("*/", "* /")} */`]),
      define(`${kind}${i}_OFFSET`, offset),
      define(`${kind}${i}_BYTES`, bytes),
    ]);
  const first = (kind: "INPUT" | "OUTPUT", list: readonly Region[]) =>
    list.length === 0 ? [] : [`#define ${prefix}_${kind}(ram) ((int8_t *)(ram) + ${prefix}_${kind}0_OFFSET)`];
  return `/* ${facts.name}: a model compiled by pith. */
#ifndef ${prefix}_H
#define ${prefix}_H

#include <stdint.h>

/* ram holds the arena, then the state; it is 16-aligned. */
${[
  define("RAM_BYTES", facts.arenaBytes + facts.stateBytes),
  define("RAM_ALIGNMENT", 16),
  define("ARENA_BYTES", facts.arenaBytes),
  define("STATE_BYTES", facts.stateBytes),
  define("WEIGHTS_BYTES", facts.weightsBytes),
  ...(facts.stepCount === undefined ? [] : [define("STEP_COUNT", facts.stepCount)]),
  ...regions("INPUT", facts.inputs),
  ...regions("OUTPUT", facts.outputs),
  ...first("INPUT", facts.inputs),
  ...first("OUTPUT", facts.outputs),
].join("\n")}

#ifdef __cplusplus
extern "C" {
#endif

/* All return 0, or a negative status. Call init once before anything else: it resets state and monitors. */
int32_t ${facts.name}_init(void *ram);
/* One inference: every step in order. */
int32_t ${facts.name}_infer(void *ram);
/* One step of the plan. */
int32_t ${facts.name}_step(void *ram, int32_t i);
/* Zeroes the monitors only. */
int32_t ${facts.name}_monitors_reset(void *ram);

#ifdef __cplusplus
}
#endif

#endif
`;
}

/** Attributes that several operators read in the same way. */
import { axisOf } from "../../../../kernels/axis.ts";
import type { TfliteCall } from "../operator.ts";

const PADDINGS = ["same", "valid"] as const;

export function paddingOf(call: TfliteCall, field: number): (typeof PADDINGS)[number] {
  const code = call.options.byte(field);
  return PADDINGS[code] ?? call.refuse(`padding ${code}`, "SAME (0) or VALID (1)");
}

/** [height, width] of two fields. */
export const pairOf = (call: TfliteCall, height: number, width: number, absent = 0): readonly [number, number] => [
  call.options.int(height, absent),
  call.options.int(width, absent),
];

/** `axis` of a tensor of `rank` dimensions, negative ones from the end. */
export function axisArgument(call: TfliteCall, axis: number, rank: number): number {
  if (!Number.isInteger(axis) || axis < -rank || axis >= rank)
    call.refuse(`axis ${axis}`, `one from ${-rank} to ${rank - 1}`);
  return axisOf(rank, axis);
}

import type { Tensor } from "../op.ts";
import { concat } from "./concat.ts";

const AT_ONCE = 8;

/** concat of any number of tensors, eight at a time: a tree of the least depth. */
export function concatAll(tensors: readonly Tensor[], axis: number): Tensor {
  if (tensors.length === 1) return tensors[0]!;
  const parts: Tensor[] = [];
  for (let i = 0; i < tensors.length; i += AT_ONCE) {
    const group = tensors.slice(i, i + AT_ONCE);
    parts.push(group.length === 1 ? group[0]! : concat(...group, { axis }));
  }
  return concatAll(parts, axis);
}

import { i32, type Lowered } from "../op.ts";

/** A lowering whose kernel takes the whole range at once: `parallel` becomes a last argument n. */
export function sequential({ parallel, ...lowered }: Lowered): Lowered {
  return { ...lowered, args: [...lowered.args, i32(parallel ?? 0)] };
}

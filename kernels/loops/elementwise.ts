/** What operators of one operand share: `out[i] = f(x[i])`, same shape, in place where dtypes agree. */
import { elements, type LowerArg, type LowerCall, type Lowered, ptr, type Sample } from "../op.ts";

export function lowerElementwise(
  kernel: string,
  { inputs: [x], outputs: [out] }: Pick<LowerCall<never>, "inputs" | "outputs">,
  more: readonly LowerArg[] = [],
): Lowered {
  return {
    kernel,
    args: [ptr.input(0), ptr.output(0), ...more],
    ...(x!.dtype === out!.dtype ? { alias: [[0, 0] as const] } : {}),
    parallel: elements(out!.shape),
  };
}

export const ELEMENTWISE_SAMPLES: readonly Sample<never>[] = [
  { inputs: [[1]] },
  { inputs: [[4, 7]], range: [-8, 8], note: "tail shorter than a vector" },
  { inputs: [[2, 131]], range: [-2, 2] },
];

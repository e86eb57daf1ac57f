/** Shapes that every elementwise operator of two operands is tested on. */
import type { Sample } from "../op.ts";

export const BROADCAST_SAMPLES: readonly Sample<never>[] = [
  { inputs: [[1], [1]] },
  {
    inputs: [
      [3, 17],
      [3, 17],
    ],
  },
  { inputs: [[2, 3, 5], [5]], note: "the second stretches" },
  {
    inputs: [
      [1, 1, 3],
      [2, 5, 3],
    ],
    note: "the first stretches",
  },
  {
    inputs: [
      [4, 1, 7],
      [1, 3, 1],
    ],
    note: "both stretch",
  },
  { inputs: [[], [2, 3]], note: "rank 0" },
  {
    inputs: [
      [2, 1, 3, 1, 5],
      [1, 4, 1, 2, 1],
    ],
    note: "rank 5",
  },
];

import { concat } from "../concat/concat.ts";
import { requires, showShape, type Tensor } from "../op.ts";
import { stridedSlice } from "../stridedSlice/stridedSlice.ts";

/** "reflect" leaves the edge itself out of the mirror image, "symmetric" repeats it. */
export type MirrorMode = "reflect" | "symmetric";

/** x continued by its mirror image: `paddings` is before and after for each dimension in turn. */
export function mirrorPad(
  x: Tensor,
  { paddings, mode, name = "mirrorPad" }: { paddings: readonly number[]; mode: MirrorMode; name?: string },
): Tensor {
  const offset = mode === "reflect" ? 1 : 0;
  requires(
    paddings.length === 2 * x.shape.length &&
      paddings.every((p, i) => Number.isInteger(p) && p >= 0 && p <= x.shape[i >> 1]! - offset),
    () =>
      `mirrorPad: paddings are ${showShape(paddings)}, expected two for each dimension of ${showShape(x.shape)}, at most its size${offset ? " less 1" : ""}`,
  );
  return x.shape.reduce((y, dim, d) => {
    const [before, after] = [paddings[2 * d]!, paddings[2 * d + 1]!];
    // `count` values backwards from `from`.
    const image = (side: string, from: number, count: number): Tensor[] =>
      count === 0
        ? []
        : [
            stridedSlice(y, {
              begin: y.shape.map((_, i) => (i === d ? from : 0)),
              size: y.shape.map((_, i) => (i === d ? count : -1)),
              strides: y.shape.map((_, i) => (i === d ? -1 : 1)),
              name: `${name}/${side}${d}`,
            }),
          ];
    const parts = [...image("before", before - 1 + offset, before), y, ...image("after", dim - 1 - offset, after)];
    return parts.length === 1 ? y : concat(...parts, { axis: d, name: `${name}/${d}` });
  }, x);
}

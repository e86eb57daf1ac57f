import { axisOf } from "../axis.ts";
import { requires, showShape, type Tensor } from "../op.ts";
import { stridedSlice } from "../stridedSlice/stridedSlice.ts";

/** x with the order of values along `axes` (negative from the end) turned around. */
export function reverse(x: Tensor, { axes, name = "" }: { axes: readonly number[]; name?: string }): Tensor {
  const rank = x.shape.length;
  const turned = new Set(axes.map((axis) => axisOf(rank, axis)));
  requires(
    [...turned].every((d) => Number.isInteger(d) && d >= 0 && d < rank),
    () => `reverse: axes ${showShape(axes)}, expected dimensions of ${showShape(x.shape)}`,
  );
  return stridedSlice(x, {
    begin: x.shape.map((d, i) => (turned.has(i) ? d - 1 : 0)),
    size: x.shape.map((d, i) => (turned.has(i) ? d : -1)),
    strides: x.shape.map((_, i) => (turned.has(i) ? -1 : 1)),
    name,
  });
}

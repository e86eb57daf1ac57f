import { broadcastTo } from "../broadcastTo/broadcastTo.ts";
import { requires, showShape, type Tensor } from "../op.ts";
import { reshape } from "../reshape/reshape.ts";

/** x repeated `multiples[d]` times along each dimension d. */
export function tile(x: Tensor, { multiples, name = "tile" }: { multiples: readonly number[]; name?: string }): Tensor {
  requires(
    multiples.length === x.shape.length && multiples.every((m) => Number.isInteger(m) && m > 0),
    () => `tile: multiples ${showShape(multiples)}, expected one for each dimension of ${showShape(x.shape)}`,
  );
  const apart = reshape(x, { shape: x.shape.flatMap((d) => [1, d]), name: `${name}/apart` });
  const repeated = broadcastTo(apart, { shape: x.shape.flatMap((d, i) => [multiples[i]!, d]), name });
  return reshape(repeated, { shape: x.shape.map((d, i) => d * multiples[i]!), name: `${name}/joined` });
}

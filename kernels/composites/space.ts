/**
 * Blocks of pixels to other dimensions and back: reshapes around one transpose. x is [n, ...spatial, ...rest]; a leading
 * -1 in the shapes lets the batch differ.
 */
import { requires, showShape, type Tensor } from "../op.ts";
import { pad } from "../pad/pad.ts";
import { reshape } from "../reshape/reshape.ts";
import { slice } from "../slice/slice.ts";
import { transpose } from "../transpose/transpose.ts";

/** [n, h, w, b b c] to [n, h b, w b, c]: `out[n, h b + i, w b + j, c] = x[n, h, w, (i b + j) C + c]`. */
export function depthToSpace(x: Tensor, { block, name = "depthToSpace" }: { block: number; name?: string }): Tensor {
  const [, h, w, c] = imageOf("depthToSpace", x);
  const depth = c / (block * block);
  requires(
    Number.isInteger(depth) && block > 0,
    () => `depthToSpace: ${c} channels in blocks of ${block}, expected a multiple of ${block * block}`,
  );
  const apart = reshape(x, { shape: [-1, h, w, block, block, depth], name: `${name}/blocks` });
  const moved = transpose(apart, { order: [0, 1, 3, 2, 4, 5], name });
  return reshape(moved, { shape: [-1, h * block, w * block, depth], name: `${name}/image` });
}

/** [n, h b, w b, c] to [n, h, w, b b c], the inverse of depthToSpace. */
export function spaceToDepth(x: Tensor, { block, name = "spaceToDepth" }: { block: number; name?: string }): Tensor {
  const [, h, w, c] = imageOf("spaceToDepth", x);
  requires(
    block > 0 && h % block === 0 && w % block === 0,
    () => `spaceToDepth: ${showShape(x.shape)} in blocks of ${block}, expected multiples in height and width`,
  );
  const apart = reshape(x, { shape: [-1, h / block, block, w / block, block, c], name: `${name}/blocks` });
  const moved = transpose(apart, { order: [0, 1, 3, 2, 4, 5], name });
  return reshape(moved, { shape: [-1, h / block, w / block, block * block * c], name: `${name}/image` });
}

/**
 * x [n, ...spatial, ...rest], padded with `value`, to [blocks n, ...spatial / block, ...rest]: pixels of equal position in their
 * block become images. `paddings`: before and after for each spatial dimension.
 */
export function spaceToBatch(
  x: Tensor,
  {
    block,
    paddings,
    value = 0,
    name = "spaceToBatch",
  }: { block: readonly number[]; paddings: readonly number[]; value?: number; name?: string },
): Tensor {
  const spatial = block.length;
  const after = x.shape.slice(spatial + 1);
  const padded = paddings.some((p) => p > 0)
    ? pad(x, { paddings: [0, 0, ...paddings, ...after.flatMap(() => [0, 0])], value, name: `${name}/pad` })
    : x;
  const [n, ...sizes] = padded.shape.slice(0, spatial + 1) as [number, ...number[]];
  requires(
    paddings.length === 2 * spatial && sizes.length === spatial && sizes.every((d, i) => d % block[i]! === 0),
    () => `spaceToBatch: ${showShape(padded.shape)} in blocks of ${showShape(block)}, expected multiples`,
  );
  const apart = reshape(padded, {
    shape: [n, ...sizes.flatMap((d, i) => [d / block[i]!, block[i]!]), ...after],
    name: `${name}/blocks`,
  });
  const order = [
    ...block.map((_, i) => 2 + 2 * i),
    0,
    ...block.map((_, i) => 1 + 2 * i),
    ...after.map((_, i) => 1 + 2 * spatial + i),
  ];
  const count = block.reduce((p, b) => p * b, 1);
  return reshape(transpose(apart, { order, name }), {
    shape: [n * count, ...sizes.map((d, i) => d / block[i]!), ...after],
    name: `${name}/images`,
  });
}

/** The inverse of spaceToBatch: `crops` are taken from both ends of each spatial dimension. */
export function batchToSpace(
  x: Tensor,
  { block, crops, name = "batchToSpace" }: { block: readonly number[]; crops: readonly number[]; name?: string },
): Tensor {
  const spatial = block.length;
  const count = block.reduce((p, b) => p * b, 1);
  const n = x.shape[0]! / count;
  requires(
    Number.isInteger(n) && crops.length === 2 * spatial && x.shape.length > spatial,
    () =>
      `batchToSpace: ${showShape(x.shape)} with blocks ${showShape(block)}, expected a batch that is a multiple of ${count}`,
  );
  const sizes = x.shape.slice(1, spatial + 1);
  const after = x.shape.slice(spatial + 1);
  const apart = reshape(x, { shape: [...block, n, ...sizes, ...after], name: `${name}/blocks` });
  const order = [
    spatial,
    ...block.flatMap((_, i) => [spatial + 1 + i, i]),
    ...after.map((_, i) => 1 + 2 * spatial + i),
  ];
  const shape = [n, ...sizes.map((d, i) => d * block[i]!), ...after];
  const whole = reshape(transpose(apart, { order, name }), { shape, name: `${name}/images` });
  if (crops.every((c) => c === 0)) return whole;
  return slice(whole, {
    begin: [0, ...block.map((_, i) => crops[2 * i]!), ...after.map(() => 0)],
    size: [n, ...block.map((_, i) => shape[i + 1]! - crops[2 * i]! - crops[2 * i + 1]!), ...after],
    name: `${name}/crop`,
  });
}

function imageOf(op: string, x: Tensor): readonly [number, number, number, number] {
  requires(x.shape.length === 4, () => `${op}: ${showShape(x.shape)}, expected [batch, height, width, channels]`);
  return x.shape as [number, number, number, number];
}

/** A layer is a function of a tensor; a factory makes one, and its parameters belong to it. */
import { Node, Tensor } from "../../kernels/op.ts";
import { PithError } from "../error.ts";
import { type Init, param, state } from "../graph/leaves.ts";
import { hint } from "./names.ts";

export type Layer = (x: Tensor) => Tensor;

export interface LayerOptions {
  /** Name of the node and prefix of its parameters; the kind of layer, numbered, when absent. */
  readonly name?: string;
}

/** A parameter of the layer; its name is the layer's and `role`. */
export const layerParam = (
  layer: string | undefined,
  role: string,
  shape: readonly number[],
  init: { init: Init; fanIn?: number; fanOut?: number },
): Tensor => param(layer === undefined ? hint(role, undefined) : `${layer}/${role}`, shape, init);

/** A running statistic of the layer; `momentum` is the weight of its old value in the training form. */
export function layerState(
  layer: string | undefined,
  role: string,
  shape: readonly number[],
  options: { init: Init; momentum: number },
): Tensor {
  const { node } = state(layer === undefined ? hint(role, undefined) : `${layer}/${role}`, shape, {
    init: options.init,
  });
  return new Tensor(
    new Node({ op: node.op, types: node.types, name: node.name, attrs: { ...node.attrs, momentum: options.momentum } }),
  );
}

/**
 * Parameters made at the first call, when the input's shape is known, and shared by later ones. Throws when a later
 * call has another number of channels.
 */
export function once<P>(kind: string, make: (channels: number) => P): (x: Tensor) => P {
  let made: { readonly channels: number; readonly params: P } | undefined;
  return (x) => {
    const channels = x.shape.at(-1) ?? 1;
    made ??= { channels, params: make(channels) };
    if (made.channels !== channels)
      throw new PithError(
        "shape",
        `${kind}: an input of ${channels} channels, expected ${made.channels} as at its first call (a layer called twice shares its parameters; make another layer)`,
      );
    return made.params;
  };
}

/** One layer after the other. */
export const sequential =
  (layers: readonly Layer[]): Layer =>
  (x) =>
    layers.reduce((y, layer) => layer(y), x);

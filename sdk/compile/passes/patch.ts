/**
 * Patch-wise execution of the leading layers: bands of rows run through a chain of layers one after the other, so that
 * only a band of the large first activations is alive at a time (as MCUNet's patch-based inference, over whole rows).
 * A graph pass: slices of rows, each layer over fewer rows with explicit padding, one concatenation. The memory plan
 * makes the slices and the concatenation views, and lets outputs grow into input rows that were read. Rows that two
 * bands need are computed twice.
 */
import { concat } from "../../../kernels/concat/concat.ts";
import { paddingAfter } from "../../../kernels/conv/geometry.ts";
import { type Axis, Node, Tensor } from "../../../kernels/op.ts";
import { slice } from "../../../kernels/slice/slice.ts";
import type { Graph } from "../../graph/graph.ts";
import { definitionOf, isLeaf } from "../../graph/registry.ts";
import { rewriteGraph } from "../../graph/rewrite.ts";
import { typeBytes } from "../sizes.ts";
import { readersOf } from "./readers.ts";

export interface Patch {
  /** Layers that run by bands, from the input on. */
  readonly layers: number;
  /** Output rows of a band, of the last of them. */
  readonly rows: number;
}

interface Rows {
  readonly begin: number;
  readonly end: number;
}

/** Input rows that output rows read, and the padding rows above and below them. */
function rowsRead(axis: Axis, { begin, end }: Rows): Rows & { readonly top: number; readonly bottom: number } {
  const from = begin * axis.stride - axis.before;
  const to = (end - 1) * axis.stride - axis.before + (axis.kernel - 1) * axis.dilation + 1;
  const rows = { begin: Math.max(0, from), end: Math.min(axis.input, to) };
  return { ...rows, top: rows.begin - from, bottom: to - rows.end };
}

/** The windowed layers that follow the only image input one by one, each read by the next alone. */
function leadingLayers(graph: Graph): readonly Node[] {
  const readers = readersOf(graph);
  const [input] = graph.inputs;
  const layers: Node[] = [];
  if (graph.inputs.length !== 1 || !input || input.tensor.shape.length !== 4 || input.tensor.shape[0] !== 1) return [];
  for (let from: Node | undefined = input.tensor.node; from && readers.get(from) === 1; ) {
    const next: Node | undefined = graph.nodes.find((n) => n.inputs[0]?.node === from);
    if (
      !next ||
      isLeaf(next) ||
      !definitionOf(next.op).window ||
      next.inputs.slice(1).some((t) => t.node.op !== "const")
    )
      break;
    layers.push(next);
    from = next;
  }
  return layers;
}

const axisOf = (node: Node): Axis =>
  definitionOf(node.op).window!(
    node.inputs.map((t) => t.type),
    node.attrs,
  ).h;

/** Patches worth planning: the smallest estimated peak first, fewest bands first where peaks are equal. */
export function patchesOf(graph: Graph, most = 3): readonly Patch[] {
  const layers = leadingLayers(graph);
  const found: (Patch & { readonly peak: number })[] = [];
  const pair = (n: Node): number => typeBytes(n.types[0]!) + typeBytes(n.inputs[0]!.type);
  for (let count = 2; count <= layers.length; count++) {
    const height = layers[count - 1]!.types[0]!.shape[1]!;
    // What follows the patch needs at least a layer's input and output.
    const rest = Math.max(0, ...layers.slice(count).map(pair));
    for (let rows = 1; rows < height; rows++)
      if (rows === 1 || Math.ceil(height / rows) < Math.ceil(height / (rows - 1)))
        found.push({ layers: count, rows, peak: Math.max(rest, estimatedPeak(layers.slice(0, count), rows)) });
  }
  return found.sort((a, b) => a.peak - b.peak || b.rows - a.rows).slice(0, most);
}

/** Bytes alive at the worst step of any band: unread input rows, written output rows, two neighbouring bands between. */
function estimatedPeak(layers: readonly Node[], rows: number): number {
  const last = layers.at(-1)!;
  const input = layers[0]!.inputs[0]!.type;
  const rowBytes = (t: Tensor["type"]): number => typeBytes(t) / t.shape[1]!;
  let peak = 0;
  const height = last.types[0]!.shape[1]!;
  for (let begin = 0; begin < height; begin += rows) {
    let band: Rows = { begin, end: Math.min(height, begin + rows) };
    const written = band.end * rowBytes(last.types[0]!);
    const bytes: number[] = [0];
    for (const layer of layers.toReversed()) {
      band = rowsRead(axisOf(layer), band);
      if (layer !== layers[0]) bytes.push((band.end - band.begin) * rowBytes(layer.inputs[0]!.type));
    }
    const unread = (input.shape[1]! - band.begin) * rowBytes(input);
    const between = Math.max(...bytes.map((b, i) => b + (bytes[i + 1] ?? 0)));
    peak = Math.max(peak, unread + written + between);
  }
  return peak;
}

export function patchLeading(graph: Graph, { layers: count, rows }: Patch): Graph {
  const layers = leadingLayers(graph).slice(0, count);
  const last = layers.at(-1);
  if (!last) return graph;
  const input = layers[0]!.inputs[0]!;
  const [height] = last.types[0]!.shape.slice(1, 2);
  const bands = Array.from(
    { length: Math.ceil(height! / rows) },
    (_, i): Rows => ({
      begin: i * rows,
      end: Math.min(height!, (i + 1) * rows),
    }),
  );
  const results = bands.map((band, i) => bandOf(layers, input, band, i));
  return rewriteGraph(graph, (node) => (node === last ? [joined(results, last)] : undefined));
}

function bandOf(layers: readonly Node[], input: Tensor, output: Rows, index: number): Tensor {
  const steps: { layer: Node; top: number; bottom: number }[] = [];
  let rows = output;
  for (const layer of layers.toReversed()) {
    const read = rowsRead(axisOf(layer), rows);
    steps.unshift({ layer, top: read.top, bottom: read.bottom });
    rows = read;
  }
  const [n, , w, c] = input.shape as readonly [number, number, number, number];
  const box = { begin: [0, rows.begin, 0, 0], size: [n, rows.end - rows.begin, w, c] };
  let x = withQuant(slice(input, { ...box, name: `${input.node.name} rows ${index}` }), input);
  for (const { layer, top, bottom } of steps) {
    const definition = definitionOf(layer.op);
    const { w: across } = definition.window!(
      layer.inputs.map((t) => t.type),
      layer.attrs,
    );
    const attrs = { ...layer.attrs, padding: [top, bottom, across.before, paddingAfter(across)] };
    const inputs = [x, ...layer.inputs.slice(1)];
    const types = definition.infer(
      inputs.map((t) => t.type),
      attrs,
    );
    const node = new Node({ op: layer.op, inputs, attrs, types, name: `${layer.name} band ${index}` });
    x = withQuant(new Tensor(node), new Tensor(layer));
  }
  return x;
}

/** Bands in order; a concatenation takes eight at a time. */
function joined(bands: readonly Tensor[], like: Node): Tensor {
  if (bands.length === 1) return bands[0]!;
  const groups = Array.from({ length: Math.ceil(bands.length / 8) }, (_, i) => bands.slice(i * 8, i * 8 + 8));
  return joined(
    groups.map((g) =>
      g.length === 1 ? g[0]! : withQuant(concat(...g, { axis: 1, name: like.name }), new Tensor(like)),
    ),
    like,
  );
}

/** `tensor` with the scale of `like`. */
function withQuant(tensor: Tensor, like: Tensor): Tensor {
  const { node } = tensor;
  const { quant } = like.type;
  const types = node.types.map((t) => (quant ? { ...t, quant } : t));
  return new Tensor(new Node({ op: node.op, inputs: node.inputs, attrs: node.attrs, types, name: node.name }));
}

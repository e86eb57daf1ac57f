/** A graph from top to bottom: a row a step away from the inputs, boxes with operator, name and type. */
import { type Node, showType, type Tensor } from "../../kernels/op.ts";
import type { Graph } from "../../sdk/graph/graph.ts";
import { definitionOf, isLeaf } from "../../sdk/graph/registry.ts";
import { grouped } from "../cli/text-table.ts";
import { chart, escapeText, tag, text } from "./svg.ts";

const [WIDTH, HEIGHT, GAP_X, GAP_Y, MARGIN] = [248, 50, 24, 26, 12];
const MOST_CHARACTERS = 34;

interface Box {
  readonly node: Node;
  readonly row: number;
  readonly column: number;
}

const drawn = (node: Node): boolean => node.op !== "const";

/** Rows by the longest way from an input; columns in graph order. */
function boxesOf(graph: Graph): readonly Box[] {
  const rows = new Map<Node, number>();
  const columns: number[] = [];
  return graph.nodes.filter(drawn).map((node) => {
    const before = node.inputs.filter((t) => drawn(t.node)).map((t) => rows.get(t.node)! + 1);
    const row = Math.max(0, ...before);
    rows.set(node, row);
    const column = columns[row] ?? 0;
    columns[row] = column + 1;
    return { node, row, column };
  });
}

export function graphDrawing(graph: Graph): string {
  const boxes = boxesOf(graph);
  const at = new Map(boxes.map((b) => [b.node, b]));
  const lanes = Math.max(1, ...boxes.map((b) => b.column + 1));
  const rows = Math.max(1, ...boxes.map((b) => b.row + 1));
  const counts = Array.from({ length: rows }, (_, r) => boxes.filter((b) => b.row === r).length);
  const outputs = new Map(graph.outputs.map((o) => [o.tensor.node, o.name]));
  const x = (b: Box): number => MARGIN + (b.column + (lanes - counts[b.row]!) / 2) * (WIDTH + GAP_X);
  const y = (b: Box): number => MARGIN + b.row * (HEIGHT + GAP_Y);
  const edges = boxes.flatMap((b) =>
    b.node.inputs.filter((t) => drawn(t.node)).map((t) => edge(x(at.get(t.node)!), y(at.get(t.node)!), x(b), y(b))),
  );
  const width = lanes * (WIDTH + GAP_X) - GAP_X + 2 * MARGIN;
  const height = rows * (HEIGHT + GAP_Y) - GAP_Y + 2 * MARGIN;
  const nodes = boxes.map((b) => boxOf(b.node, x(b), y(b), outputs.get(b.node)));
  const about = `${boxes.length} nodes in ${rows} rows`;
  return tag(
    "div",
    { class: "scroll", tabindex: "0" },
    tag(
      "div",
      { style: `width:${width}px;max-width:none;margin:0 auto` },
      chart(width, height, "Graph", about, [...edges, ...nodes].join("")),
    ),
  );
}

/** From the bottom of a box to the top of another, past the boxes between. */
function edge(fromX: number, fromY: number, toX: number, toY: number): string {
  const [x1, y1, x2, y2] = [fromX + WIDTH / 2, fromY + HEIGHT, toX + WIDTH / 2, toY];
  const far = y2 - y1 > GAP_Y + 1;
  // A long way goes round on the right, where no box of its lane is.
  const bend = far ? Math.max(fromX, toX) + WIDTH + GAP_X / 2 : undefined;
  const d =
    bend === undefined
      ? `M${x1} ${y1}C${x1} ${y1 + GAP_Y / 2} ${x2} ${y2 - GAP_Y / 2} ${x2} ${y2}`
      : `M${x1} ${y1}C${x1} ${y1 + GAP_Y} ${bend} ${y1} ${bend} ${y1 + GAP_Y}L${bend} ${y2 - GAP_Y}C${bend} ${y2} ${x2} ${y2 - GAP_Y} ${x2} ${y2}`;
  return tag("path", { d, class: "edge" });
}

function boxOf(node: Node, x: number, y: number, output: string | undefined): string {
  const leaf = isLeaf(node);
  const macs = leaf
    ? 0
    : (definitionOf(node.op).macs?.(
        node.inputs.map((t) => t.type),
        node.types,
        node.attrs,
      ) ?? 0);
  const head = `${node.op}${output === undefined ? "" : ` → ${output}`}`;
  const type = node.types.map(showType).join(" ");
  const title = [
    `${node.op} "${node.name}"`,
    ...node.inputs.map((t: Tensor, i) => `input ${i}: ${showType(t.type)}`),
    `output: ${type}`,
    ...(macs > 0 ? [`${grouped(macs)} MACs`] : []),
    ...Object.entries(node.attrs).map(([k, v]) => `${k}: ${JSON.stringify(v)}`),
  ].join("\n");
  return tag(
    "g",
    {},
    tag("title", {}, escapeText(title)) +
      tag("rect", {
        x,
        y,
        width: WIDTH,
        height: HEIGHT,
        rx: 6,
        class: `node ${leaf ? "leaf" : macs > 0 ? "work" : ""}`,
      }) +
      text(x + 10, y + 20, clipped(head), { class: "op" }) +
      text(x + WIDTH - 10, y + 20, macs > 0 ? grouped(macs) : "", { class: "tick", "text-anchor": "end" }) +
      text(x + 10, y + 39, clipped(`${type}  ${node.name}`), { class: "tick" }),
  );
}

const clipped = (name: string): string =>
  name.length > MOST_CHARACTERS ? `${name.slice(0, MOST_CHARACTERS - 1)}…` : name;

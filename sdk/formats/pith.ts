/**
 * The .pith model file, version 1: one safetensors file. `__metadata__.pith` is the graph as one JSON string;
 * leaf values are tensors named by node number, scales and zero points are tensors `<node>.<output>.scale` and
 * `….zero_point`. Written atomically.
 */
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import {
  type Attrs,
  type AttrValue,
  DTYPE_BYTES,
  type DType,
  Node,
  type Quant,
  Tensor,
  type TensorType,
  type TypedArray,
} from "../../kernels/op.ts";
import { PithError } from "../error.ts";
import { createGraph, type Graph } from "../graph/graph.ts";
import { definitions } from "../graph/registry.ts";
import { verifyGraph } from "../graph/verify.ts";
import { isIdentifier, type Model } from "../model.ts";
import { decodeSafeTensors, encodeSafeTensors, isRecord, type SafeTensor, type SafeTensors } from "./safetensors.ts";

export const PITH_VERSION = 1;

type Ref = readonly [node: number, output: number];

interface Document {
  readonly version: number;
  readonly name: string;
  readonly labels?: readonly string[] | undefined;
  readonly run?: string | undefined;
  readonly provenance?: Readonly<Record<string, unknown>> | undefined;
  readonly monitorLayout?: unknown;
  readonly nodes: readonly {
    op: string;
    name: string;
    attrs: Attrs;
    inputs: readonly Ref[];
    types: readonly { dtype: DType; shape: readonly number[]; axis?: number | undefined }[];
  }[];
  readonly inputs: readonly (readonly [string, Ref])[];
  readonly outputs: readonly (readonly [string, Ref])[];
  readonly updates: readonly (readonly [Ref, Ref])[];
}

export function encodeModel(model: Model, extra: ReadonlyMap<string, SafeTensor> = new Map()): Uint8Array {
  const { graph } = model;
  const ids = new Map(graph.nodes.map((n, i) => [n, i]));
  const ref = (t: Tensor): Ref => [ids.get(t.node)!, t.index];
  const tensors = new Map<string, SafeTensor>();
  const nodes = graph.nodes.map((node, id) => {
    if (node.data) tensors.set(`${id}`, { shape: node.types[0]!.shape, data: node.data });
    const types = node.types.map(({ dtype, shape, quant }, i) => {
      if (!quant) return { dtype, shape };
      tensors.set(`${id}.${i}.scale`, { shape: [quant.scale.length], data: Float32Array.from(quant.scale) });
      tensors.set(`${id}.${i}.zero_point`, { shape: [quant.zeroPoint.length], data: Int32Array.from(quant.zeroPoint) });
      return { dtype, shape, axis: quant.axis };
    });
    return { op: node.op, name: node.name, attrs: node.attrs, inputs: node.inputs.map(ref), types };
  });
  const document: Document = {
    version: PITH_VERSION,
    name: model.name,
    labels: model.labels,
    run: model.run,
    provenance: model.provenance,
    monitorLayout: model.monitorLayout,
    nodes,
    inputs: graph.inputs.map((i) => [i.name, ref(i.tensor)]),
    outputs: graph.outputs.map((o) => [o.name, ref(o.tensor)]),
    updates: graph.updates.map((u) => [ref(u.target), ref(u.value)]),
  };
  for (const [name, tensor] of extra) tensors.set(name, tensor);
  return encodeSafeTensors({ metadata: { pith: JSON.stringify(document) }, tensors });
}

/** Throws a file-format error for anything that is not a well-formed model of this version. */
export function decodeModel(bytes: Uint8Array, where: string): { model: Model; tensors: SafeTensors["tensors"] } {
  const { metadata, tensors } = decodeSafeTensors(bytes, where);
  const fail = (received: string): never => {
    throw new PithError("file-format", `${where}: ${received}, expected a .pith model of version ${PITH_VERSION}`);
  };
  const document = parseDocument(metadata["pith"]) ?? fail("no graph in its metadata");
  if (document.version !== PITH_VERSION) fail(`version ${document.version}`);
  if (!isIdentifier(document.name)) fail(`the model name "${document.name}"`);
  const nodes: Node[] = [];
  const tensor = ([id, output]: Ref): Tensor => {
    const node = nodes[id];
    if (!node?.types[output]) return fail(`a reference to node ${id}.${output} before it is defined`);
    return new Tensor(node, output);
  };
  document.nodes.forEach((n, id) => {
    const types = n.types.map((t, i): TensorType => {
      if (!Object.hasOwn(DTYPE_BYTES, t.dtype)) return fail(`dtype "${t.dtype}"`);
      const quant = readQuant(tensors, `${id}.${i}`, t.axis);
      return quant ? { dtype: t.dtype, shape: t.shape, quant } : { dtype: t.dtype, shape: t.shape };
    });
    nodes.push(
      new Node({
        op: n.op,
        name: n.name,
        // A file of an earlier version has no value for attributes that came later.
        attrs: { ...definitions.get(n.op)?.attrs, ...n.attrs },
        types,
        inputs: n.inputs.map(tensor),
        data: tensors.get(`${id}`)?.data,
      }),
    );
  });
  const graph: Graph = createGraph({
    inputs: document.inputs.map(([name, r]) => ({ name, tensor: tensor(r) })),
    outputs: document.outputs.map(([name, r]) => ({ name, tensor: tensor(r) })),
    updates: document.updates.map(([t, v]) => ({ target: tensor(t), value: tensor(v) })),
  });
  try {
    verifyGraph(graph, where);
  } catch (error) {
    throw new PithError("file-format", error instanceof Error ? error.message : String(error));
  }
  const { name, labels, run, provenance, monitorLayout } = document;
  return { model: { name, graph, labels, run, provenance, monitorLayout }, tensors };
}

function readQuant(tensors: SafeTensors["tensors"], key: string, axis: number | undefined): Quant | undefined {
  const scale = tensors.get(`${key}.scale`);
  const zeroPoint = tensors.get(`${key}.zero_point`);
  if (!scale || !zeroPoint) return undefined;
  const numbers = (data: TypedArray): number[] => Array.from(data, Number);
  return { scale: numbers(scale.data), zeroPoint: numbers(zeroPoint.data), ...(axis === undefined ? {} : { axis }) };
}

/** The JSON document with every field of the type it must have, or undefined. */
function parseDocument(text: string | undefined): Document | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text ?? "");
  } catch {
    return undefined;
  }
  return isDocument(value) ? value : undefined;
}

function isDocument(value: unknown): value is Document {
  if (!isRecord(value)) return false;
  const { version, name, nodes, inputs, outputs, updates, labels, run } = value;
  return (
    typeof version === "number" &&
    typeof name === "string" &&
    isListOf(nodes, isNodeEntry) &&
    isListOf(inputs, isNamedRef) &&
    isListOf(outputs, isNamedRef) &&
    isListOf(updates, isUpdate) &&
    isOptional(labels, (l) => isListOf(l, (s) => typeof s === "string")) &&
    isOptional(run, (r) => typeof r === "string")
  );
}

const isListOf = (value: unknown, is: (item: unknown) => boolean): value is unknown[] =>
  Array.isArray(value) && value.every(is);
const isOptional = (value: unknown, is: (v: unknown) => boolean): boolean => value === undefined || is(value);
const isRef = (value: unknown): boolean =>
  Array.isArray(value) && value.length === 2 && value.every((n) => Number.isInteger(n) && n >= 0);
const isNamedRef = (value: unknown): boolean =>
  Array.isArray(value) && value.length === 2 && typeof value[0] === "string" && isRef(value[1]);
const isUpdate = (value: unknown): boolean => Array.isArray(value) && value.length === 2 && value.every(isRef);
const isAttr = (value: unknown): value is AttrValue =>
  ["number", "string", "boolean"].includes(typeof value) || isListOf(value, (n) => typeof n === "number");

function isNodeEntry(value: unknown): boolean {
  if (!isRecord(value)) return false;
  const { op, name, attrs, inputs, types } = value;
  return (
    typeof op === "string" &&
    typeof name === "string" &&
    isRecord(attrs) &&
    Object.values(attrs).every(isAttr) &&
    isListOf(inputs, isRef) &&
    isListOf(
      types,
      (t) =>
        isRecord(t) &&
        typeof t["dtype"] === "string" &&
        isListOf(t["shape"], (d) => Number.isInteger(d) && Number(d) >= 0) &&
        isOptional(t["axis"], Number.isInteger),
    )
  );
}

/** Writes beside the target and renames, so that a reader never sees half a file. */
export function saveModel(path: string, model: Model): void {
  const temporary = `${path}.${process.pid}.tmp`;
  writeFileSync(temporary, encodeModel(model));
  renameSync(temporary, path);
}

export function loadModel(path: string): Model {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    throw new PithError(
      "file-missing",
      `${path}: ${error instanceof Error && "code" in error ? String(error.code) : "unreadable"}, expected a .pith model (check the path)`,
    );
  }
  return decodeModel(bytes, path).model;
}

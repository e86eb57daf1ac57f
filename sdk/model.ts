/** A model: a graph with what people and devices need to know about it. Immutable. */
import type { Graph } from "./graph/graph.ts";

export interface Model {
  /** C identifier: prefixes the symbols of every build. */
  readonly name: string;
  /** Batch 1 in dimension 0 of every input. Params carry their values; frozen graphs have constants instead. */
  readonly graph: Graph;
  /** Class names of the output, in index order. */
  readonly labels?: readonly string[] | undefined;
  /** Id of the run that made it. */
  readonly run?: string | undefined;
  /** What it was trained on and measured to be: window, units, split, accuracy; free JSON, kept as is. */
  readonly provenance?: Readonly<Record<string, unknown>> | undefined;
  /** MonitorLayout (sdk/telemetry) when the graph has monitors. */
  readonly monitorLayout?: unknown;
}

const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_]{0,47}$/;

/** A C identifier from free text, such as a file's name. */
export function identifierOf(text: string): string {
  const name = text
    .replace(/[^A-Za-z0-9_]+/g, "_")
    .replace(/^([0-9])/, "_$1")
    .slice(0, 48);
  return IDENTIFIER.test(name) ? name : "model";
}

export const isIdentifier = (name: string): boolean => IDENTIFIER.test(name);

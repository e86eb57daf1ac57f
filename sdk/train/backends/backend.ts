/** What runs step graphs: one small interface, four implementations beside it. */
import type { TypedArray } from "../../../kernels/op.ts";
import type { Graph } from "../../graph/graph.ts";

/** What an input of a step graph is filled with before each step. */
export type Feed =
  /** The samples of the batch, from a data set buffer. */
  | { readonly kind: "gather"; readonly data: TypedArray }
  /** i32 [batch]: which samples those are; random operators are keyed by them. */
  | { readonly kind: "sampleIds" }
  /** i32 [1]: the number of the step, from 1. */
  | { readonly kind: "step" }
  /** f32 [1]: row `row` of the run's series, such as the learning rate. */
  | { readonly kind: "series"; readonly row: number };

/** A step graph and what its inputs are fed with, by input name. Outputs are f32. */
export interface StepProgram {
  readonly graph: Graph;
  readonly batch: number;
  readonly feeds: Readonly<Record<string, Feed>>;
}

export interface RunCall {
  readonly steps: number;
  /** Number of the first step, from 1. */
  readonly firstStep: number;
  /** [steps, batch]: the samples of each step. */
  readonly indices: Int32Array;
  /** Rows of `steps` values. */
  readonly series?: readonly Float32Array[];
  /** Stops after the current step. */
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((stepsDone: number) => void) | undefined;
}

export interface RunResult {
  /** Steps that ran: fewer than asked for when the signal fired. */
  readonly steps: number;
  /** [steps, outputs of one step]: the graph's outputs one after the other. */
  readonly values: Float32Array | Float64Array;
}

export type StateValues = ReadonlyMap<string, Float32Array | Float64Array | Int32Array>;

/** A program with its memory. `close` releases what the garbage collector does not know. */
export interface Session {
  run(call: RunCall): Promise<RunResult>;
  /** Copies of all params and states, by name. */
  readState(): StateValues;
  /** Overwrites the named params and states; others keep their values. */
  writeState(values: StateValues): void;
  close(): void;
}

export const BACKENDS = ["reference", "wasm", "cpu"] as const;
export type BackendName = (typeof BACKENDS)[number];

export interface Backend {
  readonly name: BackendName;
  /** Recorded with a run: bits are promised for one backend and one instruction set. */
  readonly isa: string;
  open(program: StepProgram): Promise<Session>;
}

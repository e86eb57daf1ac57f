/**
 * Checkpoints: one safetensors file with every param and state of the step under its name, the best values so far
 * under `best/`, and the host's counters as JSON. Written beside the target, synced, renamed: a reader, or a power
 * cut, sees the old one or the new one. Resuming from one equals never having stopped, bit for bit.
 */
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { PithError } from "../error.ts";
import { decodeSafeTensors, encodeSafeTensors, type SafeTensor } from "../formats/safetensors.ts";
import type { StateValues } from "./backends/backend.ts";

/** Where training stands between two steps. */
export interface Progress {
  readonly epoch: number;
  readonly stepInEpoch: number;
  /** Sums of the loss and the metrics over this epoch's steps so far. */
  readonly sums: readonly number[];
  readonly best?: { readonly value: number; readonly epoch: number } | undefined;
  readonly finished: boolean;
}

export interface Checkpoint {
  /** Hash of everything that decides the bits: graph, recipe, data, seed, backend, isa. */
  readonly fingerprint: string;
  readonly progress: Progress;
  readonly values: StateValues;
  readonly best?: StateValues | undefined;
}

const BEST = "best/";

const tensorsOf = (values: StateValues, prefix: string): [string, SafeTensor][] =>
  [...values].map(([name, data]) => [`${prefix}${name}`, { shape: [data.length], data }]);

export function saveCheckpoint(path: string, { fingerprint, progress, values, best }: Checkpoint): void {
  const tensors = new Map([...tensorsOf(values, ""), ...(best ? tensorsOf(best, BEST) : [])]);
  writeAtomically(
    path,
    encodeSafeTensors({ metadata: { checkpoint: JSON.stringify({ version: 1, fingerprint, progress }) }, tensors }),
  );
}

export function writeAtomically(path: string, bytes: Uint8Array): void {
  const folder = dirname(path);
  mkdirSync(folder, { recursive: true });
  const temporary = `${path}.${process.pid}.tmp`;
  const file = openSync(temporary, "w");
  try {
    for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(temporary, path);
  const handle = openSync(folder, "r");
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

/** Undefined where there is no file; throws where it belongs to another training. */
export function loadCheckpoint(path: string, fingerprint: string): Checkpoint | undefined {
  if (!existsSync(path)) return undefined;
  const { metadata, tensors } = decodeSafeTensors(readFileSync(path), path);
  const header = parseHeader(metadata["checkpoint"]);
  if (!header)
    throw new PithError(
      "file-format",
      `${path}: no training checkpoint of version 1, expected one (delete the file to start again)`,
    );
  if (header.fingerprint !== fingerprint)
    throw new PithError(
      "training",
      `${path}: a checkpoint of another training (model, recipe, data, seed, backend or isa differ), expected this one's (delete it, or give another path)`,
    );
  const values = new Map<string, Float32Array | Float64Array | Int32Array>();
  const best = new Map<string, Float32Array | Float64Array | Int32Array>();
  for (const [name, { data }] of tensors) {
    if (!(data instanceof Float32Array || data instanceof Float64Array || data instanceof Int32Array)) continue;
    if (name.startsWith(BEST)) best.set(name.slice(BEST.length), data);
    else values.set(name, data);
  }
  return { fingerprint, progress: header.progress, values, best: best.size > 0 ? best : undefined };
}

function parseHeader(text: string | undefined): { fingerprint: string; progress: Progress } | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text ?? "");
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null || !("version" in value) || value.version !== 1) return undefined;
  if (
    !("fingerprint" in value) ||
    typeof value.fingerprint !== "string" ||
    !("progress" in value) ||
    !isProgress(value.progress)
  )
    return undefined;
  return { fingerprint: value.fingerprint, progress: value.progress };
}

function isProgress(value: unknown): value is Progress {
  if (typeof value !== "object" || value === null) return false;
  const { epoch, stepInEpoch, sums, finished, best } = value as Partial<Record<keyof Progress, unknown>>;
  const goodBest =
    best === undefined || (typeof best === "object" && best !== null && "value" in best && "epoch" in best);
  return (
    Number.isInteger(epoch) &&
    Number.isInteger(stepInEpoch) &&
    Array.isArray(sums) &&
    sums.every((s) => typeof s === "number") &&
    typeof finished === "boolean" &&
    goodBest
  );
}

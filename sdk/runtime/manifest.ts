/**
 * Manifest v1: what a compiled model is, for whoever runs it. A custom section `pith.manifest` of the module and
 * `<name>.manifest.json` beside native builds.
 */
import type { Quant, TensorType } from "../../kernels/op.ts";

export const MANIFEST_VERSION = 1;
export const MANIFEST_SECTION = "pith.manifest";

export interface ManifestPort {
  readonly name: string;
  readonly dtype: TensorType["dtype"];
  readonly shape: readonly number[];
  readonly quant?: Quant;
  readonly unit?: string;
  /** Address relative to the arena. */
  readonly offset: number;
  readonly bytes: number;
}

export interface ManifestStep {
  readonly name: string;
  readonly op: string;
  readonly dtype: TensorType["dtype"];
  readonly shape: readonly number[];
  readonly region: "arena" | "state" | "weights";
  readonly offset: number;
  readonly bytes: number;
}

export interface Manifest {
  readonly version: typeof MANIFEST_VERSION;
  readonly name: string;
  readonly pith: string;
  readonly family: string;
  readonly inputs: readonly ManifestPort[];
  readonly outputs: readonly ManifestPort[];
  readonly labels?: readonly string[];
  readonly run?: string;
  /** Linear addresses and sizes in the portable module. */
  readonly memory: Readonly<Record<"arena" | "state" | "weights", { readonly base: number; readonly bytes: number }>>;
  readonly monitors: { readonly offset: number; readonly bytes: number; readonly layout?: unknown };
  readonly steps: readonly ManifestStep[];
}

/** What a target is to the compiler. Values live in targets/; names resolve in tools/. */
import type { Family } from "../../kernels/op.ts";
import type { Manifest } from "../runtime/manifest.ts";
import type { Plan } from "./plan.ts";

/** The AOT flavour of a model: what a native target translates to C. */
export interface AotModule {
  readonly name: string;
  readonly wasm: Uint8Array;
  readonly plan: Plan;
  readonly weights: Uint8Array;
  readonly manifest: Manifest;
  readonly selfTest: readonly SelfTest[];
}

/** A seeded input (selfTestInput) and the CRC-32 of all outputs, from the portable module. */
export interface SelfTest {
  readonly seed: number;
  readonly crc: number;
}

export interface Instructions {
  readonly init: number;
  readonly infer: number;
  readonly steps: readonly number[];
}

export interface NativeArtifacts {
  readonly c: string;
  readonly h: string;
  /** Position-independent image payload, descriptor first; absent when the toolchain is. */
  readonly payload?: Uint8Array;
  /** Bytes of machine code, and of descriptor and tables. */
  readonly sizes?: { readonly code: number; readonly tables: number };
  readonly stackBytes?: number;
  readonly instructions?: Instructions;
  /** Outputs compared with the portable module on seeded vectors. */
  readonly sameBytes?: { readonly vectors: number; readonly equal: number };
  /** Why something above is absent. */
  readonly missing?: string;
  /** Compiler and version. */
  readonly toolchain?: string;
}

export interface NativeTarget {
  readonly name: string;
  readonly about: string;
  readonly family: Family;
  /** See LowerCall. */
  readonly longMultiply?: boolean | undefined;
  build(module: AotModule, options: { readonly measure: boolean }): Promise<NativeArtifacts>;
}

/** What a report shows: plain data, written as JSON beside the HTML. */
import type { Plan } from "../../sdk/compile/plan.ts";
import type { Report } from "../../sdk/compile/report.ts";
import type { DriftReport } from "../../sdk/telemetry/alarms.ts";

export interface StageReport {
  readonly name: string;
  readonly seconds: number;
  /** What the stage found, one line. */
  readonly line: string;
}

export interface LineReport {
  readonly version: 1;
  readonly pith: string;
  readonly model: string;
  readonly data: {
    readonly name: string;
    readonly about: string;
    readonly simulated: boolean;
    readonly trainSamples: number;
    readonly testSamples: number;
    readonly classes: readonly string[];
  };
  readonly stages: readonly StageReport[];
  /** What this machine could not do, and why. */
  readonly leftOut: readonly { readonly what: string; readonly why: string }[];
  readonly training: readonly EpochPoint[];
  readonly accuracy: { readonly float: number; readonly int8: number; readonly samples: number };
  /** `confusion[label][predicted]` of the int8 model on the test split. */
  readonly confusion: readonly (readonly number[])[];
  readonly build: Report;
  readonly plan: Plan;
  readonly board: { readonly name: string; readonly inferences: number; readonly equal: number } | null;
  readonly drift: DriftSection | null;
}

export interface EpochPoint {
  readonly epoch: number;
  readonly loss: number;
  readonly metrics: Readonly<Record<string, number>>;
}

export interface DriftSection {
  readonly report: DriftReport;
  /** What was done to the input. */
  readonly change: string;
  /** Windows before the change: the first window of the changed input is `before` + 1. */
  readonly before: number;
}

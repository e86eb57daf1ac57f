/** Learning-rate schedules: functions of the step, computed on the host for every step of an epoch. */
import { PithError } from "../error.ts";

/** The factor of the base rate at step `step` of `total` (from 0). */
export type Schedule = (step: number, total: number) => number;

export const constantRate = (): Schedule => () => 1;

/** Multiplied by `factor` at each of `at`, fractions of the training. */
export const stepRate = (options: { at: readonly number[]; factor?: number }): Schedule => {
  const { at, factor = 0.1 } = options;
  return (step, total) => factor ** at.filter((fraction) => step >= fraction * total).length;
};

/** Half a cosine from 1 to `final`, after a linear warm-up over the fraction `warmup`. Loshchilov & Hutter 2017. */
export const cosine = (options: { warmup?: number; final?: number } = {}): Schedule => {
  const { warmup = 0, final = 0 } = options;
  checkFraction("cosine", "warmup", warmup);
  return (step, total) => {
    const start = warmup * total;
    if (step < start) return (step + 1) / start;
    return mix(1, final, cosineRamp((step - start) / Math.max(1, total - start)));
  };
};

/** Up from `initial` to 1 over the fraction `peak`, down to `final`; both halves of a cosine. Smith 2018. */
export const oneCycle = (options: { peak?: number; initial?: number; final?: number } = {}): Schedule => {
  const { peak = 0.3, initial = 0.04, final = 1e-4 } = options;
  checkFraction("oneCycle", "peak", peak);
  return (step, total) => {
    const top = peak * total;
    return step < top
      ? mix(initial, 1, cosineRamp(step / top))
      : mix(1, final, cosineRamp((step - top) / Math.max(1, total - top)));
  };
};

const mix = (from: number, to: number, t: number): number => from + (to - from) * t;
/** 0 to 1 along half a cosine. */
const cosineRamp = (t: number): number => (1 - Math.cos(Math.PI * Math.min(1, t))) / 2;

function checkFraction(where: string, what: string, value: number): void {
  if (!(value >= 0 && value < 1))
    throw new PithError("usage", `${where}: ${what} ${value}, expected a fraction in [0, 1)`);
}

/** Simulated false-alarm rates against their statement. PITH_SIMULATIONS=20 runs twenty times as many. */
import { expect } from "vitest";

export const SIMULATIONS = Number(process.env.PITH_SIMULATIONS ?? 1);

/**
 * Fails where `hits` of `runs` cannot be explained by a true rate of at most `stated`: binomial tail below 1e-4, so a
 * suite of thirty such checks with free seeds would fail once in 300 runs. The seeds here are fixed.
 */
export function expectAtMost(hits: number, runs: number, stated: number): void {
  expect(binomialTail(hits, runs, stated), `${hits} of ${runs}, stated ${stated}`).toBeGreaterThan(1e-4);
}

/** P(X >= hits), X binomial. */
export function binomialTail(hits: number, runs: number, p: number): number {
  let below = 0;
  let log = runs * Math.log1p(-p);
  for (let k = 0; k < hits; k++) {
    below += Math.exp(log);
    log += Math.log((runs - k) / (k + 1)) + Math.log(p) - Math.log1p(-p);
  }
  return 1 - below;
}

/**
 * Bins on int8 codes. The one rule, shared with the device operator (kernels/featureHistogram):
 *
 *     bin(code) = number of edges e with code > e
 *
 * so bin 0 is code <= edges[0] and the last bin is everything above the last edge. The operator takes bins - 1 edges
 * always; a feature that needs fewer has 127 in the rest, which no code exceeds.
 */
import { binOf } from "../../kernels/featureHistogram/featureHistogram.ts";

export { binOf };

/** An edge that no int8 code exceeds: the bins above it stay empty. */
export const NO_EDGE = 127;
const LOWEST_CODE = -128;

/**
 * Edges of near-equal-frequency bins on the reference codes: ascending, `bins - 1` of them, NO_EDGE at the end where
 * fewer are needed.
 *
 * - No bin between two edges is empty on the reference. An atom (a code that holds more than its share, such as the
 *   zeros after a ReLU) gets a bin to itself, and what remains is divided evenly among the bins that remain.
 * - A feature with at most bins - 2 distinct codes gets a bin a code and, where there is room on the int8 scale, an
 *   empty bin below and one above, so that a value never seen before is seen. bins - 1 or bins distinct codes get a
 *   bin each.
 *
 * Continuous codes and edges at order statistics make the true bin probabilities Dirichlet(counts, total m + 1)
 * whatever the feature's distribution (uniform spacings; Wilks 1962, ch. 8): the null of the drift tests rests on it.
 */
export function quantileEdges(codes: ArrayLike<number>, bins: number): number[] {
  const histogram = new Uint32Array(256);
  for (let i = 0; i < codes.length; i++) histogram[codes[i]! - LOWEST_CODE]!++;
  const distinct = Array.from(histogram, (count, i) => ({ code: i + LOWEST_CODE, count })).filter((d) => d.count > 0);
  const edges =
    distinct.length <= bins
      ? atomEdges(
          distinct.map((d) => d.code),
          bins,
        )
      : evenEdges(distinct, codes.length, bins);
  return [...edges, ...new Array<number>(bins - 1 - edges.length).fill(NO_EDGE)];
}

function atomEdges(codes: readonly number[], bins: number): number[] {
  const between = codes.slice(0, -1);
  if (codes.length === 0 || codes.length > bins - 2) return between;
  const [first, last] = [codes[0]!, codes.at(-1)!];
  return [...(first > LOWEST_CODE ? [first - 1] : []), ...between, ...(last < NO_EDGE ? [last] : [])];
}

function evenEdges(distinct: readonly { code: number; count: number }[], total: number, bins: number): number[] {
  const edges: number[] = [];
  let rest = total;
  let held = 0;
  for (let i = 0; i < distinct.length - 1 && edges.length < bins - 1; i++) {
    const { code, count } = distinct[i]!;
    held += count;
    const share = rest / (bins - edges.length);
    // Closing here misses the share by share - held, after the next code by held + next - share: take the nearer.
    if (held + distinct[i + 1]!.count / 2 < share) continue;
    edges.push(code);
    rest -= held;
    held = 0;
  }
  return edges;
}

/** Counts of `codes` over the bins that `edges` make: the host's twin of the device operator, one feature. */
export function countBins(codes: ArrayLike<number>, edges: readonly number[]): number[] {
  const counts = new Array<number>(edges.length + 1).fill(0);
  for (let i = 0; i < codes.length; i++) counts[binOf(codes[i]!, edges)]!++;
  return counts;
}

export const CONFIDENCE_BINS = 16;

/** Bin of the top softmax probability, a u8 code of scale 1/256: its upper four bits. */
export const confidenceBin = (code: number): number => code >> 4;

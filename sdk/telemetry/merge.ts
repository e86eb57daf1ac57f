/**
 * Merging frames of a fleet, exactly and in any order.
 *
 * The state is a set of frames keyed by (device, boot, sequence); adding is set insertion and joining is union, so both
 * are associative, commutative and idempotent (a grow-only set; Shapiro et al., "Conflict-free replicated data types",
 * SSS 2011). To keep it small, frames firstSequence..through of a stream, once all are there, are replaced by their sum:
 * of two such prefixes the longer contains the shorter, so union stays exact. Memory is one sum a (device, boot) plus
 * the frames that wait behind a gap.
 *
 * A second, different frame under a key that is still held is a conflict: the first stays, the conflict is counted.
 */
import { PithError } from "../error.ts";
import type { Frame } from "./frame.ts";

export interface Counts {
  readonly samples: number;
  /** Sums of the words, exact integers below 2^53. */
  readonly words: Float64Array;
}

interface Stream {
  /** Frames firstSequence .. next - 1 are in `sum`. */
  next: number;
  sum: Counts;
  /** Frames beyond a gap. */
  readonly waiting: Map<number, Counts>;
}

/** Missing frames `from..to` of a stream, both included. */
export interface Gap {
  readonly device: string;
  readonly boot: number;
  readonly from: number;
  readonly to: number;
}

export type Added = "new" | "duplicate" | "conflict";

export class FleetCounts {
  readonly words: number;
  /** Sequence of a boot's first frame. */
  readonly firstSequence: number;
  conflicts = 0;
  readonly #streams = new Map<string, Map<number, Stream>>();

  constructor(words: number, firstSequence = 0) {
    this.words = words;
    this.firstSequence = firstSequence;
  }

  add(device: string, frame: Frame): Added {
    if (frame.counts.length !== this.words)
      throw new PithError(
        "data",
        `merge: frame of ${frame.counts.length} words, expected ${this.words} (another model's frame?)`,
      );
    const stream = this.#stream(device, frame.boot);
    if (frame.sequence < stream.next) return "duplicate";
    const counts = { samples: frame.samples, words: Float64Array.from(frame.counts) };
    const held = stream.waiting.get(frame.sequence);
    if (held) {
      if (equal(held, counts)) return "duplicate";
      this.conflicts++;
      return "conflict";
    }
    stream.waiting.set(frame.sequence, counts);
    compact(stream);
    return "new";
  }

  /** Adds all frames of `other`; leaves `other` as it is. */
  join(other: FleetCounts): this {
    if (other.words !== this.words || other.firstSequence !== this.firstSequence)
      throw new PithError(
        "data",
        `merge: counts of ${other.words} words from ${other.firstSequence}, expected ${this.words} from ${this.firstSequence}`,
      );
    for (const [device, boots] of other.#streams)
      for (const [boot, theirs] of boots) {
        const mine = this.#stream(device, boot);
        if (theirs.next > mine.next) {
          mine.next = theirs.next;
          mine.sum = { samples: theirs.sum.samples, words: theirs.sum.words.slice() };
          for (const sequence of mine.waiting.keys()) if (sequence < mine.next) mine.waiting.delete(sequence);
        }
        for (const [sequence, counts] of theirs.waiting) {
          const held = mine.waiting.get(sequence);
          if (held && !equal(held, counts)) this.conflicts++;
          if (!held && sequence >= mine.next) mine.waiting.set(sequence, counts);
        }
        compact(mine);
      }
    return this;
  }

  /** Sum over all frames seen, or over those of one device. */
  total(device?: string): Counts {
    const words = new Float64Array(this.words);
    let samples = 0;
    for (const [name, boots] of this.#streams) {
      if (device !== undefined && name !== device) continue;
      for (const { sum, waiting } of boots.values())
        for (const part of [sum, ...waiting.values()]) {
          samples += part.samples;
          for (let i = 0; i < words.length; i++) words[i]! += part.words[i]!;
        }
    }
    if (words.some((w) => w > Number.MAX_SAFE_INTEGER) || samples > Number.MAX_SAFE_INTEGER)
      throw new PithError("data", "merge: a sum exceeds 2^53, expected less (merge by cohort)");
    return { samples, words };
  }

  /** Frames that must exist, since later ones of their boot arrived, in order of device, boot and sequence. */
  gaps(): Gap[] {
    const out: Gap[] = [];
    for (const device of this.devices())
      for (const [boot, { next, waiting }] of [...this.#streams.get(device)!].sort(([a], [b]) => a - b)) {
        let from = next;
        for (const sequence of [...waiting.keys()].sort((a, b) => a - b)) {
          if (sequence > from) out.push({ device, boot, from, to: sequence - 1 });
          from = sequence + 1;
        }
      }
    return out;
  }

  devices(): string[] {
    return [...this.#streams.keys()].sort();
  }

  #stream(device: string, boot: number): Stream {
    const boots = this.#streams.get(device) ?? new Map<number, Stream>();
    this.#streams.set(device, boots);
    let stream = boots.get(boot);
    if (!stream) {
      stream = {
        next: this.firstSequence,
        sum: { samples: 0, words: new Float64Array(this.words) },
        waiting: new Map(),
      };
      boots.set(boot, stream);
    }
    return stream;
  }
}

function compact(stream: Stream): void {
  for (let counts = stream.waiting.get(stream.next); counts; counts = stream.waiting.get(stream.next)) {
    stream.waiting.delete(stream.next++);
    const { words } = stream.sum;
    for (let i = 0; i < words.length; i++) words[i]! += counts.words[i]!;
    stream.sum = { samples: stream.sum.samples + counts.samples, words };
  }
}

const equal = (a: Counts, b: Counts): boolean => a.samples === b.samples && a.words.every((w, i) => w === b.words[i]);

/** Runs mutated .tflite files through the importer and counts what must not happen. */
import { getHeapStatistics } from "node:v8";
import { PithError } from "../../sdk/error.ts";
import { importTflite } from "../../sdk/formats/tflite/import.ts";
import { type Corpus, corpusOf } from "./mutate.ts";

export interface FuzzResult {
  readonly cases: number;
  readonly accepted: number;
  /** By error code. */
  readonly rejected: Readonly<Record<string, number>>;
  /** Anything thrown that is no typed error in the house form, cases over a second, cases that allocated too much. */
  readonly untyped: number;
  readonly slow: number;
  readonly greedy: number;
  readonly slowestMs: number;
  readonly largestBytes: number;
  /** The first few of the bad ones, to repeat them. */
  readonly findings: readonly string[];
}

const SLOW_MS = 1000;
const FREE_BYTES = 64 * 2 ** 20;
const MOST_FINDINGS = 10;
/** Errors that JavaScript itself throws, whatever they were wrapped in. */
const NATIVE =
  /Invalid (typed )?array|Maximum call stack|out of bounds|undefined \(reading|is not a function|Array buffer allocation/;

/** Bytes of JavaScript heap and of array buffers in use. */
function inUse(): number {
  const { used_heap_size, external_memory } = getHeapStatistics();
  return used_heap_size + external_memory;
}

export interface FuzzOptions {
  readonly files: readonly { readonly name: string; readonly bytes: Uint8Array }[];
  readonly seed: number;
  readonly cases: number;
  readonly onProgress?: (done: number) => void;
}

export function fuzz({ files, seed, cases, onProgress }: FuzzOptions): FuzzResult {
  const corpus: Corpus = corpusOf(files, seed);
  const rejected: Record<string, number> = {};
  const findings: string[] = [];
  let [accepted, untyped, slow, greedy, slowestMs, largestBytes] = [0, 0, 0, 0, 0, 0];
  const report = (what: string, at: number, file: string, mutation: string): void => {
    if (findings.length < MOST_FINDINGS) findings.push(`case ${at} of seed ${seed} (${file}, ${mutation}): ${what}`);
  };
  for (let i = 0; i < cases; i++) {
    const { bytes, file, mutation } = corpus.next();
    const before = inUse();
    const started = performance.now();
    try {
      importTflite(bytes, "fuzz.tflite");
      accepted++;
    } catch (error) {
      if (error instanceof PithError && /, expected /.test(error.message) && !NATIVE.test(error.message))
        rejected[error.code] = (rejected[error.code] ?? 0) + 1;
      else {
        untyped++;
        report(error instanceof Error ? (error.stack ?? error.message) : String(error), i, file, mutation);
      }
    }
    const elapsed = performance.now() - started;
    const grown = inUse() - before;
    slowestMs = Math.max(slowestMs, elapsed);
    largestBytes = Math.max(largestBytes, grown);
    if (elapsed > SLOW_MS) {
      slow++;
      report(`${elapsed.toFixed(0)} ms`, i, file, mutation);
    }
    if (grown > 4 * bytes.length + FREE_BYTES) {
      greedy++;
      report(`${grown} bytes`, i, file, mutation);
    }
    if (onProgress && i % 65536 === 0) onProgress(i);
  }
  return { cases, accepted, rejected, untyped, slow, greedy, slowestMs, largestBytes, findings };
}

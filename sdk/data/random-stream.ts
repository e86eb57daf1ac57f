/** A stream of random numbers for host-side data: Philox words in counter order, keyed by seed and stream. */
import { philox } from "../../kernels/numerics/philox.ts";

export class RandomStream {
  readonly #seed: number;
  readonly #stream: readonly [number, number];
  #block = 0;
  #words: Uint32Array = new Uint32Array(0);
  #at = 0;

  constructor(seed: number, stream: readonly [number, number]) {
    this.#seed = seed >>> 0;
    this.#stream = stream;
  }

  /** The next 32 bits. */
  word(): number {
    if (this.#at === this.#words.length) {
      this.#words = philox([this.#block++, 0, this.#stream[0], this.#stream[1]], [this.#seed, 0x64617461 /* "data" */]);
      this.#at = 0;
    }
    return this.#words[this.#at++]!;
  }

  /** Uniform in the open interval (0, 1). */
  uniform(): number {
    return (this.word() + 0.5) / 2 ** 32;
  }

  between(low: number, high: number): number {
    return low + (high - low) * this.uniform();
  }

  /** Standard normal, Box and Muller 1958 (one of the pair: simpler, and the count of words stays fixed). */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(this.uniform()));
    return radius * Math.cos(2 * Math.PI * this.uniform());
  }
}

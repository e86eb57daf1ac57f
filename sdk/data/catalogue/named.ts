/** What a catalogue entry is. */
import type { Splits } from "../dataset.ts";

export interface NamedData {
  readonly name: string;
  readonly about: string;
  /** As the data set's own page states it. */
  readonly licence: string;
  readonly simulated: boolean;
  load(): Promise<Splits>;
}

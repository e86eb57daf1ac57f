/** A byte link to a device. Framing and commands are layers above; tests use one in memory. */
export interface Transport {
  /** What error texts call it, such as a port's path. */
  readonly name: string;
  /** The rate of the line, which lengthens time-outs; Infinity where it does not count. */
  readonly bytesPerSecond: number;
  /** Sets the one listener for bytes from the device. */
  listen(listener: (bytes: Uint8Array) => void): void;
  /** Sends bytes; reopens a port that was lost. Throws PithError("link") when it stays lost. */
  write(bytes: Uint8Array, signal?: AbortSignal): Promise<void>;
  /** Safe to call twice. */
  close(): Promise<void>;
}

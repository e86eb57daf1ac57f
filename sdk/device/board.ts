/** A board as data: what the agent runs on, and how to start one that is emulated. Boards live in targets/boards. */
import type { TARGETS } from "../compile/abi.ts";

export interface BoardFlash {
  readonly sectorBytes: number;
  readonly sectors: number;
  /** The smallest unit that is programmed at once, and only once between erases. */
  readonly programBytes: number;
  /** Sectors of each of the two model slots. */
  readonly slotSectors: number;
}

export interface StartOptions {
  /** Folder for the board's files: flash, build, logs; made when missing. */
  readonly folder: string;
  /** Starts from erased flash instead of what `folder` holds. */
  readonly fresh?: boolean;
  /** Raw 32-byte public key that images must be signed with; the development key by default. */
  readonly publicKey?: Uint8Array;
  readonly onConsole?: (text: string) => void;
  readonly signal?: AbortSignal;
}

export interface RunningBoard {
  /** Path of the serial port or pty. */
  readonly port: string;
  /** The file that holds the flash; it outlives the board. */
  readonly flashFile: string;
  /** Ends it in order. */
  stop(): Promise<void>;
  /** Cuts its power: ends it at once, wherever it is. */
  kill(): void;
}

export interface Board {
  readonly name: string;
  readonly about: string;
  readonly target: keyof typeof TARGETS;
  readonly flash: BoardFlash;
  /** Bytes for a model's arena and state. */
  readonly ramBytes: number;
  start(options: StartOptions): Promise<RunningBoard>;
}

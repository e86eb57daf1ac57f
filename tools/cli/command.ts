/** What a verb of the command line is: its arguments as data, and a function of them. */
import type { InferredOptionType, Options, PositionalOptions } from "yargs";
import type { PithError } from "../../sdk/error.ts";
import type { Progress } from "./progress.ts";

export type OptionTable = Readonly<Record<string, Options>>;
export type PositionalTable = Readonly<Record<string, PositionalOptions>>;

/** What a command has from the process: nothing in a command touches `process` for output or signals. */
export interface Context {
  readonly json: boolean;
  /** For people, on stdout; dropped with --json. */
  print(text: string): void;
  /** On stderr, always. */
  log(text: string): void;
  readonly progress: Progress;
  /** Aborted by the first Ctrl-C; the second ends the process. */
  readonly signal: AbortSignal;
  /** Runs when the command ends, however it ends; last registered first. */
  cleanup(action: () => void | Promise<void>): void;
}

export interface Outcome {
  /** The `result` of --json. */
  readonly result: unknown;
  /** For people, on stdout. */
  readonly text?: string;
  /** The command did its work and the answer is a failure (a comparison that found differences). */
  readonly failure?: PithError;
}

export interface Command {
  /** As yargs writes it: `compile <model>`. */
  readonly usage: string;
  readonly about: string;
  readonly examples: readonly (readonly [command: string, about: string])[];
  readonly positionals: PositionalTable;
  readonly options: OptionTable;
  /** `args` as yargs parsed it. */
  run(args: unknown, context: Context): Promise<Outcome>;
}

export type Arguments<P extends PositionalTable, O extends OptionTable> = {
  readonly [K in keyof P]: InferredOptionType<P[K]>;
} & {
  readonly [K in keyof O]: InferredOptionType<O[K]>;
};

/** Ties the type of `args` to the option tables. */
export function defineCommand<const P extends PositionalTable, const O extends OptionTable>(
  command: Omit<Command, "run" | "positionals" | "options"> & {
    readonly positionals: P;
    readonly options: O;
    run(args: Arguments<P, O>, context: Context): Promise<Outcome>;
  },
): Command {
  // yargs has checked the types that the tables state.
  return { ...command, run: (args, context) => command.run(args as Arguments<P, O>, context) };
}

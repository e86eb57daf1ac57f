/** Stages time themselves and print one line each; one that cannot run is left out with its reason. */
import { PithError } from "../../../sdk/error.ts";
import type { StageReport } from "../../report/report-data.ts";
import type { Context } from "../command.ts";

/** Lacks of this machine or version: the line goes on without the stage. Everything else is a failure of the demo. */
const LACKS: ReadonlySet<string> = new Set(["unsupported", "toolchain"]);

export class Stages {
  readonly done: StageReport[] = [];
  readonly leftOut: { readonly what: string; readonly why: string }[] = [];
  readonly #context: Context;

  constructor(context: Context) {
    this.#context = context;
  }

  async run<T>(name: string, work: () => Promise<readonly [value: T, line: string]>): Promise<T> {
    this.#context.signal.throwIfAborted();
    const started = performance.now();
    const [value, line] = await work();
    const seconds = (performance.now() - started) / 1000;
    this.#context.progress.done();
    this.done.push({ name, seconds, line });
    this.#context.print(`${name.padEnd(9)} ${seconds.toFixed(1).padStart(5)} s  ${line}`);
    return value;
  }

  /** As run, but undefined where the machine lacks what the stage needs. */
  async attempt<T>(name: string, work: () => Promise<readonly [value: T, line: string]>): Promise<T | undefined> {
    try {
      return await this.run(name, work);
    } catch (error) {
      if (!(error instanceof PithError && LACKS.has(error.code))) throw error;
      this.#context.progress.done();
      this.leave(name, error.message);
      return undefined;
    }
  }

  leave(what: string, why: string): void {
    this.leftOut.push({ what, why });
    this.#context.print(`${what.padEnd(9)}      –    left out: ${why}`);
  }
}

/** Runs one command line in this process, from the sources. */
import { runCommand } from "../../tools/cli/run-command.ts";

export interface Transcript {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

export async function pith(
  args: readonly string[],
  signal: AbortSignal = new AbortController().signal,
): Promise<Transcript> {
  const out = { stdout: "", stderr: "" };
  const sink = (name: keyof typeof out): { write(text: string): void } => ({
    write: (text) => {
      out[name] += text;
    },
  });
  const status = await runCommand(args, { stdout: sink("stdout"), stderr: sink("stderr"), env: process.env, signal });
  return { status, ...out };
}

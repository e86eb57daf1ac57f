#!/usr/bin/env node
/** The `pith` executable: the process around runCommand. */
import { INTERRUPTED_EXIT } from "./envelope.ts";
import { runCommand } from "./run-command.ts";

/** After Ctrl-C a command may finish what it must (save a checkpoint, release the board), for so long at most. */
const GRACE_MS = 15_000;

const interrupt = new AbortController();
process.on("SIGINT", () => {
  if (interrupt.signal.aborted) process.exit(INTERRUPTED_EXIT);
  interrupt.abort();
  process.stderr.write("\ninterrupted: finishing (Ctrl-C again ends at once)\n");
  setTimeout(() => process.exit(INTERRUPTED_EXIT), GRACE_MS).unref();
});
// A reader that went away (`pith show m.pith | head`) is not an error.
process.stdout.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? 0 : 1));

const status = await runCommand(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  signal: interrupt.signal,
});
process.exitCode = status;
// Open ports and child processes must not keep a finished command alive; pending output is written first.
process.stdout.write("", () => process.stderr.write("", () => process.exit(status)));

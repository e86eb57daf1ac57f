/** Running an emulated board as a child process that names its terminal on standard output. */
import { type ChildProcess, spawn } from "node:child_process";
import type { RunningBoard } from "../../sdk/device/board.ts";
import { PithError } from "../../sdk/error.ts";

const START_TIMEOUT_MS = 15_000;
const STOP_TIMEOUT_MS = 2_000;

const running = new Set<ChildProcess>();
let hooked = false;

/** No board outlives the process that started it. */
function killAllAtExit(): void {
  if (hooked) return;
  hooked = true;
  process.once("exit", () => {
    for (const child of running) child.kill("SIGKILL");
  });
}

export interface BoardProcess {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly flashFile: string;
  /** Finds the terminal's path in what the process printed so far. */
  readonly findPort: (output: string) => string | undefined;
  readonly signal?: AbortSignal | undefined;
}

export async function startBoardProcess({
  name,
  command,
  args,
  flashFile,
  findPort,
  signal,
}: BoardProcess): Promise<RunningBoard> {
  killAllAtExit();
  const child = spawn(command, [...args], { stdio: ["ignore", "pipe", "pipe"] });
  running.add(child);
  const ended = new Promise<void>((done) => child.once("close", () => done()));
  void ended.then(() => running.delete(child));
  const kill = (): void => void child.kill("SIGKILL");
  signal?.addEventListener("abort", kill, { once: true });
  const port = await portOf(child, name, findPort, kill);
  return {
    port,
    flashFile,
    kill,
    async stop() {
      child.kill("SIGTERM");
      const timer = setTimeout(kill, STOP_TIMEOUT_MS);
      await ended;
      clearTimeout(timer);
    },
  };
}

function portOf(
  child: ChildProcess,
  name: string,
  findPort: (output: string) => string | undefined,
  kill: () => void,
): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = "";
    const fail = (what: string): void => {
      clearTimeout(timer);
      kill();
      reject(
        new PithError(
          "toolchain",
          `board ${name}: ${what}${output.trim() ? ` after printing "${output.trim().slice(0, 300)}"` : ""}, expected it to name its terminal`,
        ),
      );
    };
    const timer = setTimeout(() => fail(`no terminal within ${START_TIMEOUT_MS / 1000} s`), START_TIMEOUT_MS);
    const take = (text: Buffer): void => {
      output += text.toString();
      const port = findPort(output);
      if (port === undefined) return;
      clearTimeout(timer);
      resolve(port);
    };
    child.stdout?.on("data", take);
    child.stderr?.on("data", take);
    child.once("error", (error) => fail(error.message));
    child.once("close", (code, reason) => fail(`ended with ${reason ?? code}`));
  });
}

/** Runs one command line: picks the verb, parses with yargs, prints the outcome, returns the exit status. */
import yargs from "yargs";
import { ERRORS, PithError } from "../../sdk/error.ts";
import { nearMiss } from "../../sdk/near-miss.ts";
import { version as VERSION } from "../../sdk/version.ts";
import type { Command, Context, Outcome } from "./command.ts";
import { COMMANDS, type CommandEntry } from "./commands/table.ts";
import { asPithError, exitOf, failureOf, INTERRUPTED_EXIT, oneLine, toJson } from "./envelope.ts";
import { createProgress, silentProgress } from "./progress.ts";

export interface Io {
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { readonly isTTY?: boolean; readonly columns?: number; write(text: string): unknown };
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Aborted when the user interrupts. */
  readonly signal: AbortSignal;
}

const SHARED = {
  json: { type: "boolean", describe: "one JSON document on stdout, logs on stderr" },
} as const;

export async function runCommand(argv: readonly string[], io: Io): Promise<number> {
  const json = argv.includes("--json");
  const verb = argv.find((a) => !a.startsWith("-"));
  const cleanups: (() => void | Promise<void>)[] = [];
  const context: Context = {
    json,
    print: (text) => void (json || io.stdout.write(`${text}\n`)),
    log: (text) => void io.stderr.write(`${text}\n`),
    progress: json ? silentProgress : createProgress(io.stderr),
    signal: io.signal,
    cleanup: (action) => void cleanups.push(action),
  };
  try {
    const outcome = await execute(argv, verb, context, io);
    context.progress.done();
    return report(outcome, verb, json, io);
  } catch (thrown) {
    context.progress.done();
    return fail(asPithError(thrown), verb, json, io);
  } finally {
    for (const cleanup of cleanups.reverse()) await cleanup();
  }
}

async function execute(
  argv: readonly string[],
  verb: string | undefined,
  context: Context,
  io: Io,
): Promise<Outcome | "help"> {
  if (argv.includes("--version") && !verb) return { result: { version: VERSION }, text: VERSION };
  if (verb === undefined) {
    if (argv.some((a) => a !== "--json" && a !== "--help" && a !== "-h"))
      throw new PithError(
        "usage",
        `pith: option ${argv.find((a) => a !== "--json")} without a command, expected pith <command> (pith --help lists them)`,
      );
    io.stdout.write(overview());
    return "help";
  }
  const entry = COMMANDS.find((c) => c.name === verb);
  if (!entry) {
    const names = COMMANDS.map((c) => c.name);
    throw new PithError(
      "usage",
      `pith: unknown command "${verb}"${nearMiss(verb, names)}, expected one of ${names.join(", ")}`,
    );
  }
  const command = await entry.load();
  if (argv.includes("--help") || argv.includes("-h")) {
    await parser(entry, command).parseAsync(
      ["--help"],
      {},
      (_error, _argv, output) => void io.stdout.write(`${output}\n`),
    );
    return "help";
  }
  return command.run(await parse(argv, entry, command), context);
}

/** One verb's parser; the verb itself is already taken off the arguments. */
function parser(entry: CommandEntry, command: Command): ReturnType<typeof yargs> {
  const examples = command.examples.map(([line, about]): [string, string] => [`$ ${line}`, about]);
  return yargs()
    .scriptName(`pith ${entry.name}`)
    .locale("en")
    .options({ ...command.options, ...SHARED })
    .help("help")
    .alias("help", "h")
    .version(false)
    .example(examples)
    .wrap(100)
    .command(`$0${command.usage.slice(entry.name.length)}`, command.about, (y) => {
      for (const [name, option] of Object.entries(command.positionals)) y.positional(name, option);
      return y;
    })
    .exitProcess(false)
    .showHelpOnFail(false)
    .strict()
    .parserConfiguration({ "greedy-arrays": false, "parse-positional-numbers": false, "dot-notation": false });
}

const withoutVerb = (argv: readonly string[], verb: string): string[] => argv.toSpliced(argv.indexOf(verb), 1);

async function parse(argv: readonly string[], entry: CommandEntry, command: Command): Promise<unknown> {
  const where = `pith ${entry.name}`;
  const usage = (received: string): PithError =>
    new PithError("usage", `${where}: ${oneLine(received)}, expected pith ${command.usage} (${where} --help explains)`);
  let problem: PithError | undefined;
  const args: unknown = await parser(entry, command)
    .fail((message, error) => {
      problem = usage(explain(message ?? error?.message ?? "wrong arguments", command));
    })
    .parseAsync(withoutVerb(argv, entry.name));
  if (problem) throw problem;
  for (const [name, option] of Object.entries(command.options)) {
    const value: unknown = (args as Record<string, unknown>)[name];
    if (Array.isArray(value) && !option.array) throw usage(`--${name} is given ${value.length} times`);
  }
  return args;
}

/** yargs' texts in our form, with a suggestion for misspelt options. */
function explain(message: string, command: Command): string {
  const unknown = /^Unknown arguments?: (.*)$/s.exec(message)?.[1]?.split(", ")[0];
  if (unknown !== undefined) {
    const names = [...Object.keys(command.options), ...Object.keys(SHARED)];
    const isOption = !/[./\\]/.test(unknown);
    return isOption
      ? `unknown option or argument "${unknown}"${nearMiss(unknown, names)}`
      : `one argument too many, "${unknown}"`;
  }
  if (/^Not enough non-option arguments/.test(message)) return "an argument is missing";
  const missing = /^Missing required arguments?: (.*)$/s.exec(message)?.[1];
  if (missing !== undefined)
    return `${missing
      .split(", ")
      .map((m) => `--${m}`)
      .join(", ")} is missing`;
  const bare = /^Not enough arguments following: (.*)$/s.exec(message)?.[1];
  if (bare !== undefined) return `${bare.length === 1 ? "-" : "--"}${bare} has no value`;
  return message;
}

function report(outcome: Outcome | "help", verb: string | undefined, json: boolean, io: Io): number {
  if (outcome === "help") return 0;
  const command = verb ?? null;
  if (io.signal.aborted) return interrupted(outcome.result, command, json, io);
  const { result, failure, text } = outcome;
  if (json)
    io.stdout.write(toJson(failure ? { ...failureOf(command, failure), result } : { ok: true, command, result }));
  else if (text) io.stdout.write(text.endsWith("\n") ? text : `${text}\n`);
  if (!failure) return 0;
  io.stderr.write(`${oneLine(failure.message)}\n`);
  return exitOf(failure);
}

function fail(error: PithError, verb: string | undefined, json: boolean, io: Io): number {
  const command = verb ?? null;
  if (io.signal.aborted) return interrupted(undefined, command, json, io);
  const { code } = error;
  const line = oneLine(error.message);
  if (json) io.stdout.write(toJson(failureOf(command, error)));
  io.stderr.write(
    `${code === "internal" ? `internal error: ${line} (${ERRORS.internal.about}; PITH_DEBUG=1 shows where)` : line}\n`,
  );
  if (io.env["PITH_DEBUG"]) io.stderr.write(`${error.stack ?? ""}\n`);
  return exitOf(error);
}

function interrupted(result: unknown, command: string | null, json: boolean, io: Io): number {
  if (json)
    io.stdout.write(
      toJson({
        ok: false,
        command,
        error: { code: "interrupted", message: "interrupted", details: {} },
        ...(result === undefined ? {} : { result }),
      }),
    );
  return INTERRUPTED_EXIT;
}

function overview(): string {
  const width = Math.max(...COMMANDS.map((c) => c.name.length));
  const lines = COMMANDS.map((c) => `  ${c.name.padEnd(width)}  ${c.about}`);
  return [
    `pith ${VERSION}: edge machine learning in TypeScript`,
    "",
    "  pith <command> [options]",
    "",
    ...lines,
    "",
    "Every command: --help with examples; --json for one JSON document on stdout.",
    "Exit status: 0 done, 1 failed, 2 usage, 3 over budget, 4 drift alarm (with --fail-on-drift).",
    "",
  ].join("\n");
}

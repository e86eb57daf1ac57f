/** Building the agent for a board at first use, cached by the hash of its sources and flags. */
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { PithError } from "../../sdk/error.ts";
import { cachedBuild } from "../native/build-cache.ts";
import { requireToolchain, runTool } from "../native/toolchain.ts";

/** The agent's sources, which ship as they are. */
const AGENT = dirname(createRequire(import.meta.url).resolve("#targets/agent/agent.h"));
const COMMON = ["-std=c99", "-Wall", "-Wextra", "-Wconversion", "-Werror", "-ffunction-sections", "-fdata-sections"];

export interface AgentBuild {
  readonly toolchain: "host" | "cortex-m4";
  /** Folder of the port, inside targets/agent. */
  readonly port: string;
  readonly flags: readonly string[];
  readonly libraries?: readonly string[];
  /** Where builds are kept. */
  readonly folder: string;
}

/** Path of the agent's executable or firmware. Throws "toolchain" where the compiler is missing. */
export async function buildAgent({ toolchain, port, flags, libraries = [], folder }: AgentBuild): Promise<string> {
  const { cc, version } = await requireToolchain(toolchain);
  const files: Record<string, string> = {};
  const take = (dir: string, into: string): void => {
    for (const name of readdirSync(dir))
      if (/\.(c|h|ld)$/.test(name)) files[`${into}${name}`] = readFileSync(join(dir, name), "utf8");
  };
  take(AGENT, "");
  take(join(AGENT, port), `${port}_`);
  // One folder for the build: the port's files lose their path, and include the agent's headers from beside them.
  for (const [name, text] of Object.entries(files)) files[name] = text.replaceAll('#include "../', '#include "');
  const sources = Object.keys(files).filter((name) => name.endsWith(".c"));
  if (sources.length === 0) throw new PithError("internal", `agent: no sources in ${AGENT}`);
  const all = [...COMMON, ...flags];
  const built = await cachedBuild(join(folder, "agent"), [version, ...all], files, async (cwd) => {
    await runTool(cc, [...all, ...sources, ...libraries, "-o", "agent"], cwd);
  });
  return join(built, "agent");
}

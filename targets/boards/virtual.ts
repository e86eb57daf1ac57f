/** The virtual board: the agent built for this machine, on a pseudo-terminal, flash in a file. */
import { join } from "node:path";
import type { Board, BoardFlash } from "../../sdk/device/board.ts";
import { developmentKey, publicKeyBytes } from "../../sdk/device/keys.ts";
import { PithError } from "../../sdk/error.ts";
import { buildAgent } from "./agent-build.ts";
import { prepareFlash } from "./flash-file.ts";
import { startBoardProcess } from "./process.ts";

const flash: BoardFlash = { sectorBytes: 4096, sectors: 516, programBytes: 8, slotSectors: 256 };
const ramBytes = 4 << 20;

export const virtual: Board = {
  name: "virtual",
  about: "this machine as a board: the same agent on a pseudo-terminal, flash in a file (Linux with a C compiler)",
  target: process.arch === "arm64" ? "aarch64" : "x86_64",
  flash,
  ramBytes,
  async start({ folder, fresh = false, publicKey, signal }) {
    if (process.platform !== "linux")
      throw new PithError(
        "unsupported",
        `board virtual: this is ${process.platform}, expected Linux (its slots hold ELF code that runs in place; run the module with pith run --on wasm or host)`,
      );
    const agent = await buildAgent({ toolchain: "host", port: "virtual", flags: ["-O2"], folder });
    const flashFile = join(folder, "virtual.flash");
    prepareFlash(flashFile, flash, { publicKey: publicKey ?? publicKeyBytes(developmentKey()), fresh });
    return startBoardProcess({
      name: "virtual",
      command: agent,
      args: [flashFile, `${flash.sectorBytes}`, `${flash.slotSectors}`, `${ramBytes}`],
      flashFile,
      findPort: (output) => /^(\/dev\/\S+)\n/m.exec(output)?.[1],
      signal,
    });
  },
};

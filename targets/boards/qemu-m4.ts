/**
 * An emulated Cortex-M4 board: QEMU mps2-an386, UART 0 on a pseudo-terminal, the 16 MB PSRAM at 0x21000000 as flash. It
 * is kept in a shared file, so its content survives the emulator, and slots run in place there.
 */
import { join } from "node:path";
import type { Board, BoardFlash } from "../../sdk/device/board.ts";
import { developmentKey, publicKeyBytes } from "../../sdk/device/keys.ts";
import { PithError } from "../../sdk/error.ts";
import { emulatorMissing } from "../native/emulator.ts";
import { buildAgent } from "./agent-build.ts";
import { prepareFlash } from "./flash-file.ts";
import { startBoardProcess } from "./process.ts";

const flash: BoardFlash = { sectorBytes: 4096, sectors: 132, programBytes: 8, slotSectors: 64 };
const PSRAM_BYTES = 16 << 20;
const M4 = ["-mcpu=cortex-m4", "-mthumb", "-mfloat-abi=hard", "-mfpu=fpv4-sp-d16", "-mno-unaligned-access"];

export const qemuM4: Board = {
  name: "qemu-m4",
  about: "an emulated Cortex-M4 (QEMU mps2-an386) running the agent's firmware",
  target: "cortex-m4",
  flash,
  ramBytes: 2 << 20,
  async start({ folder, fresh = false, publicKey, signal }) {
    const missing = await emulatorMissing("cortex-m4");
    if (missing) throw new PithError("toolchain", `board qemu-m4: ${missing.missing}`);
    const firmware = await buildAgent({
      toolchain: "cortex-m4",
      port: "mps2",
      flags: [...M4, "-Os", "-nostdlib", "-Wl,--gc-sections", "-T", "mps2_link.ld"],
      libraries: ["-lgcc"],
      folder,
    });
    const flashFile = join(folder, "qemu-m4.flash");
    prepareFlash(flashFile, flash, {
      publicKey: publicKey ?? publicKeyBytes(developmentKey()),
      fresh,
      totalBytes: PSRAM_BYTES,
    });
    return startBoardProcess({
      name: "qemu-m4",
      command: "qemu-system-arm",
      args: [
        "-M",
        "mps2-an386,memory-backend=nv",
        "-object",
        `memory-backend-file,id=nv,share=on,size=${PSRAM_BYTES},mem-path=${flashFile}`,
        "-kernel",
        firmware,
        "-display",
        "none",
        "-monitor",
        "none",
        "-serial",
        "pty",
      ],
      flashFile,
      findPort: (output) => /char device redirected to (\S+)/.exec(output)?.[1],
      signal,
    });
  },
};

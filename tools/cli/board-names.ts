/** Board names of the contract, and those that this version has. */
import { PithError } from "../../sdk/error.ts";
import { oneOf } from "./values.ts";

export interface BoardEntry {
  readonly about: string;
  readonly target: string;
  readonly supported: boolean;
}

export const BOARD_TABLE = {
  virtual: { about: "the device agent built for this computer, on a pseudo-terminal", target: "host", supported: true },
  "qemu-m0": { about: "micro:bit under QEMU", target: "cortex-m0plus", supported: false },
  "qemu-m3": { about: "mps2-an385 under QEMU", target: "cortex-m3", supported: false },
  "qemu-m4": { about: "mps2-an386 under QEMU, UART on a pseudo-terminal", target: "cortex-m4", supported: true },
  "qemu-m7": { about: "mps2-an500 under QEMU", target: "cortex-m7", supported: false },
  "qemu-m33": { about: "mps2-an505 under QEMU", target: "cortex-m33", supported: false },
  "qemu-m55": { about: "mps3-an547 under QEMU", target: "cortex-m55", supported: false },
  "qemu-riscv32": { about: "virt under QEMU", target: "riscv32", supported: false },
} as const satisfies Readonly<Record<string, BoardEntry>>;

export type BoardName = keyof typeof BOARD_TABLE;
export const BOARD_NAMES = Object.keys(BOARD_TABLE) as BoardName[];

/** Unknown names are usage errors, known ones that are not there yet "unsupported". */
export function boardNamed(name: string, where = "--board"): BoardName {
  const board = oneOf(where, name, BOARD_NAMES);
  if (!BOARD_TABLE[board].supported)
    throw new PithError(
      "unsupported",
      `${where} ${board}: not supported in this version, expected one of ${BOARD_NAMES.filter((b) => BOARD_TABLE[b].supported).join(", ")}`,
    );
  return board;
}

/** `--port P` or `--board B`, exactly one. */
export function connectionOf(
  where: string,
  args: { readonly port?: string | undefined; readonly board?: string | undefined },
): { port: string } | { board: BoardName } {
  const { port, board } = args;
  if ((port === undefined) === (board === undefined))
    throw new PithError(
      "usage",
      `${where}: ${port === undefined ? "no device" : "--port and --board"}, expected either --port P or --board B`,
    );
  return port === undefined ? { board: boardNamed(board!) } : { port };
}

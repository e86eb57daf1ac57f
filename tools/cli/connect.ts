/** A device at a port, or a board that is started for the command and ends with it. */

import type { KeyObject } from "node:crypto";
import { join } from "node:path";
import type { Board } from "../../sdk/device/board.ts";
import { type Device, openDevice } from "../../sdk/device/device.ts";
import { publicKeyBytes } from "../../sdk/device/keys.ts";
import { PithError } from "../../sdk/error.ts";
import { boardNamed } from "./board-names.ts";
import type { Context } from "./command.ts";

export type Place = { readonly port: string } | { readonly board: Board };

/** `--port P` or `--board B`, exactly one. */
export function placeOf(
  where: string,
  args: { readonly port?: string | undefined; readonly board?: string | undefined },
): Place {
  const { port, board } = args;
  if (port !== undefined && board === undefined) return { port };
  if (port === undefined && board !== undefined) return { board: boardNamed(board) };
  throw new PithError(
    "usage",
    `${where}: ${port === undefined ? "no device" : "--port and --board"}, expected either --port P or --board B`,
  );
}

export interface ConnectOptions {
  /** Erased flash instead of what an earlier command left. */
  readonly fresh?: boolean;
  /** The board trusts this key instead of the project's development key. */
  readonly key?: KeyObject | undefined;
}

/** Closed, and the board ended, when the command ends. */
export async function connect(place: Place, context: Context, options: ConnectOptions = {}): Promise<Device> {
  const port = "port" in place ? place.port : await start(place.board, context, options);
  const device = await openDevice({ port });
  context.cleanup(() => device.close());
  return device;
}

async function start(board: Board, context: Context, { fresh = false, key }: ConnectOptions): Promise<string> {
  const running = await board.start({
    folder: join(".pith", "boards", board.name),
    fresh,
    ...(key ? { publicKey: publicKeyBytes(key) } : {}),
  });
  context.cleanup(() => running.stop());
  return running.port;
}

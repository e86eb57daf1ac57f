/** A board as the demo uses it: started with erased flash, ended with the command. */
import type { Build } from "../../../sdk/compile/compile.ts";
import type { Board } from "../../../sdk/device/board.ts";
import type { Device } from "../../../sdk/device/device.ts";
import { developmentKey } from "../../../sdk/device/keys.ts";
import { PithError } from "../../../sdk/error.ts";
import { decodeFrame } from "../../../sdk/telemetry/frame.ts";
import type { Context } from "../command.ts";
import { connect } from "../connect.ts";
import { signPayload } from "../device-image.ts";
import { joinInputs, splitOutputs } from "../model-bytes.ts";
import { grouped } from "../text-table.ts";
import type { DemoDevice } from "./device.ts";

export interface DemoBoard {
  flash(build: Build): Promise<readonly [device: DemoDevice, line: string]>;
}

/** Throws toolchain where the board's compiler or emulator is missing. */
export async function openBoard(board: Board, context: Context): Promise<DemoBoard> {
  const device = await connect({ board }, context, { fresh: true });
  return {
    async flash(build) {
      const payload = build.native?.payload;
      if (!payload) throw new PithError("toolchain", build.native?.missing ?? `nothing was compiled for ${board.name}`);
      const image = signPayload(payload, developmentKey(), 0);
      const { slot } = await device.install(image, {
        signal: context.signal,
        onProgress: ({ sent, total }) => context.progress.update("flash", sent / total),
      });
      return [
        deviceOf(board.name, device, build),
        `${grouped(image.length)} bytes signed, sent, self-tested, confirmed in slot ${"AB"[slot] ?? slot}`,
      ];
    },
  };
}

function deviceOf(name: string, device: Device, { manifest }: Build): DemoDevice {
  const words = manifest.monitors.bytes / 4;
  let ack: number | undefined;
  return {
    name,
    infer: async (inputs) => splitOutputs(manifest, await device.inferBytes(joinInputs(manifest, inputs))),
    async newCounts() {
      const { seq, frame } = await device.readFrame(ack);
      ack = seq;
      return frame.length === 0 ? new Uint32Array(words) : decodeFrame(frame, words).counts;
    },
  };
}

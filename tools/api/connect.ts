/** connect() as users call it: a board that is started for the program, or a device at a port. */
import type { KeyObject } from "node:crypto";
import { join } from "node:path";
import type { TypedArray } from "../../kernels/op.ts";
import type { RunningBoard } from "../../sdk/device/board.ts";
import { type Device, openDevice } from "../../sdk/device/device.ts";
import { developmentKey } from "../../sdk/device/keys.ts";
import type { UploadOptions } from "../../sdk/device/upload.ts";
import { PithError } from "../../sdk/error.ts";
import type { Manifest } from "../../sdk/runtime/manifest.ts";
import { quantizeValues } from "../../sdk/runtime/quantize-values.ts";
import { type DriftAlarm, DriftMonitor, type DriftOptions } from "../../sdk/telemetry/alarms.ts";
import { decodeFrame } from "../../sdk/telemetry/frame.ts";
import { parseLayout } from "../../sdk/telemetry/layout.ts";
import { boardNamed } from "../cli/board-names.ts";
import { signPayload } from "../cli/device-image.ts";
import { joinInputs, splitOutputs } from "../cli/model-bytes.ts";
import type { NamedBuild } from "./compile.ts";

export type ConnectRequest =
  | { readonly board: string; readonly fresh?: boolean }
  | { readonly port: string; readonly baud?: number };

export interface FlashOptions extends UploadOptions {
  /** Signs the image: the project's development key when absent. */
  readonly key?: KeyObject;
  readonly securityCounter?: number;
}

/** Opens a device, or starts a board and opens it. `close()` ends both. */
export async function connect(request: ConnectRequest): Promise<ConnectedDevice> {
  if ("port" in request) return new ConnectedDevice(await openDevice(request));
  const { board, fresh = false } = request;
  const running = await boardNamed(board, "connect").start({ folder: join(".pith", "boards", board), fresh });
  try {
    return new ConnectedDevice(await openDevice({ port: running.port }), running);
  } catch (error) {
    await running.stop();
    throw error;
  }
}

export class ConnectedDevice {
  readonly device: Device;
  readonly #board: RunningBoard | undefined;

  constructor(device: Device, board?: RunningBoard) {
    this.device = device;
    this.#board = board;
  }

  /** Signs, sends, self-tests and confirms a build; the old model answers until the new one has proved itself. */
  async flash<O extends string>(build: NamedBuild<O>, options: FlashOptions = {}): Promise<ActiveModel<O>> {
    const payload = build.native?.payload;
    if (!payload)
      throw new PithError(
        "toolchain",
        `flash: the build for ${build.target} has no device image, expected one (${build.native?.missing ?? "compile with a board's --target"})`,
      );
    const { key = developmentKey(), securityCounter = 0, ...upload } = options;
    await this.device.install(signPayload(payload, key, securityCounter), upload);
    return new ActiveModel(this.device, build.manifest);
  }

  async close(): Promise<void> {
    await this.device.close();
    await this.#board?.stop();
  }
}

/** The model that runs on a device. */
export class ActiveModel<O extends string = string> {
  readonly device: Device;
  readonly manifest: Manifest;

  constructor(device: Device, manifest: Manifest) {
    this.device = device;
    this.manifest = manifest;
  }

  /** Output codes for one sample; f32 inputs are quantized by the input's scale. */
  async infer(
    inputs: Readonly<Record<string, TypedArray | readonly number[]>>,
  ): Promise<{ readonly [K in O]: TypedArray }> {
    const codes = Object.fromEntries(
      this.manifest.inputs.map((port) => {
        const value: TypedArray | readonly number[] | undefined = inputs[port.name];
        if (value === undefined || value instanceof BigInt64Array)
          throw new PithError(
            "shape",
            `infer: input "${port.name}" is missing, expected ${port.dtype}[${port.shape.join(",")}]`,
          );
        if (port.quant && !(value instanceof Int8Array))
          return [port.name, quantizeValues(value, port.shape, port.quant)];
        return [port.name, ArrayBuffer.isView(value) ? value : Float32Array.from(value)];
      }),
    );
    const outputs: Record<string, TypedArray> = splitOutputs(
      this.manifest,
      await this.device.inferBytes(joinInputs(this.manifest, codes)),
    );
    return outputs as { readonly [K in O]: TypedArray }; // the manifest's outputs are those of the model, named O
  }

  /** Drift alarms of what the device has counted, frame by frame; ends once nothing new is there, or at `follow` never. */
  async *alarms(
    options: DriftOptions & { readonly follow?: boolean; readonly signal?: AbortSignal } = {},
  ): AsyncGenerator<DriftAlarm> {
    const { follow = false, signal, ...drift } = options;
    const layout = parseLayout(this.manifest.monitors.layout);
    const monitor = new DriftMonitor(layout, drift);
    for (let ack: number | undefined; ; ) {
      const { seq, frame } = await this.device.readFrame(ack, { signal });
      ack = seq;
      if (frame.length === 0) {
        if (!follow) return;
        await new Promise((done) => setTimeout(done, FOLLOW_POLL_MS));
        continue;
      }
      const { counts, samples } = decodeFrame(frame, layout.words);
      yield* monitor.update(counts, samples);
    }
  }
}

const FOLLOW_POLL_MS = 1000;

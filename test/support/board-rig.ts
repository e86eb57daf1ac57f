/** Boards under test: what is missing, models compiled for them, images of these, and answers to compare with. */
import type { KeyObject } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { dense } from "../../kernels/ops.ts";
import { TARGETS } from "../../sdk/compile/abi.ts";
import { type Build, compileModel } from "../../sdk/compile/compile.ts";
import type { RunningBoard } from "../../sdk/device/board.ts";
import { type Device, openDevice } from "../../sdk/device/device.ts";
import { buildImage } from "../../sdk/device/image.ts";
import { generateKeyFile, publicKeyBytes } from "../../sdk/device/keys.ts";
import { createGraph } from "../../sdk/graph/graph.ts";
import { constant, inputLeaf } from "../../sdk/graph/leaves.ts";
import { quantizeModel } from "../../sdk/quantize/quantize.ts";
import { type CompiledModel, loadModule } from "../../sdk/runtime/module.ts";
import { addMonitors } from "../../sdk/telemetry/with-monitors.ts";
import { boardNamed, targetNamed } from "../../targets/index.ts";
import { emulatorMissing } from "../../targets/native/emulator.ts";
import { manifestHash } from "../../targets/native/target.ts";
import { findToolchain } from "../../targets/native/toolchain.ts";

export const BOARD_NAMES = ["virtual", "qemu-m4"] as const;
export type BoardName = (typeof BOARD_NAMES)[number];

/** Why a board cannot run here; undefined where it can. Throws instead under PITH_REQUIRE_ALL. */
export async function boardMissing(name: BoardName): Promise<string | undefined> {
  const reason = await missing(name);
  if (reason !== undefined && process.env["PITH_REQUIRE_ALL"]) throw new Error(`board ${name}: ${reason}`);
  return reason;
}

async function missing(name: BoardName): Promise<string | undefined> {
  if (name === "qemu-m4") return (await emulatorMissing("cortex-m4"))?.missing;
  if (process.platform !== "linux") return `this is ${process.platform}, the virtual board needs Linux`;
  const toolchain = await findToolchain("host");
  return "missing" in toolchain ? toolchain.missing : undefined;
}

export interface TestModel {
  readonly build: Build;
  readonly payload: Uint8Array;
  /** The portable module, fresh. */
  readonly module: CompiledModel;
}

/** A dense model with monitors; `seed` makes the weights. */
export async function testModel(
  board: BoardName,
  shape: { inputs: number; classes: number; seed: number },
): Promise<TestModel> {
  const { inputs, classes, seed } = shape;
  const x = inputLeaf("x", { dtype: "f32", shape: [1, inputs] });
  const hidden = constant(
    Float32Array.from({ length: inputs * inputs }, (_, i) => (((i * 37 + seed * 11) % 255) - 127) / (20 * inputs)),
    [inputs, inputs],
  );
  const last = constant(
    Float32Array.from({ length: classes * inputs }, (_, i) => (((i * 53 + seed * 7) % 251) - 125) / 100),
    [classes, inputs],
  );
  const h = dense(x, hidden, undefined, { activation: "relu", name: "hidden" });
  const y = dense(h, last, undefined, { name: "scores" });
  const graph = createGraph({ inputs: [{ name: "x", tensor: x }], outputs: [{ name: "y", tensor: y }] });
  const samples = Array.from({ length: 50 }, (_, s) => ({
    x: Float32Array.from({ length: inputs }, (_, i) => Math.sin(s * 3.1 + i)),
  }));
  const labels = Array.from({ length: classes }, (_, i) => `class${i}`);
  const quantized = await quantizeModel({ name: `model${seed}`, graph, labels }, { calibrate: samples });
  const model = await addMonitors(quantized, { reference: samples });
  const target = targetNamed(board === "virtual" ? "host" : "cortex-m4");
  const build = await compileModel(model, { target, measure: false });
  const payload = build.native?.payload;
  if (!payload) throw new Error(`board-rig: no payload for ${board}: ${build.native?.missing}`);
  return { build, payload, module: await loadModule(build.wasm) };
}

/** Raw input bytes of a sample number: any codes will do. */
export function inputOf(model: TestModel, sample: number): Int8Array {
  const bytes = model.module.manifest.inputs.reduce((n, p) => n + p.bytes, 0);
  return Int8Array.from({ length: bytes }, (_, i) => ((i * 29 + sample * 71 + ((i * sample) % 13)) % 256) - 128);
}

/** The portable module's output bytes for a sample number. */
export function expectedOf(model: TestModel, sample: number): Uint8Array {
  const { y } = model.module.infer({ x: inputOf(model, sample) });
  if (!y) throw new Error("board-rig: no output y");
  return new Uint8Array(y.buffer, y.byteOffset, y.byteLength);
}

export async function inferOn(device: Device, model: TestModel, sample: number): Promise<Uint8Array> {
  return device.inferBytes(new Uint8Array(inputOf(model, sample).buffer));
}

/** A board with its own folder and key; it can be cut off, and started again on the flash that it left. */
export class BoardRig {
  readonly name: BoardName;
  readonly folder = mkdtempSync(join(tmpdir(), "pith-board-"));
  readonly key: KeyObject = generateKeyFile(join(this.folder, "test.pem"));
  running: RunningBoard | undefined;
  #device: Device | undefined;

  constructor(name: BoardName) {
    this.name = name;
  }

  get device(): Device {
    if (!this.#device) throw new Error("board-rig: no device is open");
    return this.#device;
  }

  get port(): string {
    if (!this.running) throw new Error("board-rig: the board is off");
    return this.running.port;
  }

  get flashFile(): string {
    if (!this.running) throw new Error("board-rig: the board is off");
    return this.running.flashFile;
  }

  async powerOn(fresh = false): Promise<void> {
    this.running = await boardNamed(this.name).start({
      folder: this.folder,
      fresh,
      publicKey: publicKeyBytes(this.key),
    });
  }

  async connect(): Promise<Device> {
    this.#device = await openDevice({ port: this.port });
    return this.#device;
  }

  async disconnect(): Promise<void> {
    await this.#device?.close();
    this.#device = undefined;
  }

  /** Ends the process at once, wherever it is. */
  async cutPower(): Promise<void> {
    this.running?.kill();
    await this.running?.stop();
    this.running = undefined;
    await this.disconnect();
  }

  async dispose(): Promise<void> {
    await this.disconnect();
    await this.running?.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  image(model: TestModel, options: Partial<Parameters<typeof buildImage>[0]> = {}): Uint8Array {
    return buildImage({
      payload: model.payload,
      version: "1.0.0",
      securityCounter: 1,
      target: TARGETS[boardNamed(this.name).target],
      manifestHash: manifestHash(model.build.manifest),
      privateKey: this.key,
      ...options,
    });
  }
}

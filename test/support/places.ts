/** One model in every place that runs it, behind one interface: bytes in, bytes out. */
import { join } from "node:path";
import { TARGETS } from "../../sdk/compile/abi.ts";
import { compileModel } from "../../sdk/compile/compile.ts";
import { crc32 } from "../../sdk/compile/crc32.ts";
import { runPasses } from "../../sdk/compile/passes/pipeline.ts";
import { compilePortable } from "../../sdk/compile/portable.ts";
import type { AotModule } from "../../sdk/compile/target.ts";
import { openDevice } from "../../sdk/device/device.ts";
import { buildImage } from "../../sdk/device/image.ts";
import { developmentKey } from "../../sdk/device/keys.ts";
import type { Model } from "../../sdk/model.ts";
import { type CompiledModel, loadModule, viewAs } from "../../sdk/runtime/module.ts";
import { joinPorts, splitPorts } from "../../sdk/runtime/ports.ts";
import { decodeFrame } from "../../sdk/telemetry/frame.ts";
import { boardNamed, NATIVE_TARGETS, targetNamed } from "../../targets/index.ts";
import { runHost } from "../../targets/native/host-model.ts";
import { imageSource, manifestHash } from "../../targets/native/target.ts";

export interface Place {
  readonly name: string;
  /** State and monitors as after a start. */
  reset(): Promise<void>;
  /** The bytes of all inputs in, those of all outputs out. */
  infer(input: Uint8Array): Promise<Uint8Array>;
  /** CRC-32 of every step's output, right after the step ran. */
  steps(input: Uint8Array): Promise<readonly number[]>;
  /** The monitors' counters. */
  monitors(): Promise<readonly number[]>;
  close(): Promise<void>;
}

/** The portable module in Node, and its twin without SIMD. */
export async function nodePlace(model: Model, family: "pairdot" | "scalar"): Promise<Place> {
  const { wasm } = await compilePortable(
    runPasses(model.graph),
    { name: model.name, labels: model.labels, monitorLayout: model.monitorLayout },
    family,
  );
  const module: CompiledModel = await loadModule(wasm);
  const { inputs, outputs } = module.manifest;
  return {
    name: `wasm ${family}`,
    reset: async () => module.reset(),
    infer: async (input) => joinPorts(outputs, module.infer(splitPorts(inputs, input))),
    steps: async (input) => module.steps(splitPorts(inputs, input)).steps.map((bytes) => crc32(bytes)),
    monitors: async () => [...module.monitors()],
    close: async () => {},
  };
}

/** The model's C as a process of this machine. */
export async function hostPlace(model: Model): Promise<Place> {
  let built: AotModule | undefined;
  const host = NATIVE_TARGETS["host"]!;
  await compileModel(model, {
    target: {
      ...host,
      build: (module, options) => {
        built = module;
        return host.build(module, options);
      },
    },
  });
  const source = imageSource(built!, "host");
  const running = await runHost(source);
  const parts = (input: Uint8Array): Uint8Array[] => {
    let end = 0;
    return source.inputs.map(({ bytes }) => {
      end += bytes;
      return input.slice(end - bytes, end);
    });
  };
  return {
    name: "host",
    reset: () => running.init(),
    infer: async (input) => Buffer.concat(await running.infer(parts(input))),
    steps: async (input) => (await running.stepOutputs(parts(input))).map((bytes) => crc32(bytes)),
    monitors: async () => {
      const bytes = await running.read(source.monitors.offset, source.monitors.bytes);
      return Array.from(viewAs("i32", Uint8Array.from(bytes)), Number);
    },
    close: () => running.close(),
  };
}

/** A board with the model flashed, through its agent. */
export async function boardPlace(model: Model, name: "virtual" | "qemu-m4", folder: string): Promise<Place> {
  const board = boardNamed(name);
  const { native, manifest } = await compileModel(model, {
    target: targetNamed(name === "virtual" ? "host" : "cortex-m4"),
    measure: false,
  });
  if (!native?.payload) throw new Error(`${name}: ${native?.missing ?? "no payload"}`);
  const image = buildImage({
    payload: native.payload,
    version: "1.0.0",
    securityCounter: 1,
    target: TARGETS[board.target],
    manifestHash: manifestHash(manifest),
    privateKey: developmentKey(),
  });
  const running = await board.start({ folder: join(folder, name), fresh: true });
  const device = await openDevice({ port: running.port });
  await device.install(image);
  const words = manifest.monitors.bytes / 4;
  return {
    name,
    reset: () => device.configure({ state: true, monitors: true }),
    infer: (input) => device.inferBytes(input),
    steps: (input) => device.stepCrcs(input, manifest.steps.length),
    monitors: async () => [...decodeFrame((await device.readFrame()).frame, words).counts],
    close: async () => {
      await device.close();
      await running.stop();
    },
  };
}

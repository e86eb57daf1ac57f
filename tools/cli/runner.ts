/** Where `pith run` runs a model: in Node, as native code, on a board, or on the device at a port. */
import type { TypedArray } from "../../kernels/op.ts";
import { TARGETS } from "../../sdk/compile/abi.ts";
import { type Build, compileModel } from "../../sdk/compile/compile.ts";
import { developmentKey } from "../../sdk/device/keys.ts";
import { PithError } from "../../sdk/error.ts";
import type { Model } from "../../sdk/model.ts";
import type { Manifest, ManifestPort } from "../../sdk/runtime/manifest.ts";
import { loadModule, viewAs } from "../../sdk/runtime/module.ts";
import { NATIVE_TARGETS, targetNamed } from "../../targets/index.ts";
import { BOARD_NAMES, BOARD_TABLE, boardNamed, isBoardName } from "./board-names.ts";
import type { Context } from "./command.ts";
import { connect, type Place } from "./connect.ts";
import { signPayload } from "./device-image.ts";
import { hostRunner } from "./host-runner.ts";
import { moduleOf } from "./infer-module.ts";
import type { Opened } from "./load-model.ts";
import { joinInputs, splitOutputs } from "./model-bytes.ts";
import { oneOf } from "./values.ts";

export interface Runner {
  readonly manifest: Manifest;
  /** The steps whose outputs `infer` returns on request; undefined where a device does not give them. */
  readonly stepPorts: readonly Pick<ManifestPort, "name" | "dtype" | "shape">[] | undefined;
  infer(
    inputs: Record<string, TypedArray>,
    steps: boolean,
  ): Promise<{ readonly outputs: Record<string, TypedArray>; readonly steps?: readonly TypedArray[] }>;
  /** Resets the state. */
  reset(): Promise<void>;
}

/** `on`: wasm, host, a board's name, or the path of a serial port. */
export async function runnerFor(on: string, opened: Opened, context: Context): Promise<Runner> {
  if (on === "wasm") return wasmRunner(opened);
  const isPort = /[/\\]|^COM\d+$/i.test(on);
  if (on !== "host" && !isPort) oneOf("--on", on, ["wasm", "host", ...BOARD_NAMES]);
  if (opened.kind === "module")
    throw new PithError("usage", `--on ${on}: needs the model, a compiled module runs on wasm only`);
  if (on === "host")
    return hostRunner(await compileModel(opened.model, { target: targetNamed("host"), measure: false }), context);
  return deviceRunner(isPort ? { port: on } : { board: boardNamed(on, "--on") }, opened.model, context);
}

async function wasmRunner(opened: Opened): Promise<Runner> {
  const module = opened.kind === "module" ? await loadModule(opened.wasm) : await moduleOf(opened.model);
  const { manifest } = module;
  return {
    manifest,
    stepPorts: manifest.steps,
    reset: async () => module.reset(),
    async infer(inputs, steps) {
      if (!steps) return { outputs: module.infer(inputs) };
      const found = module.steps(inputs);
      return { outputs: found.outputs, steps: found.steps.map((bytes, i) => viewAs(manifest.steps[i]!.dtype, bytes)) };
    },
  };
}

async function deviceRunner(place: Place, model: Model, context: Context): Promise<Runner> {
  const device = await connect(place, context);
  const target =
    "board" in place && isBoardName(place.board.name)
      ? BOARD_TABLE[place.board.name].target
      : targetOfId((await device.info()).target);
  const build: Build = await compileModel(model, { target: targetNamed(target), measure: false });
  const payload = build.native?.payload;
  if (!payload) throw new PithError("toolchain", build.native?.missing ?? `nothing was compiled for ${target}`);
  await device.install(signPayload(payload, developmentKey(), 0), {
    signal: context.signal,
    onProgress: ({ sent, total }) => context.progress.update("flash", sent / total),
  });
  await device.configure({ state: true });
  const { manifest } = build;
  return {
    manifest,
    stepPorts: undefined,
    reset: () => device.configure({ state: true }),
    infer: async (inputs) => ({
      outputs: splitOutputs(
        manifest,
        await device.inferBytes(joinInputs(manifest, inputs), { signal: context.signal }),
      ),
    }),
  };
}

/** The target of a device that names its machine by id. */
function targetOfId(id: number): string {
  const machine = Object.entries(TARGETS).find(([, value]) => value === id)?.[0];
  const target = machine === "x86_64" || machine === "aarch64" ? "host" : machine;
  if (target === undefined || !Object.hasOwn(NATIVE_TARGETS, target))
    throw new PithError(
      "unsupported",
      `the device is a machine with id ${id}, expected one of ${Object.keys(TARGETS).join(", ")}`,
    );
  return target;
}

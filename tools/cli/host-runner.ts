/** A model as native code of this computer, in a process of its own. */
import type { TypedArray } from "../../kernels/op.ts";
import type { Build } from "../../sdk/compile/compile.ts";
import type { Place } from "../../sdk/compile/plan.ts";
import { PithError } from "../../sdk/error.ts";
import { viewAs } from "../../sdk/runtime/module.ts";
import { type HostModel, runHost } from "../../targets/native/host-model.ts";
import type { Context } from "./command.ts";
import { inputBytes } from "./model-bytes.ts";
import type { Runner } from "./runner.ts";

export async function hostRunner({ name, native, manifest, plan }: Build, context: Context): Promise<Runner> {
  if (!native || native.missing) throw new PithError("toolchain", native?.missing ?? "nothing was compiled for host");
  // In RAM the state follows the arena.
  const inRam = ({ region, offset, bytes }: Place): { offset: number; bytes: number } => ({
    offset: region === "state" ? plan.arenaBytes + offset : offset,
    bytes,
  });
  const ports = (
    list: readonly (Place & { readonly name: string })[],
  ): { name: string; offset: number; bytes: number }[] => list.map((p) => ({ name: p.name, ...inRam(p) }));
  const model: HostModel = await runHost({
    name,
    c: native.c,
    h: native.h,
    ramBytes: plan.arenaBytes + plan.stateBytes,
    inputs: ports(plan.inputs),
    outputs: ports(plan.outputs),
    steps: plan.steps.map((s) => ({ name: s.name, ...inRam(s.output) })),
  });
  context.cleanup(() => model.close());
  await model.init();
  const outputsOf = async (): Promise<Uint8Array[]> => {
    const all: Uint8Array[] = [];
    for (const port of plan.outputs) {
      const { offset, bytes } = inRam(port);
      all.push(await model.read(offset, bytes));
    }
    return all;
  };
  const named = (bytes: readonly Uint8Array[]): Record<string, TypedArray> =>
    Object.fromEntries(manifest.outputs.map((p, i) => [p.name, viewAs(p.dtype, bytes[i]!)]));
  return {
    manifest,
    stepPorts: manifest.steps,
    reset: () => model.init(),
    async infer(inputs, steps) {
      const bytes = inputBytes(manifest, inputs);
      if (!steps) return { outputs: named(await model.infer(bytes)) };
      const found = await model.stepOutputs(bytes);
      return { outputs: named(await outputsOf()), steps: found.map((b, i) => viewAs(manifest.steps[i]!.dtype, b)) };
    },
  };
}

/** Backends by name; `auto` is cpu, else wasm, and says why. */
import { PithError } from "../../error.ts";
import { BACKENDS, type Backend, type BackendName } from "./backend.ts";
import { type CpuOptions, cpuBackend } from "./cpu.ts";
import { probeNative } from "./native.ts";
import { referenceBackend } from "./reference.ts";
import { wasmBackend } from "./wasm.ts";

export type BackendChoice = BackendName | "auto" | "cuda";

export interface ChosenBackend {
  readonly backend: Backend;
  /** Why it was this one, for logs. */
  readonly reason: string;
}

export async function chooseBackend(choice: BackendChoice = "auto", options: CpuOptions = {}): Promise<ChosenBackend> {
  if (choice === "reference") return { backend: referenceBackend, reason: "asked for" };
  if (choice === "wasm") return { backend: wasmBackend, reason: "asked for" };
  if (choice === "cpu") return { backend: await cpuBackend(options), reason: "asked for" };
  if (choice === "cuda")
    throw new PithError(
      "unsupported",
      `backend "cuda": not in this build, expected one of auto, ${BACKENDS.join(", ")} (train with backend "cpu")`,
    );
  if (choice !== "auto")
    throw new PithError("usage", `backend "${String(choice)}", expected one of auto, ${BACKENDS.join(", ")}, cuda`);
  const probe = await probeNative();
  if (probe.available) return { backend: await cpuBackend(options), reason: "the native trainer is built" };
  return { backend: wasmBackend, reason: `no native trainer: ${probe.reason}` };
}

/** @tensorflow/tfjs-tflite without its client, which needs a browser: the SIMD module alone, one thread, XNNPACK. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Peer, requirePeer, timed } from "./peer.ts";

interface Runner {
  GetInputs(): { get(i: number): { data(): Int8Array } };
  GetOutputs(): { get(i: number): { data(): Int8Array } };
  Infer(): boolean;
}
interface Module {
  readonly HEAPU8: Uint8Array;
  _malloc(bytes: number): number;
  readonly TFLiteWebModelRunner: {
    CreateFromBufferAndOptions(
      at: number,
      bytes: number,
      options: { numThreads: number; enableProfiling: boolean; maxProfilingBufferEntries: number },
    ): { ok(): boolean; errorMessage(): string; value(): Runner };
  };
}

export const tfjsTflite =
  (model: Uint8Array, input: Int8Array) =>
  async (folder: string): Promise<Peer> => {
    const file = join(folder, "wasm", "tflite_web_api_cc_simd");
    const factory = requirePeer(`${file}.js`) as (options: { wasmBinary: Uint8Array }) => Promise<Module>;
    const module = await factory({ wasmBinary: readFileSync(`${file}.wasm`) });
    const at = module._malloc(model.length);
    module.HEAPU8.set(model, at);
    const made = module.TFLiteWebModelRunner.CreateFromBufferAndOptions(at, model.length, {
      numThreads: 1,
      enableProfiling: false,
      maxProfilingBufferEntries: 1024,
    });
    if (!made.ok()) throw new Error(made.errorMessage());
    const runner = made.value();
    const call = (): void => {
      runner.GetInputs().get(0).data().set(input);
      if (!runner.Infer()) throw new Error("tfjs-tflite: Infer failed");
    };
    return {
      name: "tfjs-tflite",
      run: async () => {
        call();
        return Int8Array.from(runner.GetOutputs().get(0).data());
      },
      // The input is written once: the handles that writing it takes cost more than small models.
      time: (n) => timed(n, () => runner.Infer()),
    };
  };

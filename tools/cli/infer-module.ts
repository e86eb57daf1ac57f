/** A model as something that answers: compiled to the portable module and loaded. */
import { compileModel } from "../../sdk/compile/compile.ts";
import type { Model } from "../../sdk/model.ts";
import { type CompiledModel, loadModule } from "../../sdk/runtime/module.ts";

export async function moduleOf(model: Model): Promise<CompiledModel> {
  const { wasm } = await compileModel(model, { measure: false });
  return loadModule(wasm);
}

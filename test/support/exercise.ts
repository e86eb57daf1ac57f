/** The recipe of examples/exercise.ts, as users have it, on the sources under test. */

import { datasetFolder } from "../../sdk/data/locate.ts";
import { isRecipe, type Recipe } from "../../sdk/train/recipe.ts";

/** Why tests on har-exercise are skipped; undefined where its data are. Throws under PITH_REQUIRE_ALL. */
export function missingExerciseData(): string | undefined {
  if (datasetFolder("har-exercise")) return undefined;
  const reason = "PITH_DATA is not set, or has no datasets/har-exercise";
  if (process.env["PITH_REQUIRE_ALL"]) throw new Error(`PITH_REQUIRE_ALL is set, but ${reason}`);
  return reason;
}

/** The example, with its data loaded; `epochs` cuts it short. vitest.config.ts resolves its imports to the sources. */
export async function exerciseRecipe(epochs?: number): Promise<Recipe> {
  const path = "../../examples/exercise.ts";
  const module: { readonly default?: unknown } = await import(path);
  if (!isRecipe(module.default)) throw new Error(`${path}: no recipe`);
  return epochs === undefined ? module.default : { ...module.default, epochs };
}

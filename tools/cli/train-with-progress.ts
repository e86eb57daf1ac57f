/** Training with a bar and a line an epoch; Ctrl-C leaves a checkpoint. */
import { PithError } from "../../sdk/error.ts";
import type { Recipe } from "../../sdk/train/recipe.ts";
import { type TrainOptions, train } from "../../sdk/train/train.ts";
import type { TrainedModel } from "../../sdk/train/trained.ts";
import type { Epoch } from "../../sdk/train/trainer.ts";
import type { Context } from "./command.ts";

export interface Trained {
  readonly model: TrainedModel;
  readonly epochs: readonly Epoch[];
}

export async function trainWithProgress(plan: Recipe, options: TrainOptions, context: Context): Promise<Trained> {
  const epochs: Epoch[] = [];
  const stepsPerEpoch = Math.max(1, Math.floor(plan.data.train.length / plan.batch));
  const total = (options.epochs ?? plan.epochs) * stepsPerEpoch;
  let note = "";
  const run = train(plan, {
    ...options,
    signal: context.signal,
    log: (message) => context.log(message),
    onStep: (step) => context.progress.update("train", step / total, note),
  });
  try {
    for await (const epoch of run) {
      epochs.push(epoch);
      note = `epoch ${epoch.epoch}  ${epochText(epoch)}`;
      context.progress.update("train", epoch.step / total, note);
    }
    return { model: await run.model, epochs };
  } catch (error) {
    const saved =
      error instanceof PithError && error.details["stopped"] === true ? error.details["checkpoint"] : undefined;
    context.progress.done();
    if (typeof saved === "string") context.log(`stopped; ${saved} is saved, go on with --resume`);
    throw error;
  }
}

export function epochText(epoch: Epoch): string {
  const scores = [["loss", epoch.loss] as const, ...Object.entries(epoch.metrics)];
  return scores.map(([name, value]) => `${name} ${value.toFixed(4)}`).join("  ");
}

/** What users call: quantize a model, add monitors, predict with the very bytes that the device computes. */
import type { TypedArray } from "../../kernels/op.ts";
import { compilePortable } from "../compile/portable.ts";
import type { Dataset } from "../data/dataset.ts";
import { saveModel } from "../formats/pith.ts";
import type { Model } from "../model.ts";
import { type CompiledModel, loadModule } from "../runtime/module.ts";
import { addMonitors } from "../telemetry/with-monitors.ts";
import type { CalibrationMethod, Samples } from "./calibrate.ts";
import { quantizeModel } from "./quantize.ts";

/** The output names that a model's type knows; any name where it knows none. */
export type OutputNames<M extends Model> = M extends { predict(inputs: never): Promise<infer Outputs> }
  ? keyof Outputs & string
  : string;

/** An int8 model. Its outputs are codes: `real = scale * (q - zeroPoint)`. */
export interface QuantizedModel<O extends string = string> extends Model {
  /** Writes the .pith file, atomically. */
  save(path: string): Promise<void>;
  /** Output codes for one sample; f32 inputs are quantized by the input's scale. State carries over from call to call. */
  predict(inputs: Readonly<Record<string, TypedArray | readonly number[]>>): Promise<{ readonly [K in O]: TypedArray }>;
}

/** Gives a model its methods. */
export function quantizedModel<O extends string = string>(model: Model): QuantizedModel<O> {
  let loading: Promise<CompiledModel> | undefined;
  const compiled = async (): Promise<CompiledModel> =>
    loadModule(
      (
        await compilePortable(model.graph, {
          name: model.name,
          labels: model.labels,
          run: model.run,
          monitorLayout: model.monitorLayout,
        })
      ).wasm,
    );
  return {
    ...model,
    save: async (path) => saveModel(path, model),
    predict: async (inputs) => {
      loading ??= compiled();
      // The module has the graph's outputs, which are named O.
      return (await loading).predict(inputs) as { readonly [K in O]: TypedArray };
    },
  };
}

/** Inputs of a data set, or of anything that yields inputs. */
export function* samplesOf(data: Dataset | Samples): Generator<Readonly<Record<string, TypedArray>>> {
  if ("inputs" in data) for (const { inputs } of data) yield inputs;
  else yield* data;
}

/**
 * Post-training quantization to int8. `calibrate`: inputs that look like the field's, 100 or more; `method`
 * "minmax" (default) or "percentile". Throws "unsupported" naming the operator without an int8 form.
 */
export async function quantize<M extends Model>(
  model: M,
  options: { readonly calibrate: Dataset | Samples; readonly method?: CalibrationMethod },
): Promise<QuantizedModel<OutputNames<M>>> {
  const { calibrate, method = "minmax" } = options;
  return quantizedModel(await quantizeModel(model, { calibrate: samplesOf(calibrate), method }));
}

/**
 * Adds drift monitors to a quantized model. `reference`: inputs in their natural order that the field is compared
 * with; `falseAlarmEvery`: at most one false alarm in so many inferences, over all monitors, 10 000 by default.
 */
export async function withMonitors<M extends Model>(
  model: M,
  options: { readonly reference: Dataset | Samples; readonly falseAlarmEvery?: number },
): Promise<QuantizedModel<OutputNames<M>>> {
  const { reference, ...rest } = options;
  return quantizedModel(await addMonitors(model, { reference: samplesOf(reference), ...rest }));
}

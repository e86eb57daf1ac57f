/** The package's entry: the SDK with the targets and boards of this installation bound by name. */
export {
  type Dataset,
  dataset,
  ERRORS,
  type ErrorCode,
  evaluate,
  input,
  isRecipe,
  loadModel,
  type Model,
  model,
  PithError,
  type QuantizedModel,
  quantize,
  type Recipe,
  recipe,
  type Splits,
  saveModel,
  type TrainedModel,
  train,
  withMonitors,
} from "../../sdk/index.ts";
export { type CompileRequest, compile, type NamedBuild } from "./compile.ts";
export { ActiveModel, ConnectedDevice, type ConnectRequest, connect, type FlashOptions } from "./connect.ts";

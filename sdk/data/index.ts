/** `pith/data`: datasets, readers and splits. */
export { CATALOGUE, namedData } from "./catalogue/catalogue.ts";
export { gasDriftBatches } from "./catalogue/gas-drift.ts";
export type { NamedData } from "./catalogue/named.ts";
export { occupancySplits } from "./catalogue/occupancy.ts";
export { type CsvRow, csvRows } from "./csv.ts";
export { type Dataset, type DatasetFields, type DatasetInput, dataset, type Sample, type Splits } from "./dataset.ts";
export { readIdx } from "./idx.ts";
export { type LoadedData, loadData } from "./load.ts";
export { type NpyArray, type NpyDType, readNpy, writeNpy } from "./npy.ts";
export { readNpz } from "./npz.ts";
export { type RowsOptions, rows } from "./rows.ts";
export { MOTOR_CLASSES, type SimulateMotorOptions, simulateMotor } from "./simulate-motor.ts";
export type { SplitRule } from "./split-rows.ts";
export { type WindowsOptions, windows } from "./windows.ts";

/** What a row of the operator tables gets: one operator of the file, its inputs resolved. */
import { requires, showType, type Tensor, type TensorType, type TypedArray } from "../../../kernels/op.ts";
import { PithError } from "../../error.ts";
import type { FileOperator } from "./file.ts";
import type { Table } from "./flatbuffer.ts";
import type { Options, TfliteCall } from "./operator.ts";
import { ACTIVATIONS } from "./schema.ts";

/** Values of a constant that `constant` gives as numbers: attributes, never weights. */
const MOST_VALUES = 1 << 16;

const KNOWN_ACTIVATIONS: Readonly<Record<string, string>> = {
  NONE: "none",
  RELU: "relu",
  RELU_N1_TO_1: "reluN1To1",
  RELU6: "relu6",
};

export interface CallFacts {
  readonly where: string;
  readonly operator: FileOperator;
  readonly name: string;
  readonly inputs: readonly (Tensor | undefined)[];
  readonly outputs: readonly TensorType[];
  readonly intermediates: readonly TensorType[];
  readonly state: (name: string, type: TensorType) => Tensor;
  readonly update: (state: Tensor, value: Tensor) => void;
}

/** `m.tflite: CONV_2D version 3 "stem" (operator 0)`. */
export const describeOperator = (where: string, { operator, version, index }: FileOperator, name: string): string =>
  `${where}: ${operator} version ${version} "${name}" (operator ${index})`;

export function callOf(facts: CallFacts): TfliteCall {
  const { operator, inputs, name } = facts;
  const refuse = (received: string, supported: string, todo?: string): never => {
    throw new PithError(
      "import",
      `${describeOperator(facts.where, operator, name)}: ${received}, expected ${supported}${todo ? ` (${todo})` : ""}`,
      { operator: operator.operator, version: operator.version, index: operator.index, node: name },
    );
  };
  const input = (index: number): Tensor => inputs[index] ?? refuse(`no input ${index}`, "one");
  const constantData = (index: number): TypedArray => {
    const { node, type } = input(index);
    return node.op === "const" && node.data
      ? node.data
      : refuse(`input ${index} ${showType(type)} is computed`, "a constant", "shapes and parameters must be fixed");
  };
  const options = optionsOf(operator.options);
  return {
    operator: operator.operator,
    version: operator.version,
    name,
    inputs,
    outputs: facts.outputs,
    intermediates: facts.intermediates,
    options,
    input,
    constantData,
    constant: (index) => {
      const data = constantData(index);
      requires(
        data.length <= MOST_VALUES,
        () => `input ${index} has ${data.length} values, expected at most ${MOST_VALUES}`,
      );
      return Array.from(data, Number);
    },
    isConstant: (index) => inputs[index]?.node.op === "const",
    activation: (index) => {
      const code = options.byte(index);
      const found = KNOWN_ACTIVATIONS[ACTIVATIONS[code] ?? ""];
      return (
        found ??
        refuse(
          `fused activation ${ACTIVATIONS[code] ?? code}`,
          Object.keys(KNOWN_ACTIVATIONS).join(", "),
          "make the activation an operator of its own",
        )
      );
    },
    refuse,
    state: facts.state,
    update: facts.update,
  };
}

/** An operator without options has the defaults of all fields. */
const optionsOf = (table: Table | undefined): Options => ({
  byte: (index, absent = 0) => table?.byte(index, absent) ?? absent,
  bool: (index, absent = false) => (table ? table.byte(index, absent ? 1 : 0) !== 0 : absent),
  int: (index, absent = 0) => table?.int(index, absent) ?? absent,
  float: (index, absent = 0) => table?.float(index, absent) ?? absent,
  ints: (index) => table?.ints(index) ?? [],
});

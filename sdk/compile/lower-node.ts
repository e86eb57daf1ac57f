/** Lowering of one node: what its operator asks for, with constants seen through views. */
import {
  type Attrs,
  type LowerCall,
  type Lowered,
  type Node,
  showType,
  type Tensor,
  type View,
} from "../../kernels/op.ts";
import { PithError } from "../error.ts";
import { definitionOf } from "../graph/registry.ts";

export interface Call {
  readonly node: Node;
  readonly lowered: Lowered;
  /** How the plan places the output instead of calling the kernel. */
  readonly view?: View | undefined;
}

/** What kernels are chosen by. */
export type KernelChoice = Pick<LowerCall<Attrs>, "family" | "longMultiply">;

export function lowerNode(node: Node, choice: KernelChoice): Lowered {
  const constantNode = (index: number): Node | undefined => {
    const t = node.inputs[index];
    return t && constRootOrUndefined(t);
  };
  const lowered = withNode(node, () =>
    definitionOf(node.op).lower({
      inputs: node.inputs.map((t) => t.type),
      outputs: node.types,
      attrs: node.attrs,
      ...choice,
      isConstant: (index) => constantNode(index) !== undefined,
      constant: (index) => {
        const found = constantNode(index);
        if (!found)
          throw new PithError(
            "unsupported",
            `${node.op} "${node.name}": input ${index} is computed, expected a constant (this kernel packs it at compile time)`,
          );
        return found.data!;
      },
    }),
  );
  if (lowered.kernel !== null) requireKernel(node);
  refuseEmpty(node, lowered);
  return lowered;
}

/** Sizes divided by the length of an empty axis are no numbers, which no kernel can be called with. */
function refuseEmpty({ op, name, inputs, types }: Node, { args, parallel = 0 }: Lowered): void {
  if (Number.isInteger(parallel) && args.every((a) => !("i32" in a) || Number.isInteger(a.i32))) return;
  const shown = [inputs.map((t) => showType(t.type)).join(" "), types.map(showType).join(" ")];
  throw new PithError(
    "unsupported",
    `${op} "${name}": ${shown.join(" to ")}, expected dimensions of at least 1 (remove what computes nothing)`,
  );
}

/** An operator lowers dtypes that it knows; one that no kernel of its own computes must not run another's. */
function requireKernel(node: Node): void {
  const [x, y] = [node.inputs[0]?.dtype ?? node.types[0]!.dtype, node.types[0]!.dtype];
  const { wasm } = definitionOf(node.op).kernels;
  if (wasm.length > 0 && !wasm.includes(x) && !wasm.includes(y))
    throw new PithError(
      "unsupported",
      `${node.op} "${node.name}": ${x === y ? x : `${x} to ${y}`}, expected ${wasm.join(", ")} (no kernel computes this dtype)`,
    );
}

/** Operators throw RangeErrors in the house form; which node it was is added here. */
function withNode<T>(node: Node, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof RangeError) throw new PithError("unsupported", `"${node.name}": ${error.message}`);
    throw error;
  }
}

/** The constant behind a tensor, seen through views. */
export function constRootOrUndefined(t: Tensor): Node | undefined {
  if (t.node.op === "const") return t.node;
  return t.node.op === "reshape" ? constRootOrUndefined(t.node.inputs[0]!) : undefined;
}

/** As above; throws where the tensor is none. */
export const constRoot = (t: Tensor): Node => {
  const root = constRootOrUndefined(t);
  if (!root) throw new PithError("internal", `plan: "${t.node.name}" lies in the weights and is no constant`);
  return root;
};

/**
 * Resource variables: VAR_HANDLE names one, READ_VARIABLE and ASSIGN_VARIABLE use it in the order of the operators,
 * CALL_ONCE runs a subgraph that assigns initial values. Each becomes a state of our graph: reads before the first
 * assignment see the state, later ones the assigned value, and the last value is the update.
 */
import {
  DTYPE_BYTES,
  elements,
  requires,
  showType,
  type Tensor,
  type TensorType,
  type TypedArray,
} from "../../../kernels/op.ts";
import { typeBytes } from "../../compile/sizes.ts";
import type { Update } from "../../graph/graph.ts";
import { state } from "../../graph/leaves.ts";
import { sameType } from "../../graph/same-type.ts";
import { view } from "./operator.ts";

/** One variable while a file is imported. */
export class Variable {
  readonly name: string;
  #leaf: Tensor | undefined;
  #current: Tensor | undefined;
  #initial: TypedArray | undefined;

  constructor(name: string) {
    this.name = name;
  }

  /** Sets the value before the first call; only while no graph reads it. */
  initialize(value: TypedArray): void {
    this.#initial = value;
  }

  /** The value as `type`; undefined where it has another size. */
  read(type: TensorType): Tensor | undefined {
    this.#current ??= this.#stateOf(type);
    if (typeBytes(this.#current.type) !== typeBytes(type) || this.#current.dtype !== type.dtype) return undefined;
    return sameType(this.#current.type, type) ? this.#current : view(this.#current, type, `${this.name}/read`);
  }

  /** False where the value has another size than the variable. */
  assign(value: Tensor): boolean {
    const leaf = this.#leaf ?? this.#stateOf(value.type);
    if (typeBytes(leaf.type) !== typeBytes(value.type) || leaf.dtype !== value.dtype) return false;
    this.#current = value;
    return true;
  }

  get type(): string {
    return this.#leaf ? showType(this.#leaf.type) : "unused";
  }

  /** What the state becomes at the end of a call; undefined where nothing assigned it. */
  update(): Update | undefined {
    if (!this.#leaf || !this.#current || this.#current === this.#leaf) return undefined;
    const { type } = this.#leaf;
    const value = this.#current;
    return { target: this.#leaf, value: sameType(value.type, type) ? value : view(value, type, `${this.name}/assign`) };
  }

  #stateOf(type: TensorType): Tensor {
    const { dtype, shape, quant } = type;
    const initial = this.#initial;
    requires(
      !initial || (initial.length === elements(shape) && initial.BYTES_PER_ELEMENT === DTYPE_BYTES[dtype]),
      () => `variable "${this.name}" has ${initial?.byteLength} bytes at first, expected ${showType(type)}`,
    );
    const isZero = initial?.every((v: number | bigint) => Number(v) === 0);
    this.#leaf = state(this.name, shape, {
      dtype,
      ...(quant ? { quant } : {}),
      ...(initial && !isZero ? { data: initial } : {}),
    });
    return this.#leaf;
  }
}

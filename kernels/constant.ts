/** A constant of rank 0, which broadcasts against anything: what gradients and composites need of numbers. */
import { Node, Tensor } from "./op.ts";

export const scalar = (value: number): Tensor =>
  new Tensor(new Node({ op: "const", types: [{ dtype: "f32", shape: [] }], data: Float32Array.of(value) }));

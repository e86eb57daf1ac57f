/** Sizes in bytes. */
import { DTYPE_BYTES, elements, type TensorType } from "../../kernels/op.ts";

/** Every planned buffer starts at a multiple of this many bytes. */
export const ALIGNMENT = 16;
export const align16 = (bytes: number): number => (bytes + 15) & ~15;

export const typeBytes = (type: TensorType): number => elements(type.shape) * DTYPE_BYTES[type.dtype];

import type { TypedArray } from "../../kernels/op.ts";
import { align16 } from "./sizes.ts";

/** The weights image; equal contents are stored once. */
export class WeightStore {
  readonly #parts: { readonly raw: Uint8Array; readonly offset: number }[] = [];
  bytes = 0;

  add(data: TypedArray): number {
    const raw = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    const known = this.#parts.find((p) => p.raw.length === raw.length && p.raw.every((byte, i) => byte === raw[i]));
    if (known) return known.offset;
    const offset = this.bytes;
    this.#parts.push({ raw, offset });
    this.bytes = align16(offset + raw.length);
    return offset;
  }

  image(): Uint8Array {
    const out = new Uint8Array(this.bytes);
    for (const { raw, offset } of this.#parts) out.set(raw, offset);
    return out;
  }
}

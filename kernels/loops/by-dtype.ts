import { type DType, type Lowered, requires } from "../op.ts";

/** The lowering for the dtype of an operator's operand; throws naming the dtypes that have a kernel. */
export function byDtype(op: string, dtype: DType, rows: Readonly<Partial<Record<DType, () => Lowered>>>): Lowered {
  const row = rows[dtype];
  requires(
    row !== undefined,
    () => `${op}: operand is ${dtype}, expected ${Object.keys(rows).join(" or ")} (cast or quantize it first)`,
  );
  return row();
}

/** Operator models that are not supported yet, each with its operator. A listed model that passes fails the test. */
export const GOLDENS_OPS_GAPS: Readonly<Record<string, string>> = {
  space_to_batch_nd_i8_3d: "SPACE_TO_BATCH_ND",
};

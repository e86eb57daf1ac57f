/** Operator models that are not supported yet, each with its operator. A listed model that passes fails the test. */
export const GOLDENS_OPS_GAPS: Readonly<Record<string, string>> = {};

/** Golden models that are not supported yet, each with what it lacks. A listed model that passes fails the test. */
export const GOLDENS_GAPS: Readonly<Record<string, string>> = {};

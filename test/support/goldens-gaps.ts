/** Golden models that are not supported yet, each with what it lacks. A listed model that passes fails the test. */
export const GOLDENS_GAPS: Readonly<Record<string, string>> = {
  add0: "ADD int16",
  add1: "ADD int16",
  add2: "ADD int16",
  add3: "ADD int16",
  add4: "ADD int16",
  add5: "ADD int16",
  add6: "ADD int16",
  add7: "ADD int16",
};

/**
 * The one error type users see. `code` is a row of ERRORS, which fixes the exit status of the command line
 * (1 failed, 2 usage, 3 over budget, 4 drift alarm). Texts follow
 * `<where>: <what was received>, expected <what> (<what to do>)`.
 */
export const ERRORS = {
  usage: { exit: 2, about: "the command line or an option is wrong" },
  "file-missing": { exit: 1, about: "a file that was named does not exist or cannot be read" },
  import: { exit: 1, about: "an operator, dtype or structure of an imported model that pith does not have" },
  "file-format": { exit: 1, about: "a file is not what its name or use promises" },
  shape: { exit: 1, about: "a tensor has a shape or dtype that its use does not allow" },
  graph: { exit: 1, about: "a model is not well-formed" },
  unsupported: { exit: 1, about: "a capability that this build, target or machine does not have" },
  budget: { exit: 3, about: "a compiled model needs more than --flash or --ram allow" },
  toolchain: { exit: 1, about: "a compiler or emulator is missing or failed" },
  device: { exit: 1, about: "the device refused a request" },
  link: { exit: 1, about: "the serial link to the device failed" },
  data: { exit: 1, about: "a data set is missing, malformed or does not fit the model" },
  training: { exit: 1, about: "training failed or diverged" },
  drift: { exit: 4, about: "a drift alarm was raised and --fail-on-drift was given" },
  internal: { exit: 1, about: "a defect in pith" },
} as const satisfies Record<string, { exit: 1 | 2 | 3 | 4; about: string }>;

export type ErrorCode = keyof typeof ERRORS;

export class PithError extends Error {
  readonly code: ErrorCode;
  /** Facts for `--json`, such as the tensors that cost most or the device's status code. */
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, message: string, details: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.name = "PithError";
    this.code = code;
    this.details = details;
  }
}

/** The JSON document of --json, and the one line that an error is for people. */
import { ERRORS, type ErrorCode, PithError } from "../../sdk/error.ts";

export interface Success {
  readonly ok: true;
  readonly command: string | null;
  readonly result: unknown;
}

export interface Failure {
  readonly ok: false;
  readonly command: string | null;
  readonly error: {
    readonly code: ErrorCode | "interrupted";
    readonly message: string;
    readonly details: Readonly<Record<string, unknown>>;
  };
  /** Where the work was done and its answer is a failure. */
  readonly result?: unknown;
}

/** Ctrl-C: 128 + SIGINT, as shells count. */
export const INTERRUPTED_EXIT = 130;

/** One line of JSON; typed arrays become arrays, 64-bit integers strings, non-finite numbers null. */
export const toJson = (document: Success | Failure): string =>
  `${JSON.stringify(document, (_, value: unknown) => {
    if (typeof value === "bigint") return value.toString();
    if (value instanceof Map) return Object.fromEntries(value);
    if (ArrayBuffer.isView(value) && !(value instanceof DataView)) return Array.from(value as Uint8Array);
    return value;
  })}\n`;

/** Any thrown value as a PithError, told in the terms of the error table. */
export function asPithError(error: unknown): PithError {
  if (error instanceof PithError) return error;
  if (!(error instanceof Error)) return new PithError("internal", String(error));
  const system = "code" in error ? String(error.code) : "";
  const path = "path" in error ? String(error.path) : "";
  if (system === "ENOENT" && path) return caused("file-missing", `${path}: no such file or folder`, error);
  if (system === "EISDIR") return caused("file-format", `${path || error.message}: a folder, expected a file`, error);
  if (system === "EACCES" || system === "EPERM")
    return caused("file-missing", `${path || error.message}: permission denied`, error);
  if (system === "ENOSPC") return caused("internal", `${path || error.message}: no space left on the device`, error);
  // Operators and layers throw these for shapes and attributes that do not fit, always in the form of our errors.
  if ((error instanceof RangeError || error instanceof TypeError) && error.message.includes(", expected "))
    return caused("graph", error.message, error);
  if (error instanceof TypeError && error.message.startsWith("tensor ")) return caused("graph", error.message, error);
  return caused("internal", error.message, error);
}

function caused(code: ErrorCode, message: string, cause: Error): PithError {
  const out = new PithError(code, message);
  out.cause = cause;
  if (cause.stack !== undefined) out.stack = cause.stack;
  return out;
}

export const exitOf = (error: PithError): number => ERRORS[error.code].exit;

/** The message without line breaks: an error is one line. */
export const oneLine = (message: string): string => message.trim().replace(/\s*[\r\n]+\s*/g, "; ");

export const failureOf = (command: string | null, error: PithError): Failure => ({
  ok: false,
  command,
  error: { code: error.code, message: oneLine(error.message), details: error.details },
});

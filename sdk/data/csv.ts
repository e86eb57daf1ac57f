/** CSV (RFC 4180), plain or gzipped, read as a stream: one row in memory at a time. */
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream";
import { createGunzip } from "node:zlib";
import { PithError } from "../error.ts";

export interface CsvRow {
  /** Line of the file on which the row begins, from 1. */
  readonly line: number;
  readonly fields: readonly string[];
}

const MAX_ROW_CHARACTERS = 1 << 20;

/** Rows of a file, blank lines left out. Throws `file-missing`, or `data` with the line. */
export async function* csvRows(path: string): AsyncGenerator<CsvRow> {
  const parser = new CsvParser(path);
  const decoder = new TextDecoder("utf-8", { fatal: true });
  try {
    for await (const chunk of openText(path)) yield* parser.push(decoder.decode(chunk, { stream: true }));
    yield* parser.push(decoder.decode());
  } catch (error) {
    throw readError(path, error);
  }
  yield* parser.end();
}

function openText(path: string): AsyncIterable<Buffer> {
  const file = createReadStream(path);
  return path.endsWith(".gz") ? pipeline(file, createGunzip(), () => undefined) : file;
}

function readError(path: string, error: unknown): PithError {
  if (error instanceof PithError) return error;
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (code === "ENOENT") return new PithError("file-missing", `${path}: no such file, expected a .csv or .csv.gz file`);
  if (code === "EISDIR") return new PithError("file-format", `${path}: a folder, expected a .csv or .csv.gz file`);
  const reason = error instanceof Error ? error.message : String(error);
  return new PithError(
    "file-format",
    `${path}: ${reason}, expected UTF-8 text${path.endsWith(".gz") ? " compressed with gzip" : ""}`,
  );
}

/** An incremental parser: `push` takes text in pieces cut anywhere, quotes and line ends included. */
export class CsvParser {
  readonly #where: string;
  #state: "field" | "quoted" | "quote" = "field";
  #field = "";
  #fields: string[] = [];
  #line = 1;
  #rowLine = 1;
  #rowCharacters = 0;
  #afterReturn = false;
  #first = true;

  constructor(where: string) {
    this.#where = where;
  }

  *push(text: string): Generator<CsvRow> {
    for (const c of this.#first ? text.replace(/^\uFEFF/, "") : text) {
      if (++this.#rowCharacters > MAX_ROW_CHARACTERS)
        throw this.#error(
          `more than ${MAX_ROW_CHARACTERS} characters in one row`,
          "shorter rows (a quote that is never closed?)",
        );
      const newline = c === "\n" || c === "\r";
      if (c === "\n" && this.#afterReturn) {
        this.#afterReturn = false;
        if (this.#state === "quoted") this.#field += c;
        continue;
      }
      this.#afterReturn = c === "\r";
      if (newline) this.#line++;
      if (this.#state === "quoted") {
        if (c === '"') this.#state = "quote";
        else this.#field += c;
      } else if (c === '"') {
        if (this.#state === "field" && this.#field !== "")
          throw this.#error("a quote inside a field", 'fields with quotes to be written as "a ""b"" c"');
        if (this.#state === "quote") this.#field += c;
        this.#state = "quoted";
      } else if (c === ",") this.#endField();
      else if (newline) yield* this.#endRow();
      else if (this.#state === "quote")
        throw this.#error(`${JSON.stringify(c)} after a closing quote`, "a comma or the end of the line");
      else this.#field += c;
    }
    if (text !== "") this.#first = false;
  }

  *end(): Generator<CsvRow> {
    if (this.#state === "quoted") throw this.#error("the file ends inside a quoted field", "a closing quote");
    yield* this.#endRow();
  }

  #endField(): void {
    this.#fields.push(this.#field);
    this.#field = "";
    this.#state = "field";
  }

  *#endRow(): Generator<CsvRow> {
    const blank = this.#fields.length === 0 && this.#field === "" && this.#state === "field";
    this.#endField();
    const row = { line: this.#rowLine, fields: this.#fields };
    this.#fields = [];
    this.#rowLine = this.#line;
    this.#rowCharacters = 0;
    if (!blank) yield row;
  }

  #error(received: string, expected: string): PithError {
    return new PithError("data", `${this.#where} line ${this.#rowLine}: ${received}, expected ${expected}`);
  }
}

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { DOCUMENTS } from "../tools/docs/documents.ts";

for (const [path, contents] of Object.entries(DOCUMENTS))
  test(`${path} is what its table says (npm run golden writes it)`, () => {
    expect(readFileSync(path, "utf8")).toBe(contents());
  });

/** Writes every derived document; run from the package root. */
import { writeFileSync } from "node:fs";
import { DOCUMENTS } from "./documents.ts";

for (const [path, contents] of Object.entries(DOCUMENTS)) writeFileSync(path, contents());

/**
 * Mutated .tflite files against the importer: npm run fuzz:tflite -- --cases 10000000 [--seed 1]. Any crash, untyped
 * error, case over a second or allocation over 4 times the file plus 64 MB is a finding; exits 1 where there is one.
 * Files are the operator models of test/goldens-ops, and $PITH_DATA/goldens where it is.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { fuzz } from "./fuzz/cases.ts";

const { values: args } = parseArgs({
  options: { cases: { type: "string", default: "100000" }, seed: { type: "string", default: "1" } },
});

const roots = [join("test", "goldens-ops"), join(process.env["PITH_DATA"] ?? "-", "goldens")].filter(existsSync);
const files = roots.flatMap((root) =>
  readdirSync(root, { withFileTypes: true })
    .filter((d) => d.isDirectory())
    .map(({ name }) => ({ name, bytes: Uint8Array.from(readFileSync(join(root, name, `${name}.tflite`))) })),
);
const cases = Number(args.cases);
const started = performance.now();
const result = fuzz({
  files,
  seed: Number(args.seed),
  cases,
  onProgress: (done) =>
    process.stderr.write(`\r${done} of ${cases}, ${Math.round((performance.now() - started) / 1000)} s `),
});
process.stderr.write("\n");
const seconds = (performance.now() - started) / 1000;
console.log(JSON.stringify({ files: files.length, seed: Number(args.seed), seconds, ...result }, undefined, 1));
process.exitCode = result.untyped + result.slow + result.greedy === 0 ? 0 : 1;

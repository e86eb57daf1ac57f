/** The program of the guide type-checks, and a user's slips do not: tsc on test/types and examples. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const root = join(import.meta.dirname, "..");

test("examples type-check; misspelt names are errors", async () => {
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  const failed = await promisify(execFile)(process.execPath, [tsc, "-p", join(root, "test/types/tsconfig.json")]).catch(
    (error: { stdout: string }) => error,
  );
  const errors = failed.stdout.split("\n").filter((line) => line !== "");
  expect(errors).toEqual([]);
});

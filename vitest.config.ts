import { join } from "node:path";
import { defineConfig } from "vitest/config";

const source = (path: string): string => join(import.meta.dirname, path);

export default defineConfig({
  resolve: {
    // Examples import the package by its name; tests run them on the sources.
    alias: [
      { find: /^pith$/, replacement: source("tools/api/index.ts") },
      { find: /^pith\/(nn|data)$/, replacement: source("sdk/$1/index.ts") },
    ],
  },
  test: {
    include: ["test/**/*.test.ts"],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    pool: "forks",
    // Emulators and compilers are heavy: two files at once keep a 2-core machine busy, more only lengthens time-outs.
    maxWorkers: 2,
  },
});

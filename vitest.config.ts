import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    pool: "forks",
    // Emulators and compilers are heavy: two files at once keep a 2-core machine busy, more only lengthens time-outs.
    maxWorkers: 2,
  },
});

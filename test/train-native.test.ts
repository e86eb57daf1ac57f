/** The addon by itself: hostile programs, misuse, environments that end in the middle of a run, kills, what is left. */
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { dense as denseOp } from "../kernels/dense/dense.ts";
import { type Plan, planGraph } from "../sdk/compile/plan.ts";
import { createGraph } from "../sdk/graph/graph.ts";
import { inputLeaf, param } from "../sdk/graph/leaves.ts";
import { definitions } from "../sdk/graph/registry.ts";
import type { Feed } from "../sdk/train/backends/backend.ts";
import { type NativeAddon, probeNative } from "../sdk/train/backends/native.ts";
import { encodeProgram } from "../sdk/train/backends/program.ts";

const root = join(import.meta.dirname, "..");
const probe = await probeNative();
const addon = probe.available ? probe.addon : undefined;
const native = describe.skipIf(!addon);

const x = inputLeaf("x", { dtype: "f32", shape: [2, 3] });
const graph = createGraph({
  inputs: [{ name: "x", tensor: x }],
  outputs: [{ name: "y", tensor: denseOp(x, param("w", [4, 3])) }],
});
const feeds: Readonly<Record<string, Feed>> = {
  x: { kind: "gather", data: Float32Array.from({ length: 15 }, (_, i) => i) },
};
const { plan } = planGraph(graph, { family: "scalar" });
const noProgress = (): void => {};

function open(native: NativeAddon, bytes: Uint8Array = encodeProgram(plan, 2, feeds).bytes, threads = 2): number {
  const { sources } = encodeProgram(plan, 2, feeds);
  return native.createSession(
    bytes,
    new Uint8Array(plan.weightsBytes),
    sources.map((s) => s.data),
    Uint32Array.from(sources, (s) => s.sampleBytes),
    threads,
    "portable",
  );
}

native("the addon", () => {
  const native = addon!;
  afterAll(() => {
    expect(native.counts()).toEqual({ sessions: 0, workers: 0 });
  });

  test("has the CPU kernel of every operator that declares one", () => {
    const built = new Set(native.kernels());
    const missing = [...definitions.values()].filter(
      (d) =>
        d.kernels.cpu.includes("f32") &&
        d.name !== "reshape" &&
        ![...built].some((k) => k.startsWith(`${d.name}_`) || k === d.name),
    );
    expect(missing.map((d) => d.name)).toEqual([]);
  });

  test("gathers the samples of a batch and runs every step", async () => {
    const session = open(native);
    const state = new Float32Array(plan.stateBytes / 4);
    for (let u = 0; u < 4; u++) state[u * 3 + (u % 3)] = 1; // picks x[u mod 3]
    native.writeState(session, new Uint8Array(state.buffer));
    const values = await native.run(session, 2, 1, Int32Array.of(4, 0, 2, 2), new Float32Array(0), noProgress);
    expect([...values]).toEqual([12, 13, 14, 12, 0, 1, 2, 0, 6, 7, 8, 6, 6, 7, 8, 6]);
    native.close(session);
  });

  test("truncated, changed and foreign programs are refused", () => {
    const { bytes } = encodeProgram(plan, 2, feeds);
    for (let length = 0; length < bytes.length; length += 4)
      expect(() => open(native, bytes.slice(0, length))).toThrow("native program:");
    let refused = 0;
    for (let at = 0; at < bytes.length; at += 4) {
      const changed = bytes.slice();
      new DataView(changed.buffer).setUint32(at, 0x7fffffff, true);
      try {
        native.close(open(native, changed));
      } catch (error) {
        expect(String(error)).toMatch(/native program:/);
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(bytes.length / 12); // numbers that kernels take as they are cannot be wrong
  });

  test("an address outside its region is refused before anything runs", () => {
    const step = plan.steps[0]!;
    const bad: Plan = {
      ...plan,
      steps: [{ ...step, args: [{ region: "arena", offset: plan.arenaBytes + 16 }, ...step.args.slice(1)] }],
    };
    expect(() => encodeProgram(bad, 2, feeds)).toThrow(/addresses arena at \d+, expected at most/);
    const unknown: Plan = { ...plan, steps: [{ ...step, kernel: "dense_f33" }] };
    expect(() => open(native, encodeProgram(unknown, 2, feeds).bytes)).toThrow(
      'kernel "dense_f33" is not in this build',
    );
  });

  test("misuse is refused with a reason", async () => {
    const session = open(native);
    const run = (indices: Int32Array, steps = 1): Promise<Float32Array> =>
      native.run(session, steps, 1, indices, new Float32Array(0), noProgress);
    expect(() => run(Int32Array.of(0))).toThrow("1 sample indices, expected 2");
    expect(() => run(Int32Array.of(0, 5))).toThrow("sample 5, expected 0 to 5 - 1");
    expect(() => run(Int32Array.of(0, -1))).toThrow("sample -1");
    const running = run(new Int32Array(200_000), 100_000);
    expect(() => run(Int32Array.of(0, 1))).toThrow("a second run");
    expect(() => native.close(session)).toThrow("close of a session that runs");
    expect(() => native.readState(session)).toThrow("the state of a session that runs");
    native.cancel(session);
    expect((await running).length).toBeLessThan(8 * 100_000);
    native.close(session);
    expect(() => native.close(session)).toThrow("an unknown session");
  });

  test("a worker that ends in the middle of a run takes its threads along", async () => {
    const { bytes } = encodeProgram(plan, 2, feeds);
    const code = `
      const { createRequire } = require("node:module");
      const addon = createRequire(${JSON.stringify(join(root, "build/native/"))})("./pith.node");
      const { parentPort } = require("node:worker_threads");
      const s = addon.createSession(new Uint8Array(${JSON.stringify([...bytes])}), new Uint8Array(${plan.weightsBytes}), [new Uint8Array(60)], Uint32Array.of(12), 3, "portable");
      addon.run(s, 4000000, 1, new Int32Array(8000000), new Float32Array(0), () => {}).catch(() => {});
      parentPort.postMessage(addon.counts());
    `;
    const worker = new Worker(code, { eval: true });
    const counts = await new Promise((resolve) => worker.once("message", resolve));
    expect(counts).toMatchObject({ sessions: 1 });
    await worker.terminate();
    expect(native.counts()).toEqual({ sessions: 0, workers: 0 });
  });
});

describe("the build", () => {
  let folder = "";
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "pith-build-"));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test("binding.gyp is what the generator writes", async () => {
    const script = (await import(pathToFileURL(join(root, "scripts/build-native.mjs")).href)) as {
      bindingGyp(): string;
    };
    expect(readFileSync(join(root, "binding.gyp"), "utf8")).toBe(script.bindingGyp());
  });

  test("without a compiler it exits 0 and says why", async () => {
    const copy = join(folder, "package");
    const { cpSync } = await import("node:fs");
    for (const part of ["scripts", "kernels", "sdk/train/native", "package.json"])
      cpSync(join(root, part), join(copy, part), { recursive: true });
    cpSync(join(root, "node_modules/node-addon-api"), join(copy, "node_modules/node-addon-api"), { recursive: true });
    cpSync(join(root, "node_modules/node-api-headers"), join(copy, "node_modules/node-api-headers"), {
      recursive: true,
    });
    for (const [cxx, reason] of [
      ["/nonexistent/c++", "no C++ compiler"],
      ["/bin/true", ""],
    ] as const) {
      const child = spawn(process.execPath, [join(copy, "scripts/build-native.mjs")], {
        env: { ...process.env, CXX: cxx },
        stdio: "ignore",
      });
      expect(await new Promise((resolve) => child.once("exit", resolve))).toBe(0);
      const status = JSON.parse(readFileSync(join(copy, "build/native/status.json"), "utf8")) as {
        built: boolean;
        reason: string;
      };
      expect(status.built).toBe(false);
      expect(status.reason).toContain(reason);
    }
  });
});

test("a process killed while it trains leaves a whole checkpoint", { timeout: 120_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), "pith-kill-"));
  try {
    const path = join(folder, "killed.checkpoint");
    const { saveCheckpoint, loadCheckpoint } = await import("../sdk/train/checkpoint.ts");
    const values = new Map([["w", new Float32Array(1 << 20)]]);
    const progress = { epoch: 1, stepInEpoch: 0, sums: [], finished: false };
    saveCheckpoint(path, { fingerprint: "f", progress, values });
    const copy = readFileSync(path);
    // The same sequence of calls as saveCheckpoint's, in a process that is killed at a random moment of it.
    const code = `const fs = require("node:fs"); const bytes = fs.readFileSync(${JSON.stringify(path)});
      for (;;) { const t = ${JSON.stringify(path)} + ".1.tmp"; const f = fs.openSync(t, "w"); fs.writeSync(f, bytes); fs.fsyncSync(f); fs.closeSync(f); fs.renameSync(t, ${JSON.stringify(path)}); }`;
    for (let i = 0; i < 5; i++) {
      const child = spawn(process.execPath, ["-e", code], { stdio: "ignore" });
      await new Promise((resolve) => setTimeout(resolve, 150 + 37 * i));
      child.kill("SIGKILL");
      await new Promise((resolve) => child.once("exit", resolve));
      expect(existsSync(path)).toBe(true);
      expect(loadCheckpoint(path, "f")?.progress).toEqual(progress);
      expect(readFileSync(path).equals(copy)).toBe(true);
    }
    writeFileSync(path, copy.subarray(0, copy.length / 2));
    expect(() => loadCheckpoint(path, "f")).toThrow();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { COMMANDS } from "../tools/cli/commands/table.ts";
import { pith } from "./support/cli.ts";

const folder = mkdtempSync(join(tmpdir(), "pith-cli-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const text = join(folder, "text.pith");
writeFileSync(text, "this is not a model\n");
const missing = join(folder, "missing.pith");
const out = join(folder, "out");

/** What every failing command must look like: the status, one line on stderr, nothing on stdout, no stack trace. */
async function expectOneLine(args: readonly string[], status: number, message: string | RegExp): Promise<void> {
  const found = await pith(args);
  expect(found.stderr).toMatch(message);
  expect(found.stderr.trimEnd().split("\n")).toHaveLength(1);
  expect(found.stderr).not.toMatch(/\n\s+at /);
  expect(found.stdout).toBe("");
  expect(found.status).toBe(status);
}

describe("a missing file: exit 1 and one line", () => {
  test.each([
    [["show", missing]],
    [["eval", missing, "--data", "motor"]],
    [["quantize", missing, "--data", "motor"]],
    [["import", missing]],
    [["export", missing, "--format", "c", "-o", out]],
    [["verify", missing]],
    [["compile", missing, "--target", "wasm", "-o", out]],
    [["run", missing, "--input", "x.npy", "--output", "y.npy"]],
    [["flash", missing, "--board", "virtual"]],
    [["sign", missing, "--key", missing]],
    [["train", join(folder, "missing.ts")]],
    [["runs", "show", "abc", "--dir", out]],
  ])("pith %j", (args) => expectOneLine(args, 1, /: no such (file|run)/));
});

describe("a text file in place of a model: exit 1 and one line", () => {
  test.each([
    [["show", text]],
    [["eval", text, "--data", "motor"]],
    [["quantize", text, "--data", "motor"]],
    [["import", text]],
    [["export", text, "--format", "c", "-o", out]],
    [["verify", text]],
    [["compile", text, "--target", "wasm", "-o", out]],
    [["run", text, "--input", "x.npy", "--output", "y.npy"]],
    [["train", text]],
  ])("pith %j", (args) => expectOneLine(args, 1, /text\.pith|WebAssembly/));
});

describe("a folder in place of a model: exit 1 and one line", () => {
  test.each([[["show", folder]], [["verify", folder]], [["compile", folder, "--target", "wasm", "-o", out]]])(
    "pith %j",
    (args) => expectOneLine(args, 1, /a folder, expected/),
  );
});

describe("usage: exit 2, one line, and the near miss", () => {
  test.each([
    [["comple", "x"], 'unknown command "comple" (did you mean "compile"?), expected one of demo, init'],
    [["--bogus"], "option --bogus without a command"],
    [["compile", text, "--target", "cortex-m5", "-o", out], '--target: "cortex-m5" (did you mean "cortex-m'],
    [
      ["compile", text, "--target", "wasm", "-o", out, "--ram", "1x"],
      '--ram: "1x", expected a size such as 65536, 64k or 1M',
    ],
    [["compile", text, "--target", "wasm", "-o", out, "--name", "a-b"], "expected a C identifier"],
    [["compile", text, "--target", "wasm", "--target", "host", "-o", out], "--target is given 2 times"],
    [["compile", text], "--target, --output is missing"],
    [["compile", "--target", "wasm", "-o", out], "pith compile: an argument is missing, expected pith compile <model>"],
    [["run", text, "--inputt", "x"], '"inputt" (did you mean "input"?)'],
    [
      ["run", text, "--input", "x", "--output", "y", "--state", "kept"],
      '--state: "kept", expected one of carry, fresh',
    ],
    [["quantize", text, "--data"], "--data has no value"],
    [["quantize", text, "--data", "motor", "--method", "minmx"], 'did you mean "minmax"?'],
    [["quantize", text, "--data", "motor", "--samples", "many"], "--samples: not a number"],
    [["export", text, "--format", "C99", "-o", out], '--format: "C99"'],
    [["train", "x.ts", "--backend", "gpu"], "expected one of auto, reference, wasm, cpu, cuda"],
    [["train", "x.ts", "--epochs", "0"], "--epochs: 0, expected a whole number of at least 1"],
    [["flash", text], "no device, expected either --port P or --board B"],
    [["flash", text, "--board", "virtuel"], 'did you mean "virtual"?'],
    [["monitor"], "no device"],
    [["demo", "--board", "qemu-m5"], '--board: "qemu-m5" (did you mean "qemu-m'],
    [["runs", "lst"], 'did you mean "list"?'],
    [["runs", "compare", "a"], "1 run ids, expected 2"],
    [["init", folder], "is not empty"],
    [["show", text, "more"], 'unknown option or argument "more"'],
  ])("pith %j", async (args, message) => {
    const found = await pith(args);
    expect(found.stderr).toContain(message);
    expect(found.stderr.trimEnd().split("\n")).toHaveLength(1);
    expect([found.status, found.stdout]).toEqual([2, ""]);
  });
});

describe("capabilities of later versions: exit 1", () => {
  test.each([
    [["export", text, "--format", "onnx", "-o", out]],
    [["demo", "--board", "qemu-m33"]],
    [["monitor", "--mqtt", "mqtt://x"]],
  ])("pith %j", (args) => expectOneLine(args, 1, /not supported in this version/));
});

describe("--json", () => {
  test("success: one document with ok, command and result; nothing else on stdout", async () => {
    const { stdout, status } = await pith(["targets", "--json"]);
    const document: unknown = JSON.parse(stdout);
    expect(document).toMatchObject({
      ok: true,
      command: "targets",
      result: { targets: expect.arrayContaining([{ name: "wasm", about: expect.any(String), supported: true }]) },
    });
    expect(stdout.trimEnd().split("\n")).toHaveLength(1);
    expect(status).toBe(0);
  });
  test.each([
    [["show", missing, "--json"], "show", "file-missing", 1],
    [["--json", "show", text], "show", "file-format", 1],
    [["compile", "--json"], "compile", "usage", 2],
    [["nonsense", "--json"], "nonsense", "usage", 2],
    [["bench", "speed", "--json"], "bench", "usage", 2],
  ])("failure of %j: code, message, details", async (args, command, code, status) => {
    const found = await pith(args);
    expect(JSON.parse(found.stdout)).toEqual({
      ok: false,
      command,
      error: { code, message: found.stderr.trimEnd(), details: {} },
    });
    expect(found.status).toBe(status);
  });
  test("interrupted: exit 130", async () => {
    const controller = new AbortController();
    controller.abort();
    const found = await pith(["targets", "--json"], controller.signal);
    expect([found.status, JSON.parse(found.stdout)]).toMatchObject([
      130,
      { ok: false, error: { code: "interrupted" } },
    ]);
  });
});

describe("--help", () => {
  test.each(COMMANDS.map((c) => [c.name]))("pith %s --help has usage, options and an example", async (name) => {
    const { stdout, stderr, status } = await pith([name, "--help"]);
    expect(stdout).toContain(`pith ${name}`);
    expect(stdout).toContain("--json");
    expect(stdout).toContain("Examples:");
    expect([status, stderr]).toEqual([0, ""]);
  });
  test("pith --help lists every verb", async () => {
    const { stdout } = await pith(["--help"]);
    for (const { name } of COMMANDS) expect(stdout).toMatch(new RegExp(`^  ${name} `, "m"));
  });
});

test("keygen: the secret is readable by its owner only, and never overwritten", async () => {
  const key = join(folder, "keys", "a.key");
  expect((await pith(["keygen", "-o", key])).status).toBe(0);
  expect(statSync(key).mode & 0o777).toBe(0o600);
  expect(readFileSync(`${key}.pub`, "utf8")).toContain("BEGIN PUBLIC KEY");
  const before = readFileSync(key);
  expect((await pith(["keygen", "-o", key])).status).toBe(2);
  expect(readFileSync(key)).toEqual(before);
});

test("init: a project that names its files", async () => {
  const dir = join(folder, "project");
  const { result } = JSON.parse((await pith(["init", dir, "--json"])).stdout) as { result: { files: string[] } };
  expect(result.files).toEqual(["package.json", "tsconfig.json", ".gitignore", "model.ts", "ship.ts"]);
  expect(JSON.parse(readFileSync(join(dir, "package.json"), "utf8"))).toMatchObject({
    name: "project",
    type: "module",
  });
});

/** The built executable as a process: exit statuses, user TypeScript, Ctrl-C. `npm test` builds it first. */
import { execFile, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";

const main = fileURLToPath(new URL("../dist/tools/cli/main.js", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "pith-process-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Several processes that train: 6 s on an idle machine, over a minute on one that runs ten other things. */
const SLOW_MS = 240_000;

interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const pith = (...args: readonly string[]): Promise<Ended> =>
  new Promise((done) => {
    execFile(process.execPath, [main, ...args], { cwd: folder }, (error, stdout, stderr) => {
      done({ status: error ? Number(error.code) : 0, stdout, stderr });
    });
  });

const RECIPE = `import { input, model, recipe } from "pith";
import { simulateMotor } from "pith/data";
import { accuracy, crossEntropy, dense, flatten, relu, sequential, sgd, standardize } from "pith/nn";

const data = simulateMotor({ trainRecordings: 16, testRecordings: 4 });
const network = sequential([standardize(data.train), flatten, dense(16), relu, dense(5)]);
const motor = model({ accel: input("f32", [200, 3]) }, ({ accel }) => ({ logits: network(accel) }), { labels: data.train.classes });
interface Unused { readonly erased: boolean }
export default recipe({
  model: motor, data, batch: 16, epochs: 2, optimizer: sgd({ rate: 0.05 }),
  loss: ({ logits }, { label }) => crossEntropy(logits, label),
  metrics: { accuracy: ({ logits }, { label }) => accuracy(logits, label) },
});
`;
const source = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return name;
};

test("a missing file: status 1, one line, no stack", async () => {
  const { status, stdout, stderr } = await pith("show", "none.pith");
  expect([status, stdout, stderr]).toEqual([1, "", "none.pith: no such file, expected a .pith or .tflite model\n"]);
});

test.each([
  ["bad-syntax.ts", "export default {{;\n", /bad-syntax\.ts: /],
  ["no-erase.ts", "enum Colour { red }\nexport default Colour;\n", /no-erase\.ts: .*enum/],
  ["bad-import.ts", 'import { recipee } from "pith";\nexport default recipee;\n', /bad-import\.ts: .*'recipee'/],
  ["no-module.ts", 'import { x } from "./gone.ts";\nexport default x;\n', /no-module\.ts: .*gone\.ts/],
  ["no-default.ts", "export const x: number = 1;\n", /no-default\.ts: no default export/],
  ["no-recipe.ts", "const x: number = 1;\nexport default x;\n", /no-recipe\.ts: the default export is no recipe/],
])("pith train %s: status 1, one line that names the file", async (name, text, message) => {
  const { status, stderr } = await pith("train", source(name, text));
  expect(stderr).toMatch(message);
  expect([status, stderr.trimEnd().split("\n").length]).toEqual([1, 1]);
});

test(
  "pith train: a file outside of any package, its model, its run record",
  async () => {
    const { status, stdout, stderr } = await pith(
      "train",
      source("motor.ts", RECIPE),
      "--seed",
      "3",
      "--backend",
      "wasm",
      "--json",
    );
    expect([status, stderr]).toEqual([0, expect.stringContaining("wasm")]);
    const document = JSON.parse(stdout) as { result: { output: string; epochs: unknown[]; run: string } };
    expect(document).toMatchObject({ ok: true, command: "train", result: { output: "motor.pith", seed: 3 } });
    expect(document.result.epochs).toHaveLength(2);
    expect(existsSync(join(folder, "motor.pith.checkpoint"))).toBe(false);
    const runs = JSON.parse((await pith("runs", "list", "--json")).stdout) as { result: { runs: { id: string }[] } };
    expect(runs.result.runs.map((r) => r.id)).toContain(document.result.run);
    expect((await pith("runs", "verify", document.result.run)).status).toBe(0);
  },
  SLOW_MS,
);

test(
  "Ctrl-C: status 130 and a checkpoint; --resume gives the bytes of the run that was not stopped",
  async () => {
    const file = source("long.ts", RECIPE.replace("epochs: 2", "epochs: 12"));
    const args = ["train", file, "--seed", "5", "--backend", "wasm"];
    expect((await pith(...args, "-o", "whole.pith")).status).toBe(0);
    const child = spawn(process.execPath, [main, ...args, "-o", "cut.pith"], {
      cwd: folder,
      stdio: ["ignore", "ignore", "pipe"],
    });
    const checkpoint = join(folder, "cut.pith.checkpoint");
    const ended = new Promise<number | null>((done) => child.on("close", done));
    while (!existsSync(checkpoint) && child.exitCode === null) await new Promise((next) => setTimeout(next, 5));
    child.kill("SIGINT");
    const status = await ended;
    // A fast machine may have finished between the first checkpoint and the signal.
    expect([0, 130]).toContain(status);
    if (status === 130) expect((await pith(...args, "-o", "cut.pith", "--resume")).status).toBe(0);
    expect(readFileSync(join(folder, "cut.pith"))).toEqual(readFileSync(join(folder, "whole.pith")));
  },
  SLOW_MS,
);

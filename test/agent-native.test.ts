import { spawn, spawnSync } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { publicKeyBytes } from "../sdk/device/keys.ts";
import { GROUP, IMAGE } from "../sdk/device/smp.ts";
import { keyRecord } from "../targets/boards/flash-file.ts";
import {
  body,
  everyCommand,
  identityImage,
  installBodies,
  resetBody,
  testBody,
  uploadBodies,
} from "./support/agent-requests.ts";

const AGENT = join(import.meta.dirname, "..", "targets", "agent");
const FIXTURE = join(import.meta.dirname, "fixtures", "agent");
const CASES = Number(process.env["PITH_FUZZ_CASES"] ?? 500_000);
const WARNINGS = ["-std=c99", "-Wall", "-Wextra", "-Wconversion", "-Werror"];
const SANITIZERS = ["-g", "-O1", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"];
/** Divides the simulator's sectors of 512 bytes. */
const CHUNK = 128;

/** A compiler that links the sanitizers; the reason where there is none. */
const compiler = ["cc", "gcc", "clang"].find(
  (cc) =>
    spawnSync(cc, [...SANITIZERS, "-x", "c", "-", "-o", "/dev/null"], { input: "int main(void) { return 0; }" })
      .status === 0,
);
if (compiler === undefined && process.env["PITH_REQUIRE_ALL"])
  throw new Error("agent-native: no C compiler with sanitizers, expected one");

describe.skipIf(compiler === undefined)(
  "the agent under sanitizers (skipped without a C compiler that has them)",
  () => {
    let folder = "";
    let driver = "";
    const { privateKey, publicKey } = generateKeyPairSync("ed25519");
    const oldImage = identityImage({ manifestHash: 0x01d, counter: 1, totalBytes: 700, privateKey });
    const newImage = identityImage({ manifestHash: 0x4e3, counter: 2, totalBytes: 1600, privateKey });
    /** Ends where a sector does: the last mark is the whole image's. */
    const evenImage = identityImage({
      manifestHash: 0x4e3,
      counter: 2,
      totalBytes: 1536 - (newImage.length - 1600),
      privateKey,
    });

    beforeAll(() => {
      folder = mkdtempSync(join(tmpdir(), "pith-agent-"));
      driver = join(folder, "driver");
      const sources = [AGENT, FIXTURE].flatMap((dir) =>
        readdirSync(dir)
          .filter((n) => n.endsWith(".c"))
          .map((n) => join(dir, n)),
      );
      const built = spawnSync(compiler!, [...WARNINGS, ...SANITIZERS, `-I${AGENT}`, ...sources, "-o", driver]);
      expect(built.stderr.toString()).toBe("");
    });
    afterAll(() => rmSync(folder, { recursive: true, force: true }));

    /** Runs the driver on records; its last words are JSON. */
    async function drive(
      args: readonly (string | number)[],
      kinds: Readonly<Record<string, readonly Uint8Array[]>>,
    ): Promise<unknown> {
      const all = { K: [keyRecord(publicKeyBytes(publicKey))], ...kinds };
      const child = spawn(driver, args.map(String), { env: { ...process.env, ASAN_OPTIONS: "detect_leaks=0" } });
      let [out, err] = ["", ""];
      child.stdout.on("data", (text: Buffer) => (out += text.toString()));
      child.stderr.on("data", (text: Buffer) => (err += text.toString()));
      child.stdin.end(
        Buffer.concat(
          Object.entries(all).flatMap(([kind, list]) =>
            list.flatMap((bytes) => [recordHead(kind, bytes.length), bytes]),
          ),
        ),
      );
      const status = await new Promise((done) => child.once("close", done));
      expect({ status, err }).toEqual({ status: 0, err: "" });
      return JSON.parse(out);
    }

    test.each([
      ["of a first update", 0, newImage, "confirm"],
      ["with one trial before", 1, newImage, "confirm"],
      ["with the selector at the end of a sector", 3, newImage, "confirm"],
      ["with the selector in its second sector", 6, newImage, "confirm"],
      ["of an image that ends with its sector", 2, evenImage, "confirm"],
      ["of an update that is tried, goes back and is tried again", 0, newImage, "go back first"],
    ] as const)(
      "power cut at every flash operation %s: old or new runs, verified, and the update ends",
      async (_, cycles, image, how) => {
        const goBack = [...uploadBodies(image, CHUNK), testBody(image), resetBody(), resetBody()];
        const update = how === "confirm" ? installBodies(image, CHUNK) : [...goBack, ...installBodies(image, CHUNK)];
        const erase = body(GROUP.image, IMAGE.erase, "write", { slot: 1 });
        const got = await drive(["cuts", cycles], {
          O: installBodies(oldImage, CHUNK),
          R: [...goBack, erase],
          N: update,
        });
        console.log(`power cuts: ${JSON.stringify(got)}`);
        expect(got).toMatchObject({ cuts: expect.any(Number) });
      },
      120_000,
    );

    test(`${CASES} damaged and invented requests and changed images: no sanitizer complains, nothing unverified runs`, async () => {
      const corpus = [...everyCommand(newImage), ...uploadBodies(newImage, CHUNK)];
      const got = await drive(["fuzz", 0x5eed, CASES], { O: installBodies(oldImage, CHUNK), C: corpus });
      console.log(`fuzz: ${JSON.stringify(got)}`);
      expect(got).toMatchObject({ cases: CASES });
    }, 1_800_000);
  },
);

function recordHead(kind: string, bytes: number): Uint8Array {
  const head = Buffer.alloc(5);
  head.write(kind, "latin1");
  head.writeUInt32LE(bytes, 1);
  return head;
}

import { spawnSync } from "node:child_process";
import { createHash, createPublicKey, generateKeyPairSync, type KeyObject, sign, verify } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const AGENT = join(import.meta.dirname, "..", "targets", "agent");
const DRIVER = join(import.meta.dirname, "support", "crypto-driver.c");
const CASES = Number(process.env["PITH_CRYPTO_CASES"] ?? 400);
const compiler = ["cc", "gcc", "clang"].find((name) => spawnSync(name, ["--version"]).status === 0);
if (compiler === undefined && process.env["PITH_REQUIRE_ALL"])
  throw new Error("device-crypto: no C compiler, expected one");

const WARNINGS = ["-std=c99", "-Wall", "-Wextra", "-Wconversion", "-Wdouble-promotion", "-Werror"];
const L = 2n ** 252n + 27742317777372353535851937790883648493n;
const P = 2n ** 255n - 19n;
/** DER of an Ed25519 SubjectPublicKeyInfo before the 32 key bytes. */
const SPKI = Buffer.from("302a300506032b6570032100", "hex");

const hex = (text: string): Buffer => Buffer.from(text, "hex");
const u32 = (n: number): Buffer => Buffer.from([n, n >> 8, n >> 16, n >> 24].map((b) => b & 255));
const rawKey = (key: KeyObject): Buffer => key.export({ format: "der", type: "spki" }).subarray(-32);
const toInteger = (bytes: Uint8Array): bigint => BigInt(`0x${Buffer.from(bytes).reverse().toString("hex")}`);
const toBytes = (n: bigint): Buffer => hex(n.toString(16).padStart(64, "0")).reverse();

interface Case {
  readonly signature: Uint8Array;
  readonly message: Uint8Array;
  readonly key: Uint8Array;
}

/** Marsaglia's xorshift32: `draw(n)` gives 0..n-1. */
function random(seed: number): (n: number) => number {
  let x = seed;
  return (n) => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return (x >>> 0) % n;
  };
}

function flip(bytes: Uint8Array, bit: number): Buffer {
  const out = Buffer.from(bytes);
  out[bit >> 3]! ^= 1 << (bit & 7);
  return out;
}

function nodeVerifies({ signature, message, key }: Case): boolean {
  try {
    const publicKey = createPublicKey({ key: Buffer.concat([SPKI, key]), format: "der", type: "spki" });
    return verify(null, message, publicKey, signature);
  } catch {
    return false;
  }
}

describe.skipIf(compiler === undefined)("cryptography of the device (skipped without a C compiler)", () => {
  let folder = "";
  let driver = "";
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "pith-crypto-"));
    driver = join(folder, "driver");
    const sources = ["ed25519.c", "sha512.c", "sha256.c"].map((name) => join(AGENT, name));
    const built = spawnSync(compiler!, [...WARNINGS, "-O2", `-I${AGENT}`, ...sources, DRIVER, "-o", driver]);
    expect(built.stderr.toString()).toBe("");
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const drive = (records: readonly Uint8Array[]): Buffer => {
    const ran = spawnSync(driver, { input: Buffer.concat(records), maxBuffer: 2 ** 28 });
    expect(ran.status).toBe(0);
    return ran.stdout;
  };
  const verdicts = (cases: readonly Case[]): boolean[] => {
    const records = cases.flatMap((c) => [Buffer.from("v"), c.signature, c.key, u32(c.message.length), c.message]);
    return [...drive(records)].map((byte) => byte === 0);
  };

  test.each(["sha256", "sha512"])("%s of 0 to 200 bytes, fed in any chunks, is that of node:crypto", (name) => {
    const inputs = Array.from({ length: 201 }, (_, n) => Uint8Array.from({ length: n }, (_, i) => (i * 37 + n) & 255));
    for (const chunk of [1, 63, 129, 1000]) {
      const op = Buffer.from(name === "sha256" ? "s" : "S");
      const got = drive(inputs.flatMap((data) => [op, u32(data.length), u32(chunk), data]));
      expect(got.toString("hex")).toBe(inputs.map((data) => createHash(name).update(data).digest("hex")).join(""));
    }
  });

  /** RFC 8032, section 7.1: TEST 1, 2, 3 and SHA(abc). */
  const rfc8032: Case[] = [
    [
      "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
      "",
      "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ],
    [
      "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
      "72",
      "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ],
    [
      "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
      "af82",
      "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ],
    [
      "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
      "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
      "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704",
    ],
  ].map(([key, message, signature]) => ({ key: hex(key!), message: hex(message!), signature: hex(signature!) }));

  test("RFC 8032 section 7.1: vectors 1, 2, 3 and SHA(abc) verify, and no single flipped bit does", () => {
    expect(verdicts(rfc8032)).toEqual([true, true, true, true]);
    const { key, message, signature } = rfc8032[2]!;
    const flips = [
      ...Array.from({ length: 512 }, (_, bit) => ({ key, message, signature: flip(signature, bit) })),
      ...Array.from({ length: 256 }, (_, bit) => ({ key: flip(key, bit), message, signature })),
      ...Array.from({ length: 16 }, (_, bit) => ({ key, message: flip(message, bit), signature })),
    ];
    expect(verdicts(flips)).toEqual(flips.map(() => false));
  });

  test("S + L, the second signature of a malleable verifier, is refused; so are S = L and S = 2^256 - 1", () => {
    const forged = rfc8032.flatMap(({ key, message, signature }) => {
      const s = toInteger(signature.subarray(32));
      return [s + L, s + 2n * L, s + 7n * L, L, 2n ** 256n - 1n].map((other) => ({
        key,
        message,
        signature: Buffer.concat([signature.subarray(0, 32), toBytes(other)]),
      }));
    });
    expect(verdicts(forged)).toEqual(forged.map(() => false));
  });

  test("points of small order and non-canonical encodings are refused as keys and as R, for any message", () => {
    const order8 = hex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05");
    const order8b = hex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a");
    const small = [toBytes(1n), toBytes(P - 1n), toBytes(0n), order8, order8b];
    const beyond = Array.from({ length: 19 }, (_, i) => toBytes(P + BigInt(i)));
    const points = [...small, ...beyond].flatMap((y) => [y, flip(y, 255)]);
    const cases = points.flatMap((key) =>
      [...points, rfc8032[0]!.key].flatMap((r) =>
        [0n, 1n].map((s) => ({ key, message: Buffer.from("any"), signature: Buffer.concat([r, toBytes(s)]) })),
      ),
    );
    expect(verdicts(cases)).toEqual(cases.map(() => false));
    expect(cases.some(nodeVerifies)).toBe(true); // the reason for the rule: here a laxer verifier takes forgeries
    const asR = points.map((r) => ({
      ...rfc8032[1]!,
      signature: Buffer.concat([r, rfc8032[1]!.signature.subarray(32)]),
    }));
    expect(verdicts(asR)).toEqual(asR.map(() => false));
  });

  test(`${CASES} random cases, half of them damaged, are judged as by node:crypto`, () => {
    const draw = random(0x5eed);
    const keys = Array.from({ length: 32 }, () => generateKeyPairSync("ed25519"));
    const bytes = (n: number): Buffer => Buffer.from(Array.from({ length: n }, () => draw(256)));
    const damage: readonly ((c: Case) => Case)[] = [
      (c) => ({ ...c, signature: flip(c.signature, draw(512)) }),
      (c) => ({ ...c, message: c.message.length ? flip(c.message, draw(8 * c.message.length)) : bytes(1) }),
      (c) => ({ ...c, key: flip(c.key, draw(256)) }),
      (c) => ({ ...c, key: bytes(32) }),
      (c) => ({ ...c, signature: Buffer.concat([c.signature.subarray(0, 32), bytes(32)]) }),
      (c) => ({ ...c, signature: Buffer.concat([bytes(32), c.signature.subarray(32)]) }),
    ];
    const cases = Array.from({ length: CASES }, (_, i): Case => {
      const { publicKey, privateKey } = keys[draw(keys.length)]!;
      const message = bytes(i % 2 ? 32 : draw(300));
      const sound = { signature: sign(null, message, privateKey), message, key: rawKey(publicKey) };
      return draw(2) ? damage[draw(damage.length)]!(sound) : sound;
    });
    const expected = cases.map(nodeVerifies);
    expect(expected.filter(Boolean).length).toBeGreaterThan(CASES / 4);
    expect(verdicts(cases)).toEqual(expected);
  }, 1_800_000);
});

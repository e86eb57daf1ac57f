/**
 * Ed25519 keys that sign images. `.pith/dev.key` is made at first use, for development boards only: release builds take
 * a key file of their own and refuse it.
 */
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomUUID,
} from "node:crypto";
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { PithError } from "../error.ts";

export const PUBLIC_KEY_BYTES = 32;
/** DER of an Ed25519 SubjectPublicKeyInfo (RFC 8410) before the key itself. */
const SPKI_PREFIX = Buffer.from("302a300506032b6570032100", "hex");
/** Stands before the PEM block, so that a copy under another name is still known. */
const DEVELOPMENT_MARK = "pith development key: for development boards only, never for a release";
/** MCUboot's Ed25519 test key (root-ed25519.pem), whose private half is public: first and last bytes of its hash. */
const MCUBOOT_TEST_KEY = /^c1907fa4eac7fae3.*4e3c$/;

/** The development key of the project in `folder`; made when missing. */
export function developmentKey(folder = "."): KeyObject {
  const path = developmentKeyPath(folder);
  if (!existsSync(path)) writeKey(path, `${DEVELOPMENT_MARK}\n`, "keep");
  return parseKey(path, readKey(path));
}

export function developmentKeyPath(folder = "."): string {
  return join(folder, ".pith", "dev.key");
}

/** Makes a new key file for releases, mode 0600; throws when `path` exists. */
export function generateKeyFile(path: string): KeyObject {
  writeKey(path, "", "refuse");
  return parseKey(path, readKey(path));
}

/** Loads a PKCS#8 PEM key; with `release`, refuses the development key, also a copy or another encoding of it. */
export function loadKeyFile(path: string, options: { release?: boolean; folder?: string } = {}): KeyObject {
  const text = readKey(path);
  const key = parseKey(path, text);
  if (options.release && (text.includes(DEVELOPMENT_MARK) || isDevelopmentKey(key, options.folder)))
    throw new PithError(
      "usage",
      `key ${path}: the development key, expected a release key (make one with pith keygen)`,
    );
  return key;
}

/** The raw 32 bytes of the public half, as a board stores them. */
export function publicKeyBytes(key: KeyObject): Uint8Array {
  return Uint8Array.from(spki(key).subarray(SPKI_PREFIX.length));
}

/** A public key from its raw 32 bytes. */
export function publicKeyFromBytes(bytes: Uint8Array): KeyObject {
  if (bytes.length !== PUBLIC_KEY_BYTES)
    throw new PithError(
      "usage",
      `public key: ${bytes.length} bytes, expected ${PUBLIC_KEY_BYTES} (pass the raw Ed25519 key)`,
    );
  return createPublicKey({ key: Buffer.concat([SPKI_PREFIX, bytes]), format: "der", type: "spki" });
}

/** MCUboot's KEYHASH: SHA-256 of the DER SubjectPublicKeyInfo. */
export function keyHash(key: KeyObject): Uint8Array {
  return Uint8Array.from(createHash("sha256").update(spki(key)).digest());
}

function spki(key: KeyObject): Buffer {
  const publicKey = key.type === "private" ? createPublicKey(key) : key;
  return publicKey.export({ format: "der", type: "spki" });
}

function isDevelopmentKey(key: KeyObject, folder: string | undefined): boolean {
  const path = developmentKeyPath(folder);
  return existsSync(path) && spki(parseKey(path, readKey(path))).equals(spki(key));
}

/** Complete or absent: the file appears by a link, and the first of two writers wins. */
function writeKey(path: string, head: string, existing: "keep" | "refuse"): void {
  mkdirSync(dirname(path), { recursive: true });
  const { privateKey } = generateKeyPairSync("ed25519");
  const draft = `${path}.${randomUUID()}`;
  try {
    writeFileSync(draft, head + privateKey.export({ format: "pem", type: "pkcs8" }), { mode: 0o600, flag: "wx" });
    linkSync(draft, path);
  } catch (error) {
    if (!isExistsError(error))
      throw new PithError(
        "file-missing",
        `key ${path}: ${String(error)}, expected a writable folder (choose another path)`,
      );
    if (existing === "refuse")
      throw new PithError(
        "usage",
        `key ${path}: the file exists, expected a new path (a key that is overwritten is lost)`,
      );
  } finally {
    rmSync(draft, { force: true });
  }
}

function isExistsError(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "EEXIST";
}

function readKey(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new PithError(
      "file-missing",
      `key ${path}: ${error instanceof Error ? error.message : String(error)}, expected a PEM file (make one with pith keygen)`,
    );
  }
}

function parseKey(path: string, text: string): KeyObject {
  let key: KeyObject;
  try {
    key = createPrivateKey(text);
  } catch {
    throw new PithError(
      "file-format",
      `key ${path}: not a private key, expected unencrypted PKCS#8 PEM (make one with pith keygen)`,
    );
  }
  if (key.asymmetricKeyType !== "ed25519")
    throw new PithError(
      "file-format",
      `key ${path}: a key of type ${key.asymmetricKeyType}, expected ed25519 (make one with pith keygen)`,
    );
  if (MCUBOOT_TEST_KEY.test(Buffer.from(keyHash(key)).toString("hex")))
    throw new PithError(
      "usage",
      `key ${path}: MCUboot's published test key, expected a secret one (make one with pith keygen)`,
    );
  return key;
}

import { createHash, generateKeyPairSync } from "node:crypto";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { PithError } from "../../../sdk/error.ts";
import { defineCommand } from "../command.ts";

export const keygen = defineCommand({
  usage: "keygen",
  about: "Makes an Ed25519 signing key (PKCS#8 PEM, readable by its owner only) and its public half beside it.",
  examples: [["pith keygen -o release.key", "writes release.key and release.key.pub; never overwrites"]],
  positionals: {},
  options: {
    output: { alias: "o", type: "string", default: "pith.key", requiresArg: true, describe: "the key file to write" },
  },
  async run({ output }) {
    const publicPath = `${output}.pub`;
    for (const path of [output, publicPath])
      if (existsSync(path))
        throw new PithError(
          "usage",
          `keygen: ${path} exists, expected a new file name (devices that trust a key need it for ever)`,
        );
    const { privateKey, publicKey } = generateKeyPairSync("ed25519");
    const raw = publicKey.export({ type: "spki", format: "der" }).subarray(-32);
    mkdirSync(dirname(output), { recursive: true });
    writeFileSync(output, privateKey.export({ type: "pkcs8", format: "pem" }), { mode: 0o600, flag: "wx" });
    writeFileSync(publicPath, publicKey.export({ type: "spki", format: "pem" }), { flag: "wx" });
    const fingerprint = createHash("sha256").update(raw).digest("hex");
    return {
      result: { key: output, publicKey: publicPath, fingerprint },
      text: `${output} (secret)\n${publicPath} (public, SHA-256 ${fingerprint.slice(0, 16)}…)`,
    };
  },
});

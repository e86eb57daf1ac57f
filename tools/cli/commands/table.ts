/** The verbs: one line and one file each. A file is loaded when its verb is used. */
import type { Command } from "../command.ts";

export interface CommandEntry {
  readonly name: string;
  readonly about: string;
  load(): Promise<Command>;
}

export const COMMANDS: readonly CommandEntry[] = [
  {
    name: "demo",
    about: "the whole line on one data set, then a report",
    load: async () => (await import("./demo.ts")).demo,
  },
  { name: "init", about: "start a project", load: async () => (await import("./init.ts")).init },
  {
    name: "train",
    about: "train the recipe of a TypeScript file",
    load: async () => (await import("./train.ts")).train,
  },
  { name: "eval", about: "accuracy of a model on a data set", load: async () => (await import("./eval.ts")).evaluate },
  { name: "quantize", about: "make an int8 model", load: async () => (await import("./quantize.ts")).quantize },
  {
    name: "import",
    about: "read a .tflite model into a .pith file",
    load: async () => (await import("./import.ts")).importModel,
  },
  {
    name: "export",
    about: "write a model as C or in another format",
    load: async () => (await import("./export.ts")).exportModel,
  },
  { name: "show", about: "print the graph of a model", load: async () => (await import("./show.ts")).show },
  { name: "verify", about: "check a compiled module", load: async () => (await import("./verify.ts")).verify },
  { name: "compile", about: "compile a model for a target", load: async () => (await import("./compile.ts")).compile },
  { name: "run", about: "run a model on inputs from .npy files", load: async () => (await import("./run.ts")).run },
  { name: "flash", about: "put a build on a board", load: async () => (await import("./flash.ts")).flash },
  {
    name: "monitor",
    about: "follow a device's telemetry and drift",
    load: async () => (await import("./monitor.ts")).monitor,
  },
  { name: "runs", about: "list, show, compare and verify runs", load: async () => (await import("./runs.ts")).runs },
  { name: "boards", about: "boards that pith knows", load: async () => (await import("./boards.ts")).boards },
  {
    name: "targets",
    about: "targets that pith compiles for",
    load: async () => (await import("./targets.ts")).targets,
  },
  { name: "ports", about: "serial ports of this machine", load: async () => (await import("./ports.ts")).ports },
  { name: "doctor", about: "what this machine has and lacks", load: async () => (await import("./doctor.ts")).doctor },
  { name: "keygen", about: "make a signing key", load: async () => (await import("./keygen.ts")).keygen },
  { name: "sign", about: "sign a device image", load: async () => (await import("./sign.ts")).sign },
  { name: "bench", about: "benchmarks against other tools", load: async () => (await import("./bench.ts")).bench },
];

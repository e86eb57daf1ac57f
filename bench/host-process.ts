/** A compiled model in a process that times itself: it reads counts of inferences and answers with microseconds. */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Build } from "../sdk/compile/compile.ts";
import { hostIsa } from "../targets/native/host-isa.ts";
import { commonFlags, requireToolchain, runTool } from "../targets/native/toolchain.ts";

const mainOf = ({ name, plan }: Build): string => {
  const [input, output] = [plan.inputs[0]!, plan.outputs[0]!];
  return `#define _POSIX_C_SOURCE 199309L
#include "${name}.h"
#include <stdio.h>
#include <time.h>

static uint8_t ram[${plan.arenaBytes + plan.stateBytes + 64}] __attribute__((aligned(64)));

static double microseconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

int main(void)
{
    int n = 0;
    ${name}_init(ram);
    if (fread(ram + ${input.offset}, 1, ${input.bytes}, stdin) != ${input.bytes}) return 1;
    ${name}_infer(ram);
    for (int i = 0; i < ${output.bytes}; i++) printf("%d%c", (int)(int8_t)ram[${output.offset} + i], i == ${output.bytes - 1} ? '\\n' : ' ');
    fflush(stdout);
    while (scanf("%d", &n) == 1) {
        const double start = microseconds();
        for (int i = 0; i < n; i++) ${name}_infer(ram);
        printf("%.3f\\n", microseconds() - start);
        fflush(stdout);
    }
    return 0;
}
`;
};

export interface HostProcess {
  readonly output: Int8Array;
  time(n: number): Promise<number>;
  close(): void;
}

/** Builds and starts it; `build` is of target host, `input` its only input. */
export async function startHost(build: Build, input: Int8Array): Promise<HostProcess> {
  const toolchain = await requireToolchain("host");
  const folder = mkdtempSync(join(tmpdir(), "pith-bench-"));
  writeFileSync(join(folder, `${build.name}.c`), build.native!.c);
  writeFileSync(join(folder, `${build.name}.h`), build.native!.h);
  writeFileSync(join(folder, "main.c"), mainOf(build));
  await runTool(
    toolchain.cc,
    [...commonFlags("."), ...hostIsa().flags, `${build.name}.c`, "main.c", "-o", "model"],
    folder,
  );
  const child: ChildProcessWithoutNullStreams = spawn(join(folder, "model"));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<string> => `${(await lines.next()).value}`;
  child.stdin.write(new Uint8Array(input.buffer, input.byteOffset, input.byteLength));
  const output = Int8Array.from((await next()).split(" "), Number);
  return {
    output,
    time: async (n) => {
      child.stdin.write(`${n}\n`);
      return Number(await next());
    },
    close: () => void child.stdin.end(),
  };
}

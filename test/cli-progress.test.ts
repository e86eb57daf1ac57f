import { expect, test } from "vitest";
import { createProgress } from "../tools/cli/progress.ts";

function sink(isTTY: boolean): { isTTY: boolean; columns: number; text: string; write(text: string): void } {
  return {
    isTTY,
    columns: 60,
    text: "",
    write(text) {
      this.text += text;
    },
  };
}

test("off a terminal: a line every five seconds, nothing for short work", () => {
  const out = sink(false);
  let now = 0;
  const progress = createProgress(out, () => now);
  for (now = 0; now <= 11_000; now += 1000) progress.update("train", now / 12_000, "loss 1");
  progress.done("done");
  expect(out.text).toBe("train 41 %  loss 1\ntrain 83 %  loss 1\ndone\n");
  const short = sink(false);
  const quick = createProgress(short, () => 0);
  quick.update("run", 0.5);
  quick.update("run", 1);
  quick.done();
  expect(short.text).toBe("");
});

test("on a terminal: one line that is redrawn, never wider than the terminal, and gone at the end", () => {
  const out = sink(true);
  const progress = createProgress(out, () => 0);
  progress.update("train", 0.5, "a note that is far too long for the width of this terminal");
  progress.done();
  expect(out.text).toContain("████████████░░░░░░░░░░░░ 50 %");
  expect(out.text.endsWith("\r\x1b[2K")).toBe(true);
  expect(out.text.indexOf("\r")).toBeLessThan(60);
});

/** Progress of long work on stderr: a bar on a terminal, a line every few seconds elsewhere, nothing with --json. */

export interface Progress {
  /** `fraction` in [0, 1]; `note` is short. */
  update(label: string, fraction: number, note?: string): void;
  /** Ends the bar, leaving one line. */
  done(line?: string): void;
}

interface Sink {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

const BAR_CELLS = 24;
const PLAIN_EVERY_MS = 5000;
const DRAW_EVERY_MS = 50;

export const silentProgress: Progress = { update: () => undefined, done: () => undefined };

export function createProgress(sink: Sink, clock: () => number = Date.now): Progress {
  let last: number | undefined;
  let drawn = false;
  const clear = (): void => {
    if (drawn) sink.write("\r\x1b[2K");
    drawn = false;
  };
  return {
    update(label, fraction, note = "") {
      const now = clock();
      // Elsewhere than on a terminal, short work prints nothing.
      if (last === undefined && !sink.isTTY) last = now;
      const due = last === undefined || now - last >= (sink.isTTY ? DRAW_EVERY_MS : PLAIN_EVERY_MS);
      if (!due && !(sink.isTTY && fraction >= 1)) return;
      last = now;
      const percent = `${Math.floor(Math.min(1, Math.max(0, fraction)) * 100)} %`.padStart(5);
      if (!sink.isTTY) {
        sink.write(`${label} ${percent.trim()}${note && `  ${note}`}\n`);
        return;
      }
      const full = Math.round(Math.min(1, Math.max(0, fraction)) * BAR_CELLS);
      const text = `${label} ${"█".repeat(full)}${"░".repeat(BAR_CELLS - full)}${percent}${note && `  ${note}`}`;
      clear();
      sink.write(text.slice(0, (sink.columns ?? 80) - 1));
      drawn = true;
    },
    done(line) {
      clear();
      last = undefined;
      if (line) sink.write(`${line}\n`);
    },
  };
}

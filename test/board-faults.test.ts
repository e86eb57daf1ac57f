import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { RandomStream } from "../sdk/data/random-stream.ts";
import { parseImage } from "../sdk/device/image.ts";
import { boardNamed } from "../targets/index.ts";
import {
  BOARD_NAMES,
  BoardRig,
  boardMissing,
  expectedOf,
  inferOn,
  type TestModel,
  testModel,
} from "./support/board-rig.ts";

const KILLS = 20;
/** Bytes of a chunk at most: the agent's message, less its overhead. */
const CHUNK_BYTES = 2048;
const reasons = new Map(await Promise.all(BOARD_NAMES.map(async (name) => [name, await boardMissing(name)] as const)));

/** What one try of an upload came to. */
interface Try {
  /** Offsets that the board asked for, in order. */
  readonly offsets: readonly number[];
  readonly isFinished: boolean;
}

describe.each(BOARD_NAMES)("an upload to %s", (name) => {
  const reason = reasons.get(name);
  if (reason !== undefined) {
    test.skip(`skipped: ${reason}`, () => {});
    return;
  }
  const rig = new BoardRig(name);
  let small: TestModel;
  let large: TestModel;
  let image: Uint8Array;

  beforeAll(async () => {
    small = await testModel(name, { inputs: 17, classes: 9, seed: 1 });
    large = await testModel(name, { inputs: 256, classes: 9, seed: 2 });
    image = rig.image(large, { version: "2.0.0", securityCounter: 2 });
    await rig.powerOn(true);
    await rig.connect();
    await rig.device.install(rig.image(small));
  }, 300_000);
  afterAll(() => rig.dispose());

  /** Uploads until `until` bytes have arrived, lets `delayMs` pass, then does `cut` in the middle of what goes on. */
  async function tryUpload(until: number, delayMs: number, cut: () => Promise<void>): Promise<Try> {
    const offsets: number[] = [];
    const controller = new AbortController();
    let cutting: Promise<void> | undefined;
    const begin = async (): Promise<void> => {
      await new Promise((done) => setTimeout(done, delayMs));
      await cut();
      controller.abort(new Error("cut"));
    };
    const isFinished = await rig.device
      .upload(image, {
        signal: controller.signal,
        onProgress: ({ sent }) => {
          offsets.push(sent);
          if (sent >= until) cutting ??= begin();
        },
      })
      .then(() => true)
      .catch(() => false);
    await cutting;
    return { offsets, isFinished };
  }

  test(`cut off ${KILLS} times, by the board's power or the link in turn, goes on where it was, and is installed`, async () => {
    const { sectorBytes } = boardNamed(name).flash;
    const random = new RandomStream(0x71e, [0, 0]);
    const moments = Array.from({ length: KILLS }, () => Math.floor(random.uniform() * image.length * 0.95)).sort(
      (a, b) => a - b,
    );
    let acknowledged = 0;
    let finished = false;
    const lost: Record<"board" | "link", number[]> = { board: [], link: [] };
    for (const [i, moment] of moments.entries()) {
      const kind = i % 2 === 0 ? "board" : "link";
      // Short delays: the virtual board takes a kilobyte a millisecond.
      const got = await tryUpload(moment, random.uniform() * 2, async () => {
        if (kind === "board") await rig.cutPower();
        else await rig.disconnect();
      });
      const previous = i === 0 ? undefined : i % 2 === 0 ? "link" : "board";
      // The first answer is the offset that the board resumes at; a board that starts again takes the first chunk.
      const resumed = got.offsets[0] ?? 0;
      // Nothing was cut of an upload that finished first; the next one sends its last sector again.
      if (previous && !finished)
        lost[previous].push(Math.max(0, acknowledged - (resumed <= CHUNK_BYTES ? 0 : resumed)));
      acknowledged = Math.max(0, ...got.offsets);
      if (kind === "board") await rig.powerOn();
      await rig.connect();
      const { active, isConfirmed, securityCounter } = await rig.device.info();
      expect({ active, isConfirmed, securityCounter }).toEqual({ active: 0, isConfirmed: true, securityCounter: 1 });
      expect(await inferOn(rig.device, small, i)).toEqual(expectedOf(small, i));
      finished = got.isFinished;
      if (finished) acknowledged = image.length;
    }
    console.log(
      `${name}: bytes sent again after a lost board ${lost.board.join(" ")}; after a lost link ${lost.link.join(" ")} (each and the opening chunk)`,
    );
    expect(lost.board.length + lost.link.length, "uploads that were cut").toBeGreaterThan(KILLS / 2);
    expect(Math.max(...lost.board)).toBeLessThanOrEqual(sectorBytes);
    expect(Math.max(...lost.link)).toBeLessThanOrEqual(CHUNK_BYTES);
    await rig.device.install(image);
    expect(await rig.device.info()).toMatchObject({ active: 1, isConfirmed: true, securityCounter: 2 });
    for (let s = 0; s < 5; s++) expect(await inferOn(rig.device, large, s)).toEqual(expectedOf(large, s));
  }, 300_000);

  test("that nothing disturbs has its goodput reported, and the image it leaves is the one that was sent", async () => {
    const other = rig.image(large, { version: "2.0.1", securityCounter: 2 });
    let bytesPerSecond = 0;
    await rig.device.upload(other, { onProgress: (progress) => (bytesPerSecond = progress.bytesPerSecond) });
    console.log(`${name}: ${other.length} bytes at ${Math.round(bytesPerSecond / 1000)} KB/s`);
    expect((await rig.device.images()).map(({ hash }) => hash)).toContainEqual(Uint8Array.from(parseImage(other).hash));
  }, 120_000);
});

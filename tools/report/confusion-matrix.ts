/** Rows are true classes, columns predictions; a cell's shade is its share of the row. */
import { chart, escapeText, tag, text } from "./svg.ts";

const CELL = 64;
const [LEFT, TOP] = [110, 48];

export function confusionMatrix(confusion: readonly (readonly number[])[], classes: readonly string[]): string {
  const n = confusion.length;
  const cells = confusion.flatMap((row, i) => {
    const total = Math.max(
      1,
      row.reduce((sum, v) => sum + v, 0),
    );
    return row.map((count, j) => {
      const share = count / total;
      const title = tag("title", {}, escapeText(`${classes[i]} taken for ${classes[j]}: ${count} of ${total}`));
      const box = tag("rect", {
        x: LEFT + j * CELL + 1,
        y: TOP + i * CELL + 1,
        width: CELL - 2,
        height: CELL - 2,
        rx: 4,
        class: i === j ? "cell right" : "cell wrong",
        "fill-opacity": count === 0 ? 0.04 : 0.15 + 0.85 * share,
      });
      const label = text(LEFT + j * CELL + CELL / 2, TOP + i * CELL + CELL / 2 + 5, String(count), {
        "text-anchor": "middle",
        class: share > 0.5 ? "count on" : "count",
      });
      return tag("g", {}, title + box + label);
    });
  });
  const names = classes
    .slice(0, n)
    .flatMap((name, i) => [
      text(LEFT - 10, TOP + i * CELL + CELL / 2 + 4, short(name), { "text-anchor": "end", class: "tick" }),
      text(LEFT + i * CELL + CELL / 2, TOP - 10, short(name), { "text-anchor": "middle", class: "tick" }),
    ]);
  const axis = text(LEFT, 16, "columns: what the model says; rows: what it is", { class: "tick" });
  const correct = confusion.reduce((sum, row, i) => sum + row[i]!, 0);
  const all = confusion.flat().reduce((sum, v) => sum + v, 0);
  return chart(
    LEFT + n * CELL + 8,
    TOP + n * CELL + 8,
    "Confusion matrix",
    `${correct} of ${all} test samples are right.`,
    [axis, ...names, ...cells].join(""),
  );
}

const short = (name: string): string => (name.length > 11 ? `${name.slice(0, 10)}…` : name);

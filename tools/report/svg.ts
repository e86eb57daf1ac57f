/** Pieces of SVG and HTML as strings; every text is escaped here. */

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

export const escapeText = (text: string): string => text.replace(/[&<>"']/g, (c) => ENTITIES[c]!);

type Attributes = Readonly<Record<string, string | number | undefined>>;

/** An element; `children` is markup already. */
export function tag(name: string, attributes: Attributes, children = ""): string {
  const list = Object.entries(attributes).flatMap(([key, value]) =>
    value === undefined ? [] : [` ${key}="${typeof value === "number" ? round(value) : escapeText(value)}"`],
  );
  return `<${name}${list.join("")}>${children}</${name}>`;
}

export const text = (x: number, y: number, content: string, attributes: Attributes = {}): string =>
  tag("text", { x, y, ...attributes }, escapeText(content));

export const round = (value: number): string => String(Math.round(value * 100) / 100);

/** A chart: an SVG that scales with its column and says what it shows to those who cannot see it. */
export function chart(width: number, height: number, title: string, description: string, body: string): string {
  return tag(
    "svg",
    {
      viewBox: `0 0 ${width} ${height}`,
      width: "100%",
      role: "img",
      "aria-label": `${title}. ${description}`,
      class: "chart",
    },
    `${tag("title", {}, escapeText(title))}${tag("desc", {}, escapeText(description))}${body}`,
  );
}

export type Scale = (value: number) => number;

export const linear = (domain: readonly [number, number], range: readonly [number, number]): Scale => {
  const span = domain[1] - domain[0] || 1;
  return (value) => range[0] + ((value - domain[0]) / span) * (range[1] - range[0]);
};

/** Round values that cover [0 or min, max]: steps of 1, 2 or 5 times a power of ten. */
export function ticks(min: number, max: number, count: number): readonly number[] {
  const raw = (max - min || 1) / count;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = power * ([1, 2, 5, 10].find((m) => m * power >= raw) ?? 10);
  const first = Math.ceil(min / step - 1e-9);
  const last = Math.floor(max / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

export const path = (points: readonly (readonly [number, number])[]): string =>
  points.map(([x, y], i) => `${i === 0 ? "M" : "L"}${round(x)} ${round(y)}`).join("");

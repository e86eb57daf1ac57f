/** One HTML file: no script, no network, light and dark. */
import { STYLE } from "./style.ts";
import { escapeText, tag } from "./svg.ts";

/** `body` is markup already. */
export const page = (title: string, body: readonly string[]): string =>
  `<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark"><title>${escapeText(title)}</title><style>${STYLE}</style></head>\n<body><main>\n${body.join("\n")}\n</main></body></html>\n`;

export const section = (title: string, content: string): string =>
  tag("section", {}, tag("h2", {}, escapeText(title)) + content);

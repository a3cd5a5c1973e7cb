// The parts of pages: sections, tables and pictures, and the frame around them. A page is
// one self-contained file: pictures and style are inside.

import { type Content, Html, html } from "./html.ts";
import type { Picture } from "./figures/picture.ts";

/** Dark on light, and light on dark where the reader prefers that. */
const STYLE = `
:root { color-scheme: light dark; --line: #c8c8c8; --quiet: #595959; }
@media (prefers-color-scheme: dark) { :root { --line: #555; --quiet: #b5b5b5; } }
body { font: 16px/1.5 system-ui, "DejaVu Sans", Verdana, sans-serif; margin: 0 auto;
  max-width: 76rem; padding: 1rem 1.5rem 4rem; }
h1 { font-size: 1.6rem; margin-bottom: 0; }
h2 { font-size: 1.2rem; border-bottom: 1px solid var(--line); margin-top: 2.5rem; }
header p { margin: .25rem 0; }
.status, caption, figcaption, .notes { color: var(--quiet); font-size: .9rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
caption { text-align: left; padding-bottom: .25rem; }
th, td { text-align: right; padding: .2rem .75rem; border-bottom: 1px solid var(--line); }
thead th, tbody th, .settings td { text-align: left; font-weight: normal; }
thead th { font-weight: 600; vertical-align: bottom; }
thead th.number { text-align: right; }
.settings td { overflow-wrap: anywhere; }
.pictures { display: grid; gap: 1.5rem;
  grid-template-columns: repeat(auto-fill, minmax(min(28rem, 100%), 1fr)); }
figure { margin: 0; max-width: 100%; }
figure img { background: white; max-width: 100%; height: auto; }
figcaption { max-width: 34rem; }
.warning strong { color: #b3261e; }
@media (prefers-color-scheme: dark) { .warning strong { color: #f2b8b5; } }
`;

/** A whole page. */
export function page(
  { title, content, script }: {
    readonly title: string;
    readonly content: Html;
    /** A program for the page, where it is served. */
    readonly script?: string;
  },
): string {
  return html`
    <!DOCTYPE html>
    <html lang="en">
      <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <link rel="icon" href="data:,">
        <title>${title}</title>
        <style>${new Html(STYLE)}</style>
      </head>
      <body>
    <div id="report">${content}</div>
    ${script === undefined ? null : html`<script>${new Html(script)}</script>`}
      </body>
    </html>
  `.toString().trimStart().replaceAll(/[ \t]+$/gm, "");
}

/** A part of a page under a heading, which is also its name. */
export function section(title: string, content: Content): Html {
  const id = title.toLowerCase().replace(/[^a-z0-9]+/g, "-");
  return html`<section aria-labelledby="${id}">
<h2 id="${id}">${title}</h2>
${content}
</section>`;
}

/** A table as data. */
export interface TableOptions {
  readonly caption: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** How many columns name the row. */
  readonly headings: number;
}

/** A table with headings of columns and rows. */
export function table(
  { caption, head, rows, headings }: TableOptions,
): Html {
  return html`
    <div class="scroll" tabindex="0" role="group" aria-label="${caption}">
      <table>
        <caption>${caption}</caption>
        <thead>
          <tr>${head.map((title, i) =>
            i < headings
              ? html`<th scope="col">${title}</th>`
              : html`<th scope="col" class="number">${title}</th>`
          )}</tr>
        </thead>
        <tbody>
    ${rows.map((row) =>
      html`
        <tr>${row.map((cell, i) =>
          i < headings
            ? html`<th scope="row">${cell}</th>`
            : html`<td>${cell}</td>`
        )}</tr>
      `
    )}</tbody>
      </table>
    </div>
  `;
}

/** Plain data, a row for every value under the path to it. */
export function settingsTable(caption: string, settings: object): Html {
  return html`
    <div class="scroll" tabindex="0" role="group" aria-label="${caption}">
      <table class="settings">
        <caption>${caption}</caption>
        <tbody>
    ${leaves(settings, "").map(([path, value]) =>
      html`
        <tr>
          <th scope="row">${path}</th>
          <td>${value}</td>
        </tr>
      `
    )}</tbody>
      </table>
    </div>
  `;
}

function leaves(value: unknown, path: string): [string, string][] {
  if (typeof value !== "object" || value === null) {
    return [[path, String(value)]];
  }
  const entries = Object.entries(value);
  if (entries.length === 0) return [[path, "none"]];
  return entries.flatMap(([key, inner]) =>
    leaves(inner, path === "" ? key : `${path}.${key}`)
  );
}

/** A picture with its title and description. */
export function pictureFigure({ title, description, svg }: Picture): Html {
  const data = new TextEncoder().encode(svg).toBase64();
  return html`
    <figure>
      <img src="data:image/svg+xml;base64,${data}"
        alt="${title}. ${description}">
      <figcaption>${description}</figcaption>
    </figure>
  `;
}

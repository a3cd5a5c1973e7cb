// The parts of pages: sections, tables and pictures, and the frame around them. A page is
// one self-contained file: pictures and style are inside.

import { type Content, Html, html } from "./html.ts";
import type { Picture } from "./figures/picture.ts";
import { STYLE } from "./style.ts";

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
      <table class="results">
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
          i < headings && cell !== ""
            ? rowHeading(cell, head[i]!)
            : html`<td>${cell}</td>`
        )}</tr>
      `
    )}</tbody>
      </table>
    </div>
  `;
}

/** A row's name; a number has the name of its column with it, for narrow screens. */
function rowHeading(cell: string, column: string): Html {
  return /^\d/.test(cell)
    ? html`<th scope="row" data-column="${column}">${cell}</th>`
    : html`<th scope="row">${cell}</th>`;
}

/** Contents that are folded away until the reader opens them. */
export function folded(title: string, content: Content): Html {
  return html`
    <details>
      <summary>${title}</summary>
    ${content}
    </details>
  `;
}

/** Pictures side by side, as many as there is room for. */
export function gallery(pictures: readonly Picture[]): Html {
  return html`<div class="pictures">${pictures.map(pictureFigure)}</div>`;
}

/** Pixels beyond which a picture is scrolled on a narrow screen, and not made smaller. */
const WIDE = 640;

/** A picture with its title and description. */
function pictureFigure({ title, description, svg }: Picture): Html {
  const data = new TextEncoder().encode(svg).toBase64();
  const image = html`
    <img src="data:image/svg+xml;base64,${data}"
      alt="${title}. ${description}">
  `;
  const width = Number(/\bwidth="(\d+)/.exec(svg)?.[1] ?? 0);
  return html`
    <figure>
      ${width <= WIDE ? image : html`
        <div class="scroll wide" tabindex="0" role="group" aria-label="${title}">
        ${image}
        </div>
      `}
      <figcaption>${description}</figcaption>
    </figure>
  `;
}

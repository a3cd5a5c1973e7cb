// Settings as a table: a row for every value, named by its path as in `--set`.

import { type Html, html } from "./html.ts";

/** Plain data, a row for every value under the path to it. */
export function settingsTable(caption: string, settings: object): Html {
  return html`
    <div class="scroll" tabindex="0" role="group" aria-label="${caption}">
      <table class="settings">
        <caption>${caption}</caption>
        <tbody>
    ${leaves(settings).map(([path, value]) =>
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

/** Every value under the path to it; lists of plain values are one. */
export function leaves(value: unknown, path = ""): [string, string][] {
  if (typeof value !== "object" || value === null) {
    return [[path, String(value)]];
  }
  const entries = Object.entries(value);
  if (entries.length === 0) return [[path, "none"]];
  if (Array.isArray(value) && value.every((one) => typeof one !== "object")) {
    return [[path, value.join(", ")]];
  }
  return entries.flatMap(([key, inner]) =>
    leaves(inner, path === "" ? key : `${path}.${key}`)
  );
}

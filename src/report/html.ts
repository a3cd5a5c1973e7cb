// HTML templates. Values are escaped, unless they are HTML that another template made, or
// are marked as HTML.

/** Text that is HTML already. */
export class Html {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  toString(): string {
    return this.#text;
  }
}

/** The values of a template. Lists are joined, and null or undefined is left out. */
export type Content =
  | string
  | number
  | Html
  | null
  | undefined
  | readonly Content[];

/** A piece of HTML with values put in. */
export function html(
  strings: TemplateStringsArray,
  ...values: readonly Content[]
): Html {
  return new Html(
    strings.map((text, i) =>
      text + (i < values.length ? textOf(values[i]) : "")
    )
      .join(""),
  );
}

function textOf(content: Content): string {
  if (content === null || content === undefined) return "";
  if (content instanceof Html) return content.toString();
  if (Array.isArray(content)) return content.map(textOf).join("");
  return escaped(String(content));
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Text as HTML that shows it, in attributes too. */
function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character]!);
}

/**
 * Stands in for `@std/cli/parse-args` where JSR cannot be reached. It parses
 * what the original documents, with one exception: a dotted name, which the
 * original makes into nested objects, is refused.
 *
 * @module
 */

import type { Aliases, Args, ParseOptions, Values } from "./options.ts";

export type { Args, ParseOptions } from "./options.ts";

/**
 * Sorts the words of a command line into options and the rest.
 *
 * `--name value` and `--name=value` set an option, as do `-n value`, `-n=value`
 * and `-n5`; without a value the option is true. A value that reads as a number
 * is one unless `string` names the option. The last value wins unless `collect`
 * names it. After `--` nothing is parsed.
 */
export function parseArgs<
  B extends string | boolean = never,
  S extends string = never,
  C extends string = never,
  N extends string = never,
  D extends Record<string, unknown> = Record<never, never>,
  Alias extends string = string,
  A extends Aliases<Alias> = Record<never, never>,
  DD extends boolean = false,
>(
  args: readonly string[],
  options: ParseOptions<B, S, C, N, D, A, DD> = {},
): Args<Values<B, S, C, N, D, A>, DD> {
  const end = args.indexOf("--");
  const words = end < 0 ? args : args.slice(0, end);
  const unparsed = end < 0 ? [] : args.slice(end + 1);
  const parser = new Parser(options as ParseOptions);
  parser.parse(words);
  parser.fillIn(options.default ?? {});
  const result = parser.result as Args;
  if (options["--"]) result["--"] = unparsed;
  else result._.push(...unparsed);
  return result as Args<Values<B, S, C, N, D, A>, DD>;
}

class Parser {
  readonly result: Args = { _: [] };
  readonly #aliases: ReadonlyMap<string, ReadonlySet<string>>;
  readonly #boolean: ReadonlySet<string>;
  readonly #collect: ReadonlySet<string>;
  readonly #negatable: ReadonlySet<string>;
  readonly #string: ReadonlySet<string>;
  readonly #options: ParseOptions;

  constructor(options: ParseOptions) {
    this.#options = options;
    this.#aliases = aliasSets(options.alias ?? {});
    this.#boolean = this.#names(options.boolean);
    this.#collect = this.#names(options.collect);
    this.#negatable = this.#names(options.negatable);
    this.#string = this.#names(options.string);
  }

  parse(words: readonly string[]): void {
    for (let i = 0; i < words.length; i++) {
      const [word = "", next] = [words[i], words[i + 1]];
      if (/^--./.test(word)) {
        if (this.#long(word, next)) i++;
      } else if (/^-./.test(word)) {
        if (this.#short(word, next)) i++;
      } else {
        this.#positional(word);
        if (!this.#options.stopEarly) continue;
        this.result._.push(...words.slice(i + 1));
        return;
      }
    }
  }

  /** Gives every option that was not set the value it has then. */
  fillIn(defaults: Record<string, unknown>): void {
    for (const [name, value] of Object.entries(defaults)) {
      if (this.#has(name)) continue;
      for (const one of this.#withAliases(name)) this.result[one] = value;
    }
    for (const name of this.#boolean) {
      if (this.#has(name)) continue;
      this.result[name] = this.#collect.has(name) ? [] : false;
    }
    for (const name of this.#string.intersection(this.#collect)) {
      if (!this.#has(name)) this.result[name] = [];
    }
  }

  /** `--name`, `--name=value`, `--no-name`. Whether `next` was its value. */
  #long(word: string, next: string | undefined): boolean {
    const [, name = "", value] = word.match(/^--([^=]+)(?:=(.*))?$/s) ??
      [word, word.slice(2)];
    if (value !== undefined) {
      this.#set(
        name,
        this.#boolean.has(name) ? value !== "false" : value,
        word,
      );
      return false;
    }
    const positive = name.replace(/^no-/, "");
    if (positive !== name && this.#negatable.has(positive)) {
      this.#set(positive, false, word, { replace: true });
      return false;
    }
    const takesNext = this.#options.boolean !== true && !next?.startsWith("-");
    return this.#setWithNext(name, next, { word, takesNext });
  }

  /** `-a`, `-abc`, `-n5`, `-n=value`. Whether `next` was the last's value. */
  #short(word: string, next: string | undefined): boolean {
    for (let i = 1; i < word.length; i++) {
      const [name = "", rest] = [word[i], word.slice(i + 1)];
      if (rest === "") {
        const takesNext = !/^--?[^-]/.test(next ?? "");
        return this.#setWithNext(name, next, { word, takesNext });
      }
      if (rest.startsWith("=")) {
        this.#set(name, rest.slice(1), word);
        return false;
      }
      const number = /^-?\d+(\.\d*)?(e-?\d+)?$/.test(rest);
      if ((number && /[A-Za-z]/.test(name)) || /^\W/.test(rest)) {
        this.#set(name, rest, word);
        return false;
      }
      this.#set(name, this.#string.has(name) ? "" : true, word);
    }
    return false;
  }

  #positional(word: string): void {
    if (this.#options.unknown?.(word) === false) return;
    this.result._.push(
      this.#string.has("_") || !isNumber(word) ? word : Number(word),
    );
  }

  /** Sets an option that has no value of its own in the word. */
  #setWithNext(
    name: string,
    next: string | undefined,
    { word, takesNext }: { word: string; takesNext: boolean },
  ): boolean {
    if (next && takesNext && !this.#boolean.has(name)) {
      this.#set(name, next, word);
      return true;
    }
    if (next === "true" || next === "false") {
      this.#set(name, next === "true", word);
      return true;
    }
    this.#set(name, this.#string.has(name) ? "" : true, word);
    return false;
  }

  #set(
    name: string,
    value: string | boolean,
    word: string,
    { replace = false } = {},
  ): void {
    if (!this.#declares(name, word)) {
      if (this.#options.unknown?.(word, name, value) === false) return;
    }
    if (name.includes(".")) {
      throw new TypeError(`Cannot parse "${word}": names have no dots here`);
    }
    if (name === "__proto__") return;
    const typed = this.#typed(name, value);
    for (const one of this.#withAliases(name)) {
      if (replace || !this.#collect.has(one)) this.result[one] = typed;
      else if (Array.isArray(this.result[one])) this.result[one].push(typed);
      else this.result[one] = [typed];
    }
  }

  #declares(name: string, word: string): boolean {
    return this.#boolean.has(name) || this.#string.has(name) ||
      this.#collect.has(name) || this.#aliases.has(name) ||
      this.#options.boolean === true && /^--[^=]+$/.test(word);
  }

  #typed(name: string, value: string | boolean): string | boolean | number {
    return typeof value === "string" && !this.#string.has(name) &&
        isNumber(value)
      ? Number(value)
      : value;
  }

  #has(name: string): boolean {
    return Object.hasOwn(this.result, name);
  }

  #names(listed: string | boolean | readonly string[] = []): Set<string> {
    if (typeof listed === "boolean") return new Set();
    const names = typeof listed === "string" ? [listed] : listed;
    return new Set(names.flatMap((name) => this.#withAliases(name)));
  }

  #withAliases(name: string): string[] {
    return [name, ...this.#aliases.get(name) ?? []];
  }
}

/** For every name, the others that mean the same. */
function aliasSets(alias: Aliases<string>): Map<string, Set<string>> {
  const sets = new Map<string, Set<string>>();
  for (const [name, value] of Object.entries(alias)) {
    if (value === undefined) throw new TypeError("Alias value must be defined");
    const same = new Set([
      name,
      ...typeof value === "string" ? [value] : value,
    ]);
    for (const one of same) {
      sets.set(one, same.difference(new Set([one])));
    }
  }
  return sets;
}

function isNumber(text: string): boolean {
  return text.trim() !== "" && Number.isFinite(Number(text));
}

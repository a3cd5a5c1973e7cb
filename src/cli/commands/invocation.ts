// The words behind a command as arguments and options, or an error that names the wrong
// word. `cli.ts` passes in the parser that splits words into options.

import { didYouMean } from "../../base/suggest.ts";
import { UsageError } from "../../base/errors.ts";
import type { Option, Syntax } from "./syntax.ts";

/** The parser's settings: option names by type. */
export interface ParserOptions {
  readonly boolean: string[];
  readonly string: string[];
  readonly collect: string[];
  readonly alias: { readonly help: "h" };
  /** Called for each word that no option declares; returns whether to keep it. */
  readonly unknown: (word: string, name?: string) => boolean;
}

/** Options by name and other words, as the parser found them. */
export interface Parsed {
  readonly _: readonly (string | number)[];
  readonly [name: string]: unknown;
}

/** Splits words into options and other words. */
export type Parser = (
  words: readonly string[],
  options: ParserOptions,
) => Parsed;

const HELP: Option = { name: "help", about: "Show this text" };

/** Every option of a command, including those that all commands have. */
export function optionsOf({ options }: Syntax): readonly Option[] {
  return [...options, HELP];
}

/** A command's arguments and options. */
export class Invocation {
  /** The first argument. */
  readonly argument: string | undefined;
  /** All arguments. */
  readonly args: readonly string[];
  readonly #parsed: Parsed;

  private constructor(parsed: Parsed) {
    this.#parsed = parsed;
    this.args = parsed._.map(String);
    this.argument = this.args[0];
  }

  /**
   * Parses the words behind a command.
   *
   * @throws {UsageError} for words that the command does not take, and values that
   * are missing.
   */
  static read(
    command: Syntax,
    words: readonly string[],
    parse: Parser,
  ): Invocation {
    const options = optionsOf(command);
    const names = (wanted: (option: Option) => boolean): string[] =>
      options.filter(wanted).map(({ name }) => name);
    const unknown: string[] = [];
    const parsed = parse(words, {
      boolean: names(({ value }) => value === undefined),
      string: ["_", ...names(({ value }) => value !== undefined)],
      collect: names(({ many }) => many === true),
      alias: { help: "h" },
      unknown: (word, name) => {
        if (name !== undefined) unknown.push(word);
        return name === undefined;
      },
    });
    const invocation = new Invocation(parsed);
    if (invocation.flag("help")) return invocation;
    if (unknown[0] !== undefined) throw unknownOption(command, unknown[0]);
    checkValues(command, parsed);
    checkArguments(command, parsed._.map(String));
    return invocation;
  }

  /** Whether an option without a value was given. */
  flag(name: string): boolean {
    return this.#parsed[name] === true;
  }

  /** The value of an option; the last one where it was given several times. */
  value(name: string): string | undefined {
    return this.#parsed[name] as string | undefined;
  }

  /** The values of an option that may be given several times. */
  values(name: string): readonly string[] {
    return this.#parsed[name] as readonly string[] | undefined ?? [];
  }

  /**
   * The value of an option as a whole number.
   *
   * @throws {UsageError} if it is anything else, or less than `least`.
   */
  whole(
    name: string,
    { least }: { readonly least: number },
  ): number | undefined {
    const text = this.value(name);
    if (text === undefined) return undefined;
    const value = /^\d+$/.test(text) ? Number(text) : NaN;
    if (Number.isSafeInteger(value) && value >= least) return value;
    throw new UsageError(
      `Cannot use --${name} ${text}: expected a whole number of at least ` +
        `${least} but found ${text}`,
    );
  }
}

function unknownOption(command: Syntax, word: string): UsageError {
  const written = word.replace(/=.*$/s, "");
  const names = optionsOf(command).map(({ name }) => `--${name}`);
  return new UsageError(
    `Cannot run ${command.name}: expected one of the options ${
      names.join(", ")
    } ` +
      `but found ${written}${didYouMean(written, names)}`,
  );
}

function checkValues(command: Syntax, parsed: Parsed): void {
  for (const { name, value } of optionsOf(command)) {
    if (value === undefined) continue;
    const given = parsed[name];
    const all = Array.isArray(given) ? given : [given];
    if (!all.includes("")) continue;
    throw new UsageError(
      `Cannot run ${command.name}: expected --${name} ${value} but found no ` +
        "value behind it",
    );
  }
}

function checkArguments(
  { name, argument }: Syntax,
  words: readonly string[],
): void {
  const most = argument?.many ? Infinity : argument ? 1 : 0;
  const extra = words[most];
  if (extra !== undefined) {
    throw new UsageError(
      `Cannot run ${name}: expected ${
        argument ? `one ${argument.name}` : "options alone"
      } but found ${extra} as well`,
    );
  }
  if (argument?.required && words.length === 0) {
    throw new UsageError(
      `Cannot run ${name}: expected ${argument.name} (${argument.about}) but found ` +
        "nothing",
    );
  }
}

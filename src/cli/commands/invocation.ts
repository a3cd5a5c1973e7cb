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

/** What help calls the value of an option that takes settings, one or several. */
const KEY_AND_VALUE = "KEY=VALUE";

/** A setting, such as optimizer.weightDecay=5e-4, and no path. */
const SETTING = /^[\w.-]+=/;

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
    const parsed = parse(writtenOut(options, words), {
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

  /** The words that say the same, as far as arguments and these options go. */
  words(options: readonly Option[]): string[] {
    return [
      ...this.args,
      ...options.flatMap(({ name, value, many }) => {
        if (value === undefined) return this.flag(name) ? [`--${name}`] : [];
        const values = many ? this.values(name) : [this.value(name)];
        return values.flatMap((one) =>
          one === undefined ? [] : [`--${name}=${one}`]
        );
      }),
    ];
  }

  /**
   * The value of an option as a whole number.
   *
   * @throws {UsageError} if it is anything else, less than `least` or above `most`.
   */
  whole(
    name: string,
    { least, most = Infinity }: {
      readonly least: number;
      readonly most?: number;
    },
  ): number | undefined {
    const text = this.value(name);
    if (text === undefined) return undefined;
    const value = /^\d+$/.test(text) ? Number(text) : NaN;
    const fits = value >= least && value <= most;
    if (Number.isSafeInteger(value) && fits) return value;
    const range = most === Infinity
      ? `of at least ${least}`
      : `from ${least} to ${most}`;
    throw new UsageError(
      `Cannot use --${name} ${text}: expected a whole number ${range} but ` +
        `found ${text}`,
    );
  }
}

/**
 * The words in the one way that a parser understands: the word behind an option that may
 * stand alone is not its value, and all settings behind a `--set` are its values.
 */
function writtenOut(
  options: readonly Option[],
  words: readonly string[],
): string[] {
  const written: string[] = [];
  /** The option that takes the settings behind it, and whether it still has none. */
  let taker = "", isEmpty = false;
  let lacksValue = false, isDashed = false;
  for (const word of words) {
    const [, name = "", value] = /^--([^=]+)(=|$)/.exec(word) ?? [];
    const option = options.find((one) => one.name === name);
    if (lacksValue && (isDashed || /^-[\d.]/.test(word))) {
      // Options of another program, or a negative number: they look like an option.
      written.push(`${written.pop()}=${word}`);
      lacksValue = isDashed = isEmpty = false;
      continue;
    }
    lacksValue = value === "" && option?.value !== undefined &&
      !option.isOptional;
    isDashed = option?.dashed === true;
    if (taker && !word.startsWith("-") && (isEmpty || SETTING.test(word))) {
      written.push(isEmpty ? word : `--${taker}=${word}`);
      isEmpty = false;
      continue;
    }
    taker = option?.value === KEY_AND_VALUE ? name : "";
    isEmpty = value === "";
    written.push(option?.isOptional && value === "" ? `${word}=` : word);
  }
  return written;
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
  for (const { name, value, isOptional } of optionsOf(command)) {
    if (value === undefined || isOptional) continue;
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

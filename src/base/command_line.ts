// Command lines in messages. They begin as the program was called, so that they work as
// printed: `denow` sets an environment variable to that. Without it, or without the
// permission to read it, they begin with `deno task`.

/** The variable in which `denow` says how it was called, such as `./denow`. */
export const PROGRAM_VARIABLE = "FRPAT_PROGRAM";

/**
 * A line that runs a command of the program, ready to be copied into a shell.
 *
 * @param command The command, with words that need no quotes.
 * @param words Further words, quoted where a shell would change them.
 */
export function commandLine(
  command: string,
  words: readonly string[] = [],
): string {
  return [program(), command, ...words.map(quoted)].join(" ");
}

function program(): string {
  const descriptor = { name: "env", variable: PROGRAM_VARIABLE } as const;
  const { state } = Deno.permissions.querySync(descriptor);
  const called = state === "granted" ? Deno.env.get(PROGRAM_VARIABLE) : "";
  return called ? quoted(called) : "deno task";
}

function quoted(word: string): string {
  return /^[\w./:=-]+$/.test(word)
    ? word
    : `'${word.replaceAll("'", "'\\''")}'`;
}

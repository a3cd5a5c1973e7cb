// The text behind --help, made from the commands themselves.

import { commandLine } from "../../base/command_line.ts";
import { wrapText } from "../../base/wrap_text.ts";
import type { Command } from "./command.ts";
import { optionsOf } from "./invocation.ts";
import type { Option } from "./syntax.ts";

/** The columns of a usual terminal. */
const WIDTH = 80;

/** The help of the program: its commands. */
export function overview(commands: readonly Command[]): string {
  const rows = commands.map(({ name, argument, about }) => [
    argument ? `${name} ${argumentText(argument)}` : name,
    about,
  ]);
  return [
    "Adversarial training with FRPAT on any GPU that WebGPU reaches.",
    "",
    `Usage: ${commandLine("COMMAND")} [OPTION]…`,
    "",
    ...columns(rows),
    "",
    `${commandLine("COMMAND")} --help tells more of each.`,
  ].join("\n");
}

/** The help of one command. */
export function commandHelp(command: Command): string {
  const { name, about, argument, examples } = command;
  const usage = [name, argument && argumentText(argument), "[OPTION]…"]
    .filter(Boolean).join(" ");
  const rows = optionsOf(command).map((option) => [
    `--${option.name}${valueText(option)}${option.many ? " …" : ""}`,
    option.about,
  ]);
  if (argument) rows.unshift([argument.name, argument.about]);
  const shown = examples.map((example) => `  ${commandLine(example)}`);
  return [
    `${about}.`,
    "",
    `Usage: ${commandLine(usage)}`,
    "",
    ...columns(rows),
    ...shown.length ? ["", "Examples:", ...shown] : [],
  ].join("\n");
}

function valueText({ value, isOptional }: Option): string {
  if (value === undefined) return "";
  return isOptional ? `[=${value}]` : ` ${value}`;
}

function argumentText(
  { name, required, many }: NonNullable<Command["argument"]>,
): string {
  const text = many ? `${name}…` : name;
  return required ? text : `[${text}]`;
}

/** Rows of two columns, indented, of which the second is wrapped. */
function columns(rows: readonly (readonly string[])[]): string[] {
  const width = Math.max(...rows.map(([first]) => first!.length));
  return rows.flatMap(([first, second]) =>
    wrapText(second!, WIDTH - width - 4).split("\n").map((line, i) =>
      `  ${(i === 0 ? first! : "").padEnd(width)}  ${line.trimStart()}`
    )
  );
}

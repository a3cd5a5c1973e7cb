// Errors for paths that Deno's permissions refuse. The message names the option that the
// path is from; Deno's own message would suggest `--allow-all`, which is never needed.

import { UserError } from "../../base/errors.ts";
import type { Command } from "./command.ts";
import { type Invocation, optionsOf } from "./invocation.ts";

/** Deno's messages about paths. "All" is for /proc, /dev and the like. */
const REFUSAL = /^Requires (read|write|all) access to "(.+)", run again/s;

/** The error to show for an error of a command. Only refused paths are replaced. */
export function refusedPath(
  error: unknown,
  { command, invocation }: {
    readonly command: Command;
    readonly invocation: Invocation;
  },
): unknown {
  const refusal = error instanceof Error && error.cause instanceof Error
    ? error.cause
    : error;
  if (!(refusal instanceof Deno.errors.NotCapable)) return error;
  const [, access, path] = REFUSAL.exec(refusal.message) ?? [];
  if (path === undefined) return error;
  const source = sourceOf(path, { command, invocation });
  const action = access === "all" ? "use" : access;
  const why = access === "all"
    ? "expected a place for files but found one of the operating system's own"
    : source
    ? `expected the permission to ${action} ${path} but found none`
    : "expected a path that an option or argument names but found another";
  const what = source ? `use ${source}` : `${action} ${path}`;
  return new UserError(`Cannot ${what}: ${why}`, { cause: error });
}

/** The option or argument that a path is from. */
function sourceOf(
  path: string,
  { command, invocation }: {
    readonly command: Command;
    readonly invocation: Invocation;
  },
): string | undefined {
  // A file is first written under another name in its folder, which may be refused.
  const holds = (named: string): boolean =>
    path === named || path.startsWith(named.replace(/\/*$/, "/")) ||
    named.startsWith(path.replace(/\/*$/, "/"));
  for (const { name, value } of optionsOf(command)) {
    const given = value === undefined ? undefined : invocation.value(name);
    if (typeof given === "string" && holds(given)) return `--${name} ${given}`;
  }
  return invocation.args.find(holds);
}

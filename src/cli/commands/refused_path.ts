// What Deno refused to a command, in the words of its command line: the option that
// named the path comes first. Deno itself would suggest `--allow-all`, which nobody
// should need.

import { UserError } from "../../base/errors.ts";
import type { Command } from "./command.ts";
import { type Invocation, optionsOf } from "./invocation.ts";

/** Deno's messages about paths. "All" is for /proc, /dev and the like. */
const REFUSAL = /^Requires (read|write|all) access to "(.+)", run again/s;

/** The error to show for one of a command: others than refusals stay as they are. */
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

/** The option or argument that a path is from, as it was written. */
function sourceOf(
  path: string,
  { command, invocation }: {
    readonly command: Command;
    readonly invocation: Invocation;
  },
): string | undefined {
  // A file is written beside itself first, so that its folder may be what is refused.
  const holds = (named: string): boolean =>
    path === named || path.startsWith(named.replace(/\/*$/, "/")) ||
    named.startsWith(path.replace(/\/*$/, "/"));
  for (const { name, value } of optionsOf(command)) {
    const given = value === undefined ? undefined : invocation.value(name);
    if (typeof given === "string" && holds(given)) return `--${name} ${given}`;
  }
  return invocation.args.find(holds);
}

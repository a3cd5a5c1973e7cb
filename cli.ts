/**
 * The command line program: trains, evaluates and explains experiments.
 *
 *     deno task train
 *     deno task train table1/trades-frpat --data cifar-10-batches-bin
 *     deno task evaluate runs/shapes-frpat-seed1
 *
 * The commands are in `src/cli/commands`, one file each.
 *
 * @module
 */

import { parseArgs } from "@std/cli/parse-args";
import { dispatch } from "./src/cli/commands/dispatch.ts";
import { COMMANDS } from "./src/cli/commands/mod.ts";
import { processTerminal } from "./src/cli/terminal/terminal.ts";

if (import.meta.main) {
  const code = await dispatch(Deno.args, {
    commands: COMMANDS,
    parse: (words, options) => parseArgs([...words], options),
    terminal: processTerminal(),
  });
  Deno.exit(code);
}

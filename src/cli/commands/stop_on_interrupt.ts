// How a training process hears that it is to stop.

import { EXIT } from "../../base/errors.ts";
import { Interruption } from "../terminal/interruption.ts";
import type { Terminal } from "../terminal/terminal.ts";

/**
 * Stops a training at a signal, once it is told to listen: before, kernels are compiled,
 * during which no handler runs, and there is nothing to save.
 */
export function stopOnInterrupt(terminal: Terminal): Interruption {
  return new Interruption({
    onFirst: () =>
      terminal.warn(
        "Stopping after this step, or in the evaluation under way; Ctrl-C again " +
          "stops at once and loses what was not saved",
      ),
    onSecond: () => {
      terminal.clear();
      Deno.exit(EXIT.interrupted);
    },
    waits: true,
  });
}

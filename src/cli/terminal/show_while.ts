// What has no steps to count is shown with the seconds that it has taken, so that
// nobody takes a program that works for one that hangs.

import { durationText } from "../../base/amounts.ts";
import type { ProgressLine } from "./progress_line.ts";
import type { Terminal } from "./terminal.ts";

/** Shows a line from now on: a text with the seconds behind it, or how far it is. */
export type Show = (line: string | ProgressLine) => void;

/** Does something that takes long, and shows for how long as the live line. */
export async function showWhile<T>(
  terminal: Terminal,
  action: (show: Show) => Promise<T>,
): Promise<T> {
  const began = performance.now();
  let shown: string | ProgressLine = "";
  const refresh = () => {
    const time = durationText((performance.now() - began) / 1000);
    terminal.live(typeof shown === "string" ? `${shown}  ${time}` : shown);
  };
  const timer = setInterval(refresh, 1000);
  try {
    return await action((line) => {
      shown = line;
      refresh();
    });
  } finally {
    clearInterval(timer);
    terminal.clear();
  }
}

// `report`: a self-contained page of a run, or of several side by side.

import { writeAtomically } from "../../base/atomic_write.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { EXIT } from "../../base/errors.ts";
import type { Command } from "./command.ts";
import { drawing } from "./drawing.ts";
import type { Invocation } from "./invocation.ts";

/** Writes the report of runs. */
export const REPORT: Command = {
  name: "report",
  about: "Write a page about a run, or about several side by side",
  argument: {
    name: "RUN",
    required: true,
    many: true,
    about: "folders of runs, finished or not",
  },
  options: [{
    name: "out",
    value: "FILE",
    about: "The page; report.html in the folder of the first run if left out",
  }],
  examples: [
    "report runs/shapes-frpat-seed1",
    "report runs/table2-* --out table2.html",
  ],
  run: writeReport,
};

async function writeReport(
  invocation: Invocation,
  terminal: Terminal,
): Promise<number> {
  const { report } = await drawing("report");
  const { args } = invocation;
  const text = await report(args);
  const out = invocation.value("out") ?? `${args[0]}/report.html`;
  await writeAtomically(out, text);
  terminal.print(`The report is in ${out}`);
  return EXIT.done;
}

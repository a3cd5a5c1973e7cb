// What there is of a run of a sweep, found without holding it: another process may be
// training it.

import { UserError } from "../base/errors.ts";
import { fileInfo } from "../base/disk.ts";
import type { Experiment } from "../config/experiment.ts";
import { sameExperiment } from "../config/same_experiment.ts";
import type { ResultCard } from "../runs/result_card.ts";
import { RunFolder } from "../runs/run_folder.ts";

/**
 * What there is of a run: its card, or whether it was begun.
 *
 * @throws {UserError} if its folder has the run of another experiment, or is damaged.
 */
export async function stateOf(
  { experiment, path }: {
    readonly experiment: Experiment;
    readonly path: string;
  },
): Promise<ResultCard | "new" | "begun"> {
  if (!await fileInfo(`${path}/experiment.json`)) return "new";
  const folder = await RunFolder.open(path);
  const there = folder.experiment;
  if (there.name !== experiment.name || !sameExperiment(there, experiment)) {
    throw new UserError(
      `Cannot use ${path}: expected the run of ${experiment.name} with these ` +
        `settings but found one of ${there.title}; choose another ` +
        "--out, or remove that folder",
    );
  }
  return await folder.readCard() ?? "begun";
}

// More epochs for a run than it was begun with. The run then is the one that it would
// have been with so many epochs from the start, which needs a learning rate that does
// not depend on where the run ends.

import { fileInfo } from "../../base/disk.ts";
import { UsageError } from "../../base/errors.ts";
import type { Experiment } from "../../config/experiment.ts";
import { applySettings } from "../../config/settings.ts";
import type { RunFolder } from "../../runs/run_folder.ts";
import type { Terminal } from "../terminal/terminal.ts";

/**
 * Gives a run more epochs, if it has fewer. Its card is kept under another name.
 *
 * @throws {UsageError} if it has more already, or its learning rate ends with it.
 */
export async function extendRun(
  folder: RunFolder,
  { epochs, terminal }: {
    readonly epochs: number;
    readonly terminal: Terminal;
  },
): Promise<void> {
  const { experiment } = folder;
  if (epochs === experiment.epochs) return;
  checkExtension(experiment, epochs);
  const card = folder.files.card.replace(
    /\.json$/,
    `-epochs${experiment.epochs}.json`,
  );
  const kept = await fileInfo(folder.files.card)
    ? `; its card so far is kept in ${card}`
    : "";
  await folder.extend(extended(experiment, epochs), { card });
  terminal.print(
    `The run goes on to epoch ${epochs} instead of ${experiment.epochs}${kept}`,
    { wrap: true },
  );
}

function checkExtension(
  { epochs: before, optimizer: { learningRate } }: Experiment,
  epochs: number,
): void {
  if (epochs < before) {
    throw new UsageError(
      `Cannot resume: expected --epochs of at least the run's ${before} but ` +
        `found ${epochs}`,
    );
  }
  const { kind } = learningRate;
  if (kind === "step") return;
  throw new UsageError(
    `Cannot resume with --epochs ${epochs}: expected a learning rate that does ` +
      "not depend on where the run ends (kind step, without drops for a " +
      `constant one) but found ${kind}, which falls to 0 by epoch ${before}; a ` +
      `new run of ${epochs} epochs needs a folder of its own`,
  );
}

/** The experiment with other epochs, which its title tells once. */
function extended(experiment: Experiment, epochs: number): Experiment {
  const said = /\bepochs=\d+/;
  const { title } = experiment;
  if (!said.test(title)) return applySettings(experiment, [`epochs=${epochs}`]);
  return {
    ...experiment,
    title: title.replace(said, `epochs=${epochs}`),
    epochs,
  };
}

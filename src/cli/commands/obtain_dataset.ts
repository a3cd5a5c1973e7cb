// Loads a data set, and shows the progress of downloading and decoding it.

import { bytesText, countText } from "../../base/amounts.ts";
import type { Dataset } from "../../data/dataset.ts";
import { type Archive, OFFICIAL_BASE } from "../../data/official.ts";
import type { DatasetProgress } from "../../data/dataset_kind.ts";
import { DATASETS } from "../../data/datasets.ts";
import { loadDataset } from "../../data/load_dataset.ts";
import type { DataConfig, Experiment } from "../../config/experiment.ts";
import { addedNotes, extentIn, loadAdded } from "../../trainer/added_data.ts";
import type { AddedData } from "../../trainer/session_images.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { DownloadError, UserError } from "../../base/errors.ts";

/**
 * Loads a data set from a folder, or downloads it, and shows the progress.
 *
 * @throws {DownloadError} if downloading fails, with what else can be done.
 * @throws {UserError} if loading fails.
 */
export async function obtainDataset(
  config: DataConfig,
  { folder, strict, terminal }: {
    readonly folder: string | undefined;
    /** Whether a damaged image ends loading. */
    readonly strict?: boolean;
    readonly terminal: Terminal;
  },
): Promise<Dataset> {
  const show = loadingDisplay(terminal);
  try {
    return await loadDataset(config, { folder, strict, onProgress: show });
  } catch (error) {
    const downloads = DATASETS[config.dataset].downloads &&
      folder === undefined;
    if (!downloads || !(error instanceof UserError)) throw error;
    const hint = "Where the official files are at hand, --data DIR uses them";
    throw new DownloadError(`${error.message}\n${hint}`, { cause: error });
  } finally {
    terminal.clear();
  }
}

/** All images of a run. */
export interface ObtainedImages {
  /** The data set, with notes on what is added to it. */
  readonly dataset: Dataset;
  readonly added: AddedData;
}

/** Loads an experiment's data set, and what it adds; errors as above. */
export async function obtainAll(
  { experiment, data: folder, strict }: {
    readonly experiment: Experiment;
    readonly data: string | undefined;
    readonly strict: boolean;
  },
  terminal: Terminal,
): Promise<ObtainedImages> {
  const source = { folder, strict, terminal };
  const dataset = await obtainDataset(experiment.data, source);
  const onProgress = loadingDisplay(terminal);
  const added = await loadAdded(experiment, { dataset, onProgress });
  terminal.clear();
  const extent = extentIn({ dataset, added });
  const notes = [...dataset.notes, ...addedNotes(experiment, extent)];
  return { dataset: { ...dataset, notes }, added };
}

/** Shows a download or a decoding: each stage as a line, and how far it is. */
export function loadingDisplay(
  terminal: Terminal,
  { base = OFFICIAL_BASE }: Pick<Archive, "base"> = {},
): (progress: DatasetProgress) => void {
  let stage = "";
  return (progress) => {
    const isNew = progress.stage !== stage;
    stage = progress.stage;
    switch (progress.stage) {
      case "downloading": {
        const { received, total } = progress;
        const whole = bytesText(total);
        if (isNew) terminal.print(`downloading ${whole} from ${base}`);
        const details = [`${bytesText(received)} of ${whole}`];
        const what = "downloading";
        return terminal.live({ what, done: received / total, details });
      }
      case "retrying": {
        const { reason, delay } = progress;
        return terminal.print(`retrying in ${delay / 1000} s: ${reason}`);
      }
      case "decoding": {
        const { done, total } = progress;
        const whole = countText(total);
        if (isNew) terminal.print(`decoding ${whole} images`);
        const details = [`${countText(done)}/${whole} images`];
        return terminal.live({ what: "decoding", done: done / total, details });
      }
      case "cache":
        terminal.clear();
        return terminal.warn(`Note: the cache of images: ${progress.problem}`);
      case "waiting":
        return terminal.print("waiting for another process that downloads it");
      case "verifying":
      case "unpacking":
        terminal.clear();
        return terminal.print(progress.stage);
    }
  };
}

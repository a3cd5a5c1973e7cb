// Loading a data set with a word about what takes long.

import { bytesText, percentText } from "../text/amounts.ts";
import type { Dataset } from "../data/dataset.ts";
import { type ObtainProgress, OFFICIAL_BASE } from "../data/official.ts";
import { loadDataset } from "../experiments/datasets.ts";
import type { DataConfig } from "../experiments/experiment.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { UserError, userError } from "../text/user_error.ts";

/**
 * Loads a data set from a folder, or downloads it, telling how that goes.
 *
 * @throws {UserError} if that fails, with the way around where there is one.
 */
export async function obtainDataset(
  config: DataConfig,
  { folder, terminal }: {
    readonly folder: string | undefined;
    readonly terminal: Terminal;
  },
): Promise<Dataset> {
  const show = downloadDisplay(terminal);
  try {
    return await userError(() =>
      loadDataset(config, { folder, onProgress: show })
    );
  } catch (error) {
    if (folder !== undefined || !(error instanceof UserError)) throw error;
    const hint = "Where the official files are at hand, --data DIR uses them";
    throw new UserError(`${error.message}\n${hint}`, { cause: error });
  } finally {
    terminal.clear();
  }
}

/** Shows a download: each stage as a line, and the bytes as they come. */
export function downloadDisplay(
  terminal: Terminal,
): (progress: ObtainProgress) => void {
  let stage = "";
  return (progress) => {
    const isNew = progress.stage !== stage;
    stage = progress.stage;
    switch (progress.stage) {
      case "downloading": {
        const { received, total } = progress;
        const whole = bytesText(total);
        if (isNew) terminal.print(`downloading ${whole} from ${OFFICIAL_BASE}`);
        const part = percentText(received / total);
        return terminal.live(`${part}  ${bytesText(received)} of ${whole}`);
      }
      case "retrying": {
        const { reason, delay } = progress;
        return terminal.print(`retrying in ${delay / 1000} s: ${reason}`);
      }
      case "waiting":
        return terminal.print("waiting for another process that downloads it");
      case "verifying":
      case "unpacking":
        terminal.clear();
        return terminal.print(progress.stage);
    }
  };
}

// `evaluate --corruptions`: accuracy on corrupted test images, those of CIFAR-10-C and
// CIFAR-100-C or of a folder with such files.

import { tableLines } from "../../base/text_table.ts";
import { DownloadError, UsageError, UserError } from "../../base/errors.ts";
import type { DataConfig } from "../../config/experiment.ts";
import {
  type CorruptedImages,
  openCorruptions,
} from "../../data/corruptions.ts";
import type { Dataset } from "../../data/dataset.ts";
import {
  type Archive,
  CORRUPTION_ARCHIVES,
  obtain,
} from "../../data/official.ts";
import { evaluateCorruptions } from "../../evaluation/corruption_accuracy.ts";
import type { NetworkEvaluation } from "../../evaluation/network_accuracy.ts";
import { withCorruptions } from "../../runs/attack_entries.ts";
import {
  type CorruptionResult,
  corruptionResult,
  corruptionRows,
  corruptionText,
} from "../../runs/corruption_result.ts";
import type { RunFolder } from "../../runs/run_folder.ts";
import type { Terminal } from "../terminal/terminal.ts";
import type { Invocation } from "./invocation.ts";
import { loadingDisplay } from "./obtain_dataset.ts";
import type { Option } from "./syntax.ts";

/** The option for corrupted images. */
export const CORRUPTIONS: Option = {
  name: "corruptions",
  value: "DIR",
  isOptional: true,
  about:
    "Also 15 corruptions of the test images: CIFAR-10-C, downloaded or in DIR",
};

/**
 * The corrupted images that an invocation asks for; undefined for none.
 *
 * @throws {UserError} for a data set of which there are none, or files that are damaged.
 */
export async function askedCorruptions(
  invocation: Invocation,
  { config, dataset, terminal }: {
    readonly config: DataConfig;
    readonly dataset: Dataset;
    readonly terminal: Terminal;
  },
): Promise<CorruptedImages | undefined> {
  const given = invocation.value("corruptions");
  if (given === undefined) return undefined;
  const folder = given || await download(config, terminal);
  const { title, shape, classNames } = dataset;
  return await openCorruptions(folder, {
    title,
    shape,
    classes: classNames.length,
  });
}

async function download(
  { dataset }: DataConfig,
  terminal: Terminal,
): Promise<string> {
  const archives: Readonly<Record<string, Archive & { base: string }>> =
    CORRUPTION_ARCHIVES;
  const archive = archives[dataset];
  if (!archive) {
    throw new UsageError(
      `Cannot use --corruptions: expected --corruptions=DIR with the files, since ` +
        `only ${
          Object.keys(archives).join(" and ")
        } have official ones, but found ` +
        dataset,
    );
  }
  try {
    return await obtain(archive, {
      onProgress: loadingDisplay(terminal, archive),
    });
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const hint =
      `Where ${archive.folder} is at hand, --corruptions=DIR uses it`;
    throw new DownloadError(`${error.message}\n${hint}`, { cause: error });
  } finally {
    terminal.clear();
  }
}

/** Measures networks, and prints a table of each. Results by network. */
export async function measureCorruptions(
  images: CorruptedImages | undefined,
  { networks, terminal, ...setting }:
    & Pick<NetworkEvaluation, "device" | "networks" | "batchSize" | "limit">
    & { readonly terminal: Terminal },
): Promise<Record<string, CorruptionResult>> {
  const results: Record<string, CorruptionResult> = {};
  if (!images) return results;
  for (const network of networks) {
    const counts = await evaluateCorruptions({
      ...setting,
      network,
      images,
      onProgress: ({ corruption, severity, done, of }) =>
        terminal.live({
          what: `${network.name}, ${corruption.replaceAll("_", " ")}`,
          done: done / of,
          details: [`severity ${severity}`],
        }),
    });
    terminal.clear();
    const result = corruptionResult(counts);
    results[network.name] = result;
    const title = `Accuracy of the ${network.name} in percent on ` +
      `${corruptionText(result)}:`;
    terminal.print(`\n${title}`, { wrap: true });
    terminal.print(tableLines(corruptionRows(result), { left: 1 }).join("\n"));
  }
  return results;
}

/** Puts results on the card of a run that is finished. */
export async function keepCorruptions(
  folder: RunFolder,
  found: Parameters<typeof withCorruptions>[1],
): Promise<void> {
  if (Object.keys(found.networks).length === 0) return;
  const card = await folder.readCard();
  if (card) await folder.writeCard(withCorruptions(card, found));
}

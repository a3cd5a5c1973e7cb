// Ensembles of attacks, the part of `evaluate` that takes hours. Their state is saved to
// a file after every batch, so that the same command continues where it stopped.

import { readBytes } from "../../base/disk.ts";
import { contentHash, type Dataset, sha256 } from "../../data/dataset.ts";
import type {
  EnsembleConfig,
  NamedEnsembles,
} from "../../config/ensemble_config.ts";
import type { Device } from "../../gpu/device.ts";
import { transferred } from "../../runs/attack_entries.ts";
import {
  EnsembleFile,
  type EnsembleSubject,
} from "../../runs/ensemble_file.ts";
import type { AttackResult } from "../../runs/result_card.ts";
import { transferName } from "../../runs/attack_source.ts";
import { Interruption } from "../terminal/interruption.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { countText, durationText } from "../../base/amounts.ts";
import { tableLines } from "../../base/text_table.ts";
import { EXIT } from "../../base/errors.ts";
import type { TransferSource } from "./evaluate_source.ts";
import type { EnsembleProgress } from "../../evaluation/auto_attack/ensemble.ts";
import {
  ensembleResult,
  evaluateNetworkEnsemble,
} from "../../evaluation/auto_attack/network_ensemble.ts";
import type { EvaluatedNetwork } from "../../evaluation/evaluated_network.ts";

/** The networks and images to evaluate, and the ensembles. */
export interface EnsembleRequest {
  readonly device: Device;
  readonly networks: readonly EvaluatedNetwork[];
  /** The network that attacks see, where it is another. */
  readonly transfer?: TransferSource | undefined;
  readonly dataset: Dataset;
  readonly ensembles: NamedEnsembles;
  readonly batchSize: number;
  readonly seed: number;
  readonly limit?: number | undefined;
  /** The file that the networks are from. */
  readonly source: string;
  /** The beginning of the paths of state files, for a network. */
  readonly base: (network: string) => string;
}

/** Results by network and ensemble. */
export type EnsembleResults = Readonly<
  Record<string, Readonly<Record<string, AttackResult>>>
>;

/** Runs every ensemble on every network. Null if it was interrupted. */
export async function evaluateEnsembles(
  request: EnsembleRequest,
  terminal: Terminal,
): Promise<EnsembleResults | null> {
  const results: Record<string, Record<string, AttackResult>> = {};
  if (Object.keys(request.ensembles).length === 0) return results;
  const origin = request.transfer?.origin;
  const digests = {
    weights: await sha256(await readBytes(request.source)),
    contents: await contentHash(request.dataset),
  };
  using interruption = stopOnInterrupt(terminal);
  for (const network of request.networks) {
    const found: Record<string, AttackResult> = {};
    for (const [name, config] of Object.entries(request.ensembles)) {
      const one = { network, name, config };
      const result = await runEnsemble(request, {
        ...one,
        file: await stateFile(request, { ...one, ...digests }),
        terminal,
        signal: interruption.signal,
      });
      if (!result) return null;
      found[name] = result;
    }
    results[network.name] = origin ? transferred(found, origin) : found;
  }
  return results;
}

/** The file of an ensemble's state, by all that decides its result. */
async function stateFile(
  { dataset, limit, batchSize, seed, transfer, base }: EnsembleRequest,
  { network, name, config, ...digests }:
    & Pick<EnsembleRun, "network" | "name" | "config">
    & Pick<EnsembleSubject, "weights" | "contents">,
): Promise<EnsembleFile> {
  const source = transfer?.origin;
  return await EnsembleFile.at(base(network.name), {
    name: source ? `${name}-transfer` : name,
    subject: {
      network: network.name,
      ...digests,
      images: Math.min(limit ?? Infinity, dataset.test.count),
      config,
      batchSize,
      seed,
      ...source && { source },
    },
  });
}

/** One ensemble on one network, and the file that keeps its state. */
interface EnsembleRun {
  readonly network: EvaluatedNetwork;
  readonly name: string;
  readonly config: EnsembleConfig;
  readonly file: EnsembleFile;
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
}

/** Runs one ensemble, from where its file says. */
async function runEnsemble(
  request: EnsembleRequest,
  { network, name, config, file, terminal, signal }: EnsembleRun,
): Promise<AttackResult | null> {
  const before = await file.read();
  if (before && !before.finished) {
    terminal.print(`Going on with ${file.path}`);
  }
  let attack = "";
  const state = await evaluateNetworkEnsemble({
    ...request,
    network,
    craftedOn: request.transfer?.network,
    config,
    signal,
    state: before,
    onState: (state) => file.write(state),
    onProgress: (progress) => {
      if (attack !== progress.attack) terminal.print(beginText(progress));
      attack = progress.attack;
      terminal.live(`${network.name}, ${ensembleProgressText(progress)}`);
    },
  });
  terminal.clear();
  if (!state.finished) {
    terminal.warn(
      `Stopped; ${file.path} has what is done. The same command goes on with it`,
    );
    return null;
  }
  const { classes } = network.network;
  const result = ensembleResult(state, { config, classes });
  const origin = request.transfer?.origin;
  const title = origin ? transferName(name, origin) : name;
  terminal.print(ensembleText(result, { network: network.name, name: title }));
  terminal.print(`Verdicts by image are in ${file.path}\n`);
  return result;
}

/** The line that is printed when an attack of an ensemble begins. */
function beginText({ attack, robust, count }: EnsembleProgress): string {
  return `${attack}: on the ${robust} of ${count} images that are left`;
}

/** The progress of an ensemble as a line. */
export function ensembleProgressText(progress: EnsembleProgress): string {
  const { attack, round, rounds, done, of, robust, count } = progress;
  const turn = rounds > 1 ? `, round ${round} of ${rounds}` : "";
  // Before the first batch there is no speed to judge by.
  const left = progress.secondsLeft > 0
    ? `, at most ${durationText(progress.secondsLeft)} left`
    : "";
  return `${attack}${turn}: ${done} of ${of} images, ` +
    `${(100 * robust / count).toFixed(2)} % robust so far${left}`;
}

/** The result of an ensemble as text. */
export function ensembleText(
  { count, config, ensemble }: AttackResult,
  { network, name }: { readonly network: string; readonly name: string },
): string {
  const { stages, warnings, passes, expectedPasses, seconds } = ensemble!;
  const rows = stages.map(({ name, accuracy }) => [
    name === "clean" ? name : `after ${name}`,
    `${accuracy.toFixed(2)} %`,
  ]);
  return [
    `${network}, ${name}: ${config.norm}, epsilon ${config.epsilon}, on ` +
    `${count} images`,
    ...tableLines(rows, { left: 1 }).map((line) => `  ${line}`),
    `Cost: ${countText(passes)} forward passes of one image in ` +
    `${durationText(seconds)}; ${
      countText(expectedPasses)
    } expected at these ` +
    "accuracies",
    ...warnings.map((warning) => `Warning: ${warning}`),
  ].join("\n");
}

function stopOnInterrupt(terminal: Terminal): Interruption {
  return new Interruption({
    onFirst: () =>
      terminal.warn(
        "Stopping after this batch; Ctrl-C again stops at once and loses it",
      ),
    onSecond: () => {
      terminal.clear();
      Deno.exit(EXIT.interrupted);
    },
  });
}

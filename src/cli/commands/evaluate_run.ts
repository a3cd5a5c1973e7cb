// `evaluate` of a run: the networks of one of its checkpoints, under its own attacks or any
// others. What is found goes to the card of a run that is finished.

import { contentHash, type Dataset } from "../../data/dataset.ts";
import { EXIT, UsageError, UserError } from "../../base/errors.ts";
import { attackNotes, chosenAttacks } from "../../config/chosen_attacks.ts";
import { checkpointNetworks } from "../../evaluation/checkpoint_networks.ts";
import type { EvaluatedNetwork } from "../../evaluation/evaluated_network.ts";
import {
  evaluateNetworks,
  type NetworkEvaluation,
} from "../../evaluation/network_accuracy.ts";
import { transferred, withResults } from "../../runs/attack_entries.ts";
import { attackResults } from "../../runs/result_card.ts";
import { RunFolder } from "../../runs/run_folder.ts";
import type { Terminal } from "../terminal/terminal.ts";
import {
  type ChosenCheckpoint,
  chosenCheckpoint,
} from "./checkpoint_option.ts";
import {
  askedCorruptions,
  keepCorruptions,
  measureCorruptions,
} from "./evaluate_corruptions.ts";
import {
  type EnsembleRequest,
  evaluateEnsembles,
} from "./evaluate_ensembles.ts";
import {
  askedRelation,
  evaluateRelations,
  keepRelations,
  relationsText,
} from "./evaluate_relation.ts";
import { checkSourceOptions, readSource } from "./evaluate_source.ts";
import { WEIGHTS_OPTIONS } from "./evaluate_weights.ts";
import { resultsTable, showEvaluation } from "./evaluation_progress.ts";
import type { Invocation } from "./invocation.ts";
import { openTunedDevice } from "./tuning.ts";
import { obtainDataset } from "./obtain_dataset.ts";

/** Evaluates a run's networks. */
export async function evaluateRun(
  invocation: Invocation,
  terminal: Terminal,
): Promise<number> {
  const folder = await RunFolder.open(invocation.argument!);
  const asked = readOptions(invocation, folder);
  const checkpoint = await chosenCheckpoint(folder, invocation);
  // A card that cannot take the results is refused before hours of attacks.
  await folder.readCard();
  using device = await openTunedDevice(terminal);
  const { seed, data: config } = folder.experiment;
  const from = { folder: invocation.value("data"), terminal };
  const dataset = await obtainDataset(config, from);
  await checkContents(folder, { dataset, terminal });
  const { source, epoch } = checkpoint;
  const networks = networksOf(checkpoint, { ...asked, dataset });
  const shared = { config, dataset, attacks: asked, terminal };
  const transfer = await readSource(invocation, shared);
  const corrupted = await askedCorruptions(invocation, shared);
  const notes = [...attackNotes(asked), ...transfer?.notes ?? []];
  for (const note of notes) terminal.print(`Note: ${note}`);
  const { limit, batchSize, ensembles } = asked;
  const setting = { device, networks, dataset, batchSize, seed, limit };
  const run = { ...setting, transfer, folder, source, epoch, terminal };
  await attackNetworks(asked, run);
  const found = await measureCorruptions(corrupted, run);
  await keepCorruptions(folder, { epoch, networks: found });
  await scoreRelations(asked, run);
  const base = (network: string) => `${folder.path}/${network}-epoch${epoch}`;
  const results = await evaluateEnsembles(
    { ...run, ensembles, base },
    terminal,
  );
  if (!results) return EXIT.interrupted;
  await keepResults(folder, { epoch, results });
  return EXIT.done;
}

/** The networks of a checkpoint, or the one that was asked for. */
function networksOf(
  checkpoint: ChosenCheckpoint,
  { dataset, network }: {
    readonly dataset: Dataset;
    readonly network: string | undefined;
  },
): EvaluatedNetwork[] {
  const { source, epoch } = checkpoint;
  const networks = checkpointNetworks(checkpoint, { dataset, source })
    .filter(({ name }) => name === (network ?? name));
  if (networks.length > 0) return networks;
  throw new UserError(
    `Cannot evaluate ${source}: expected its ${network} but found none after ` +
      `epoch ${epoch}`,
  );
}

/** Reads all options for a run, before anything is loaded. */
function readOptions(
  invocation: Invocation,
  { path, experiment: { evaluation, teacher, averaging } }: RunFolder,
) {
  const misplaced = WEIGHTS_OPTIONS.find(({ name }) =>
    name !== "network" && invocation.value(name) !== undefined
  );
  if (misplaced) {
    throw new UsageError(
      `Cannot evaluate ${path}: expected --${misplaced.name} with a file of ` +
        "weights alone, since a run knows its own",
    );
  }
  const chosen = chosenAttacks(invocation.value("attack"), {
    evaluation,
    settings: invocation.values("set"),
  });
  checkSourceOptions(invocation, chosen);
  return {
    ...chosen,
    network: networkName(
      invocation,
      [
        "student",
        ...averaging ? ["average"] : [],
        ...teacher ? ["teacher"] : [],
      ],
    ),
    relation: askedRelation(invocation, evaluation),
    limit: invocation.whole("limit", { least: 1 }),
    batchSize: invocation.whole("batch-size", { least: 1 }) ??
      evaluation.batchSize,
  };
}

/** The network of a run to evaluate; undefined for all that it has. */
function networkName(
  invocation: Invocation,
  names: readonly string[],
): string | undefined {
  const name = invocation.value("network");
  if (name === undefined || names.includes(name)) return name;
  throw new UsageError(
    `Cannot evaluate ${invocation.argument}: expected --network ` +
      `${names.join(" or ")}, which the run has, but found ${name}`,
  );
}

/** Attacks networks by what is no ensemble, prints the accuracies, and keeps them. */
async function attackNetworks(
  { attacks }: ReturnType<typeof readOptions>,
  { transfer, folder, source, epoch, terminal, ...setting }:
    & Omit<NetworkEvaluation, "attacks">
    & Pick<EnsembleRequest, "transfer" | "source">
    & {
      readonly folder: RunFolder;
      readonly epoch: number;
      readonly terminal: Terminal;
    },
): Promise<void> {
  const onProgress = showEvaluation(terminal, { ...setting, attacks });
  const craftedOn = transfer?.network;
  const evaluation = { ...setting, craftedOn, attacks, onProgress };
  const counts = await evaluateNetworks(evaluation);
  terminal.clear();
  const { epochs } = folder.experiment;
  const { title } = setting.dataset;
  terminal.print(`${source}: epoch ${epoch} of ${epochs}, ${title}\n`);
  if (Object.keys(attacks).length === 0) return;
  const origin = transfer?.origin;
  terminal.print(resultsTable(counts, { attacks, origin }));
  const results = Object.entries(counts).map(([network, found]) => {
    const own = attackResults(found, attacks);
    return [network, origin ? transferred(own, origin) : own] as const;
  });
  await keepResults(folder, { epoch, results: Object.fromEntries(results) });
}

/** Computes relationship scores if they were asked for, and saves them. */
async function scoreRelations(
  { relation, limit }: ReturnType<typeof readOptions>,
  { folder, epoch, terminal, ...setting }:
    & Parameters<typeof evaluateRelations>[1]
    & { readonly folder: RunFolder; readonly epoch: number },
): Promise<void> {
  if (!relation) return;
  const networks = await evaluateRelations(relation, { ...setting, terminal });
  terminal.print(`\n${relationsText(networks)}\n`, { wrap: true });
  const whole = limit === undefined && relation.support === undefined;
  terminal.print(await keepRelations(folder, { epoch, networks, whole }));
}

/** Puts what attacks found on the card of a run that is finished. */
async function keepResults(
  folder: RunFolder,
  found: Parameters<typeof withResults>[1],
): Promise<void> {
  if (Object.keys(found.results).length === 0) return;
  const card = await folder.readCard();
  if (card) await folder.writeCard(withResults(card, found));
}

/** Warns if the images are not those that the run was trained with. */
async function checkContents(
  { environment }: RunFolder,
  { dataset, terminal }: {
    readonly dataset: Dataset;
    readonly terminal: Terminal;
  },
): Promise<void> {
  if (await contentHash(dataset) === environment.dataset.contents) return;
  terminal.warn(
    `Warning: the images of ${dataset.title} are not those of the run, so ` +
      "test images may have been trained on",
  );
}

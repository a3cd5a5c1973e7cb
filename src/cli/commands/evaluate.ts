// `evaluate`: the accuracy of the networks of a run, or of a file of weights, under any
// attack.

import { contentHash, type Dataset } from "../../data/dataset.ts";
import { fileInfo } from "../../base/disk.ts";
import { attackNotes, chosenAttacks } from "../../config/chosen_attacks.ts";
import { RunFolder } from "../../runs/run_folder.ts";
import { withResults } from "../../runs/attack_entries.ts";
import { attackResults } from "../../runs/result_card.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { EXIT, UsageError, UserError } from "../../base/errors.ts";
import { checkpointNetworks } from "../../evaluation/checkpoint_networks.ts";
import {
  evaluateNetworks,
  type EvaluationResults,
} from "../../evaluation/network_accuracy.ts";
import type { NamedAttacks } from "../../config/named_attacks.ts";
import { CHECKPOINT, chosenCheckpoint } from "./checkpoint_option.ts";
import type { Command } from "./command.ts";
import type { Option } from "./syntax.ts";
import { evaluateEnsembles } from "./evaluate_ensembles.ts";
import {
  askedRelation,
  evaluateRelations,
  keepRelations,
  RELATION_OPTIONS,
  relationsText,
} from "./evaluate_relation.ts";
import { evaluateWeights, WEIGHTS_OPTIONS } from "./evaluate_weights.ts";
import { resultsTable, showEvaluation } from "./evaluation_progress.ts";
import { DATA } from "./experiment_options.ts";
import type { Invocation } from "./invocation.ts";
import { openDevice } from "./machine.ts";
import { obtainDataset } from "./obtain_dataset.ts";

/** Changes to the attacks. */
const ATTACK_SETTINGS: Option = {
  name: "set",
  value: "KEY=VALUE",
  many: true,
  about: "A number of the attacks, such as epsilon=8/255 or cw-20.steps=50",
};

/** Evaluates a run or a file. */
export const EVALUATE: Command = {
  name: "evaluate",
  about: "Measure the natural and robust accuracy of a run or of weights",
  argument: {
    name: "RUN|FILE",
    required: true,
    about: "the folder of a run, or weights: .safetensors, .pt or .pth",
  },
  options: [
    {
      name: "attack",
      value: "LIST",
      about:
        "Attacks, such as clean,pgd-20,cw-20,autoattack; the run's own if left out",
    },
    ATTACK_SETTINGS,
    DATA,
    { name: "limit", value: "N", about: "Only the first N test images" },
    {
      name: "batch-size",
      value: "N",
      about: "Images that are attacked at once",
    },
    ...RELATION_OPTIONS,
    CHECKPOINT,
    ...WEIGHTS_OPTIONS,
  ],
  examples: [
    "evaluate runs/shapes-frpat-seed1",
    "evaluate runs/shapes-frpat-seed1 --attack clean,fgsm,pgd-100 --limit 100",
    "evaluate runs/shapes-frpat-seed1 --attack autoattack --network student",
    "evaluate runs/shapes-frpat-seed1 --attack pgd-50-10 --set epsilon=8/255",
    "evaluate trades.pt --network wide-resnet-34-10 --eps 0.031",
    "evaluate rebuffi.pt --network dm-wide-resnet-28-10 --normalize cifar10",
  ],
  run: evaluate,
};

async function evaluate(
  invocation: Invocation,
  terminal: Terminal,
): Promise<number> {
  const path = invocation.argument!;
  const info = await fileInfo(path);
  if (!info && /\.(safetensors|pth?|ckpt|tar)$/.test(path)) {
    throw new UserError(
      `Cannot read ${path}: expected a file of weights but found nothing`,
    );
  }
  return info?.isFile
    ? await evaluateWeights(invocation, terminal)
    : await evaluateRun(invocation, terminal);
}

async function evaluateRun(
  invocation: Invocation,
  terminal: Terminal,
): Promise<number> {
  const folder = await RunFolder.open(invocation.argument!);
  const asked = readOptions(invocation, folder);
  const checkpoint = await chosenCheckpoint(folder, invocation);
  // A card that cannot take the results is refused before hours of attacks.
  await folder.readCard();
  using device = await openDevice();
  const { experiment } = folder;
  const from = { folder: invocation.value("data"), terminal };
  const dataset = await obtainDataset(experiment.data, from);
  await checkContents(folder, { dataset, terminal });
  const { source, epoch } = checkpoint;
  const all = await checkpointNetworks(checkpoint, { dataset, source });
  const networks = all.filter(({ name }) => name === (asked.network ?? name));
  if (networks.length === 0) {
    throw new UserError(
      `Cannot evaluate ${source}: expected its ${asked.network} but found ` +
        `none after epoch ${epoch}`,
    );
  }
  const { seed, epochs } = experiment;
  const { limit, batchSize, attacks, ensembles } = asked;
  for (const note of attackNotes(asked)) terminal.print(`Note: ${note}`);
  const setting = { device, networks, dataset, batchSize, seed, limit };
  const onProgress = showEvaluation(terminal, { device, attacks });
  const results = await evaluateNetworks({ ...setting, attacks, onProgress });
  terminal.clear();
  terminal.print(`${source}: epoch ${epoch} of ${epochs}, ${dataset.title}\n`);
  if (Object.keys(attacks).length) {
    terminal.print(resultsTable(results, attacks));
  }
  await scoreRelations(asked, { ...setting, folder, epoch, terminal });
  const found = await evaluateEnsembles({
    ...setting,
    ensembles,
    source,
    base: (network) => `${folder.path}/${network}-epoch${epoch}`,
  }, terminal);
  if (!found) return EXIT.interrupted;
  await keepResults(folder, { epoch, attacks, results });
  await keepVerdicts(folder, { epoch, results: found });
  return EXIT.done;
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
  return {
    ...chosenAttacks(invocation.value("attack"), {
      evaluation,
      settings: invocation.values("set"),
    }),
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

/** Puts accuracies on the card of a run that is finished. */
async function keepResults(
  folder: RunFolder,
  { epoch, attacks, results }: {
    readonly epoch: number;
    readonly attacks: NamedAttacks;
    readonly results: EvaluationResults;
  },
): Promise<void> {
  const card = await folder.readCard();
  if (!card) return;
  const networks = Object.entries(results).map(([network, counts]) =>
    [network, attackResults(counts, attacks)] as const
  );
  const kept = { epoch, results: Object.fromEntries(networks) };
  await folder.writeCard(withResults(card, kept));
}

/** Puts what AutoAttack and its parts found on the run's card. */
async function keepVerdicts(
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

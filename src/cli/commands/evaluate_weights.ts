// `evaluate` of a file of weights: a network that was trained elsewhere, given by the name
// of its architecture.

import type { CorruptedImages } from "../../data/corruptions.ts";
import { contentHash, type Dataset } from "../../data/dataset.ts";
import type { Device } from "../../gpu/device.ts";
import { writeAtomically } from "../../base/atomic_write.ts";
import { extentOf } from "../../data/load_dataset.ts";
import { attackNotes, chosenAttacks } from "../../config/chosen_attacks.ts";
import { namedNetwork } from "../../config/named_networks.ts";
import { modelDefaults } from "../../config/robustbench.ts";
import { namedNormalization } from "../../config/named_normalizations.ts";
import {
  namedDataset,
  standardEvaluation,
} from "../../evaluation/standard_evaluation.ts";
import {
  EVALUATION_FORMAT,
  type EvaluationCard,
  renderEvaluation,
} from "../../runs/evaluation_card.ts";
import { transferred, withAttacks } from "../../runs/attack_entries.ts";
import type { CorruptionResult } from "../../runs/corruption_result.ts";
import {
  type NetworkResult,
  networkResult,
  type RelationResult,
} from "../../runs/result_card.ts";
import { writeJson } from "../../runs/stored_json.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { EXIT, UsageError } from "../../base/errors.ts";
import { evaluateNetworks } from "../../evaluation/network_accuracy.ts";
import {
  type WeightsNetwork,
  weightsNetwork,
} from "../../evaluation/weights_network.ts";
import type { Option } from "./syntax.ts";
import {
  askedCorruptions,
  measureCorruptions,
} from "./evaluate_corruptions.ts";
import { evaluateEnsembles } from "./evaluate_ensembles.ts";
import { askedRelation, evaluateRelations } from "./evaluate_relation.ts";
import {
  checkSourceOptions,
  readSource,
  type TransferSource,
} from "./evaluate_source.ts";
import { showEvaluation } from "./evaluation_progress.ts";
import type { Invocation } from "./invocation.ts";
import { obtainDataset } from "./obtain_dataset.ts";
import { openTunedDevice } from "./tuning.ts";

/** The options of `evaluate` that are for files only. */
export const WEIGHTS_OPTIONS: readonly Option[] = [
  {
    name: "network",
    value: "NAME",
    about: "wide-resnet-34-10, robustbench:MODEL; of a run: student or teacher",
  },
  {
    name: "dataset",
    value: "NAME",
    about:
      "Of a file: a data set that recipes --fields lists; cifar10 if left out",
  },
  {
    name: "normalize",
    value: "HOW",
    about: "Of a file: cifar10, cifar100, none, or numbers as .5,.5,.5/1,1,1",
  },
  { name: "classes", value: "N", about: "Of a file: its number of logits" },
  {
    name: "key",
    value: "NAME",
    about: "Of a file: the entry with the state dict, such as ema_state_dict",
  },
  { name: "norm", value: "NORM", about: "Of a file: linf (the default) or l2" },
  { name: "eps", value: "E", about: "Of a file: the radius, such as 8/255" },
  {
    name: "step-size",
    value: "A",
    about: "Of a file: PGD's step; a quarter of the radius if left out",
  },
  { name: "seed", value: "N", about: "Of a file: the attacks' randomness; 0" },
  { name: "out", value: "FILE", about: "Of a file: writes the card as JSON" },
];

/** Evaluates the weights in a file. */
export async function evaluateWeights(
  invocation: Invocation,
  terminal: Terminal,
): Promise<number> {
  const path = invocation.argument!;
  const asked = readOptions(invocation);
  const folder = invocation.value("data");
  const extent = await extentOf(asked.data, { folder });
  const { classes = extent.classes } = asked;
  const weights = await weightsNetwork(path, { ...asked, classes });
  for (const note of weights.notes) terminal.print(`Note: ${note}`);
  const dataset = await obtainDataset(asked.data, { folder, terminal });
  const shared = { config: asked.data, dataset, attacks: asked, terminal };
  const transfer = await readSource(invocation, shared);
  for (const note of transfer?.notes ?? []) terminal.print(`Note: ${note}`);
  const corrupted = await askedCorruptions(invocation, shared);
  using device = await openTunedDevice(terminal);
  const others = { transfer, corrupted };
  const evaluated = { asked, path, weights, dataset, device, ...others };
  const result = await measured(evaluated, terminal);
  if (!result) return EXIT.interrupted;
  const card = await cardOf(evaluated, result);
  terminal.print(renderEvaluation(card), { wrap: true });
  const out = invocation.value("out");
  if (out !== undefined) await writeCard(out, card);
  return EXIT.done;
}

async function cardOf(
  { asked, path, weights, dataset, device }: Evaluated,
  result: NetworkResult,
): Promise<EvaluationCard> {
  const { architecture, leaderboard, seed } = asked;
  const { sha256, parameters, network: { network: { classes } } } = weights;
  const { title, notes } = dataset;
  return {
    format: EVALUATION_FORMAT,
    weights: { file: path, sha256 },
    network: { architecture, parameters, classes },
    normalization: cardNormalization(weights),
    dataset: { title, notes, contents: await contentHash(dataset) },
    result,
    leaderboard,
    seed,
    adapter: device.adapter.description,
  };
}

/** A network of a file, the images, and the options. */
interface Evaluated {
  readonly asked: ReturnType<typeof readOptions>;
  /** The file of weights. */
  readonly path: string;
  readonly weights: WeightsNetwork;
  readonly dataset: Dataset;
  readonly device: Device;
  /** The network that attacks see, where it is another. */
  readonly transfer: TransferSource | undefined;
  /** Corrupted images to measure as well. */
  readonly corrupted: CorruptedImages | undefined;
}

/** The accuracies and scores that were asked for; null if it was interrupted. */
async function measured(
  { asked, path, weights, dataset, device, transfer, corrupted }: Evaluated,
  terminal: Terminal,
): Promise<NetworkResult | null> {
  for (const note of attackNotes(asked)) terminal.print(`Note: ${note}`);
  const { attacks, ensembles, seed, limit } = asked;
  const { batchSize } = asked.evaluation;
  const networks = [weights.network];
  const setting = { device, networks, dataset, batchSize, seed, limit };
  const found = await evaluateNetworks({
    ...setting,
    craftedOn: transfer?.network,
    attacks,
    onProgress: showEvaluation(terminal, { device, attacks }),
  });
  terminal.clear();
  const { network: corruptions } = await measureCorruptions(corrupted, {
    ...setting,
    terminal,
  });
  const relations = asked.relation &&
    await evaluateRelations(asked.relation, { ...setting, terminal });
  const stronger = await evaluateEnsembles({
    ...setting,
    transfer,
    ensembles,
    source: path,
    base: (network) => `${path}-${network}`,
  }, terminal);
  if (!stronger) return null;
  const own = networkResult(found["network"]!, attacks);
  const seen = transfer ? transferred(own.attacks, transfer.origin) : null;
  const result = withAttacks(
    seen ? { ...own, attacks: seen } : own,
    stronger["network"],
  );
  const relation = relations?.["network"];
  return withScores(result, { relation, corruptions });
}

/** A result with those of further measurements that there are. */
function withScores(
  result: NetworkResult,
  { relation, corruptions }: {
    readonly relation: RelationResult | undefined;
    readonly corruptions: CorruptionResult | undefined;
  },
): NetworkResult {
  return {
    ...result,
    ...relation && { relation },
    ...corruptions && { corruptions },
  };
}

/** The name that has to be given, of what has no run's options. */
function networkName(invocation: Invocation): string {
  const network = invocation.value("network");
  if (network === undefined) {
    throw new UsageError(
      `Cannot evaluate ${invocation.argument}: expected --network NAME, the ` +
        "architecture that its weights are of, but found no --network",
    );
  }
  if (invocation.value("checkpoint") !== undefined) {
    throw new UsageError(
      "Cannot evaluate a file: expected --checkpoint with a run alone; --key " +
        "chooses among the entries of a file",
    );
  }
  return network;
}

/** Reads all options, before anything is loaded. */
function readOptions(invocation: Invocation) {
  const network = networkName(invocation);
  const [dataset, norm] = [
    invocation.value("dataset"),
    invocation.value("norm"),
  ];
  const model = modelDefaults(network, { dataset, norm });
  const evaluation = standardEvaluation({
    norm: norm ?? model.norm,
    epsilon: invocation.value("eps") ?? model.epsilon,
    stepSize: invocation.value("step-size"),
    batchSize: invocation.whole("batch-size", { least: 1 }),
  });
  const how = invocation.value("normalize") ?? model.normalization;
  const list = invocation.value("attack") ?? "clean,pgd-20";
  const settings = invocation.values("set");
  const chosen = chosenAttacks(list, { evaluation, settings });
  checkSourceOptions(invocation, chosen);
  return {
    architecture: namedNetwork(model.network),
    leaderboard: model.leaderboard,
    data: namedDataset(dataset ?? model.dataset ?? "cifar10"),
    evaluation,
    attacks: { clean: null, ...chosen.attacks },
    ensembles: chosen.ensembles,
    normalization: how === undefined ? undefined : namedNormalization(how),
    classes: invocation.whole("classes", { least: 2 }),
    relation: askedRelation(invocation, evaluation),
    key: invocation.value("key"),
    limit: invocation.whole("limit", { least: 1 }),
    seed: invocation.whole("seed", { least: 0 }) ?? 0,
  };
}

function cardNormalization(
  { normalization, normalizationFrom: from }: WeightsNetwork,
): EvaluationCard["normalization"] {
  return normalization && from !== "nobody" ? { ...normalization, from } : null;
}

async function writeCard(path: string, card: EvaluationCard): Promise<void> {
  const text = `${writeJson(card, { indent: 2 })}\n`;
  await writeAtomically(path, text);
}

// What `train` and `sweep` measure of a finished run beside its own evaluation, so that
// one command ends with a whole row of a table: further attacks on the student at its
// best and its last epoch, and the relationship score. What the card has already is not
// measured again, so that the same command goes on where it was stopped.

import { countText } from "../../base/amounts.ts";
import { fileInfo } from "../../base/disk.ts";
import { UsageError } from "../../base/errors.ts";
import { chosenAttacks } from "../../config/chosen_attacks.ts";
import type { NamedEnsembles } from "../../config/ensemble_config.ts";
import type { EvaluationConfig } from "../../config/experiment.ts";
import type { NamedAttacks } from "../../config/named_attacks.ts";
import type { Dataset } from "../../data/dataset.ts";
import { checkpointNetworks } from "../../evaluation/checkpoint_networks.ts";
import {
  evaluateNetworks,
  type EvaluationResults,
  type NetworkEvaluation,
} from "../../evaluation/network_accuracy.ts";
import type { Device } from "../../gpu/device.ts";
import { type Checkpoint, loadCheckpoint } from "../../runs/checkpoint.ts";
import { withRelations } from "../../runs/relation_result.ts";
import { withResults } from "../../runs/attack_entries.ts";
import {
  attackResults,
  type EpochResult,
  type ResultCard,
} from "../../runs/result_card.ts";
import type { RunFolder } from "../../runs/run_folder.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { evaluateEnsembles } from "./evaluate_ensembles.ts";
import {
  askedRelation,
  evaluateRelations,
  type RelationRequest,
} from "./evaluate_relation.ts";
import { showEvaluation } from "./evaluation_progress.ts";
import type { Invocation } from "./invocation.ts";
import type { Option } from "./syntax.ts";

/** What is measured of a finished run. */
export interface Measures {
  readonly attacks: NamedAttacks;
  readonly ensembles: NamedEnsembles;
  readonly relation: RelationRequest | null;
}

/** The options that ask for it. */
export const MEASURES: readonly Option[] = [
  {
    name: "attack",
    value: "LIST",
    about:
      "At the end, also attacks on the student, best and last: cw-20,autoattack",
  },
  {
    name: "relation",
    about: "At the end, also its k-NN relationship score under PGD-20",
  },
];

/**
 * What an invocation asks for.
 *
 * @throws {UsageError} for an attack that does not exist.
 */
export function askedMeasures(
  invocation: Invocation,
  evaluation: EvaluationConfig,
): Measures {
  const list = invocation.value("attack");
  if (list !== undefined && list.trim() === "") {
    throw new UsageError(
      "Cannot use --attack: expected names such as cw-20,autoattack but found none",
    );
  }
  return {
    ...list === undefined
      ? { attacks: {}, ensembles: {} }
      : chosenAttacks(list, { evaluation }),
    relation: askedRelation(invocation, evaluation),
  };
}

/** The words that ask another `train` for the same. */
export function measureWords(invocation: Invocation): string[] {
  const list = invocation.value("attack");
  return [
    ...list === undefined ? [] : [`--attack=${list}`],
    ...invocation.flag("relation") ? ["--relation"] : [],
  ];
}

/** Whether a card has everything that is asked for. */
export function hasMeasures(card: ResultCard, measures: Measures): boolean {
  return [card.best, card.last].every((at) => isEmpty(missing(at, measures)));
}

function isEmpty({ attacks, ensembles, relation }: Measures): boolean {
  return [attacks, ensembles].every((named) =>
    Object.keys(named).length === 0
  ) && relation === null;
}

/** What a card does not have of the student, or of its average, at an epoch. */
function missing(
  { student, average = student }: EpochResult,
  { attacks, ensembles, relation }: Measures,
): Measures {
  const lacks = ([name, config]: [string, unknown]): boolean =>
    config !== null &&
    [student, average].some(({ attacks, count }) =>
      !((attacks[name]?.count ?? 0) >= count)
    );
  return {
    attacks: Object.fromEntries(Object.entries(attacks).filter(lacks)),
    ensembles: Object.fromEntries(Object.entries(ensembles).filter(lacks)),
    relation: student.relation && average.relation ? null : relation,
  };
}

/** Where a run is measured. */
export interface MeasuredRun {
  readonly folder: RunFolder;
  readonly measures: Measures;
  readonly device: Device;
  readonly dataset: Dataset;
}

/** Measures what the card of a finished run lacks. False if it was interrupted. */
export async function measureRun(
  run: MeasuredRun,
  terminal: Terminal,
): Promise<boolean> {
  for (const at of ["best", "last"] as const) {
    const card = await run.folder.readCard();
    if (!card) return true;
    const wanted = missing(card[at], run.measures);
    if (isEmpty(wanted)) continue;
    const { files } = run.folder;
    const same = card.best.epoch === card.last.epoch;
    const source = same ? files.last : files[at];
    const { epoch } = card[at];
    // A run that diverged keeps the last checkpoint whose numbers are finite.
    const checkpoint = await fileInfo(source) && await loadCheckpoint(source);
    if (checkpoint?.epoch !== epoch) {
      terminal.warn(
        `Warning: the student of epoch ${epoch} is not measured, since no ` +
          "checkpoint was kept of numbers that are not finite",
      );
      if (same) return true;
      continue;
    }
    terminal.print(`Measuring the student of epoch ${epoch}`);
    const whole = { ...run, measures: wanted };
    const measured = { checkpoint, source, terminal };
    if (!await measureEpoch(whole, measured)) return false;
  }
  return true;
}

/** Measures the student of one checkpoint, and its average, and keeps results as they come. */
async function measureEpoch(
  { folder, measures, device, dataset }: MeasuredRun,
  { checkpoint, source, terminal }: {
    readonly checkpoint: Checkpoint;
    readonly source: string;
    readonly terminal: Terminal;
  },
): Promise<boolean> {
  const { epoch, experiment: { seed, evaluation: { batchSize } } } = checkpoint;
  const all = checkpointNetworks(checkpoint, { dataset, source });
  const networks = all.filter(({ name }) => name !== "teacher");
  const setting = { device, networks, dataset, batchSize, seed };
  const { attacks, ensembles, relation } = measures;
  for (const [name, config] of Object.entries(attacks)) {
    const attack = { [name]: config };
    const evaluation = { ...setting, attacks: attack };
    const counts = await attackNetworks(evaluation, terminal);
    const results = Object.fromEntries(
      Object.entries(counts).map(([network, found]) =>
        [network, attackResults(found, attack)] as const
      ),
    );
    await keep(folder, (card) => withResults(card, { epoch, results }));
  }
  if (relation) {
    const scores = await evaluateRelations(relation, { ...setting, terminal });
    const found = { epoch, networks: scores };
    await keep(folder, (card) => withRelations(card, found));
  }
  const base = (network: string) => `${folder.path}/${network}-epoch${epoch}`;
  const request = { ...setting, ensembles, source, base };
  const results = await evaluateEnsembles(request, terminal);
  if (!results) return false;
  await keep(folder, (card) => withResults(card, { epoch, results }));
  return true;
}

/** Counts what networks get right, and says so. */
async function attackNetworks(
  evaluation: NetworkEvaluation,
  terminal: Terminal,
): Promise<EvaluationResults> {
  const results = await evaluateNetworks({
    ...evaluation,
    onProgress: showEvaluation(terminal, evaluation),
  });
  terminal.clear();
  for (const [network, counts] of Object.entries(results)) {
    const whose = network === "student" ? "" : ` by the ${network}`;
    for (const [name, { correct, count }] of Object.entries(counts)) {
      const share = `${countText(correct)} of ${countText(count)}`;
      terminal.print(`  ${name}: ${share} images classified correctly${whose}`);
    }
  }
  return results;
}

/** Changes a run's card on the disk. */
async function keep(
  folder: RunFolder,
  change: (card: ResultCard) => ResultCard,
): Promise<void> {
  const card = await folder.readCard();
  if (card) await folder.writeCard(change(card));
}

// The result of a run, as plain data in the spirit of RobustBench's model cards:
// accuracies beside the attacks they were measured with, at the best and at the last
// epoch, since adversarial training overfits (Rice et al., 2020), and beside the paper's.
// Accuracies are percentages, as papers print them.

import type { EnsembleConfig } from "../config/ensemble_config.ts";
import type {
  AttackConfig,
  Experiment,
  ReportedResult,
  TeacherConfig,
} from "../config/experiment.ts";

import { countText } from "../base/amounts.ts";
import type { MeasuredComparison } from "../recipes/measured_setting.ts";
import type { AttackSource } from "./attack_source.ts";
import type { CorruptionResult } from "./corruption_result.ts";

/** The format of a card's file. */
export const CARD_FORMAT = "frpat-card-1";

/** A relationship score in percent. */
export interface RelationResult {
  /** Of clean test images, by the number of neighbors. */
  readonly relationClean: Readonly<Record<string, number>>;
  /** Of adversarial test images, by the number of neighbors. */
  readonly relationRobust: Readonly<Record<string, number>>;
  /** Test images. */
  readonly queries: number;
  /** Features that were searched: a clean and an adversarial one per training image. */
  readonly support: number;
  /** How adversarial images were found. */
  readonly config: AttackConfig;
}

/** Accuracy under one attack. */
export interface AttackResult {
  /** The attack's name, where its key says more; see {@linkcode NetworkResult}. */
  readonly attack?: string;
  /** Percent of the images that are still classified correctly. */
  readonly accuracy: number;
  /** Images attacked. */
  readonly count: number;
  /** Images that the attack had no gradient of in any step; absent where none. */
  readonly zeroGradient?: number;
  /** How they were attacked. */
  readonly config: AttackConfig | EnsembleConfig;
  /** The network that the attack saw, where it was another than the measured one. */
  readonly source?: AttackSource;
  /** More about the result of an ensemble of attacks. */
  readonly ensemble?: EnsembleSummary;
}

/** An ensemble of attacks, one after the other. */
export interface EnsembleSummary {
  /** Percent of the images left after each: "clean", then the attacks. */
  readonly stages: readonly {
    readonly name: string;
    readonly accuracy: number;
  }[];
  /** Reasons to doubt the result, a sentence each. */
  readonly warnings: readonly string[];
  /** Forward passes of single images that it took, a backward pass being one. */
  readonly passes: number;
  /** Forward passes that are expected from the accuracies alone. */
  readonly expectedPasses: number;
  /** Wall-clock time. */
  readonly seconds: number;
}

/** A note on images without a gradient, on which an attack fails; empty if none. */
export function zeroGradientText({ zeroGradient = 0 }: AttackResult): string {
  if (zeroGradient === 0) return "";
  return `; ${countText(zeroGradient)} ` +
    `${zeroGradient === 1 ? "image" : "images"} had no gradient to follow`;
}

/** Accuracies of one network at one epoch. */
export interface NetworkResult {
  /** Percent of the clean images that are classified correctly. */
  readonly clean: number;
  /** Clean images classified. */
  readonly count: number;
  /**
   * Results by the attack's name in the experiment. Where the same attack was also run
   * with other settings or on other images, those have keys that say so.
   */
  readonly attacks: Readonly<Record<string, AttackResult>>;
  /** The relationship score, if it was computed. */
  readonly relation?: RelationResult;
  /** The accuracy on corrupted images, if it was measured. */
  readonly corruptions?: CorruptionResult;
}

/** Accuracies at one epoch. */
export interface EpochResult {
  /** Epochs completed. */
  readonly epoch: number;
  /** The network that is to be robust. */
  readonly student: NetworkResult;
  /** The average of the student's weights; absent where there is none. */
  readonly average?: NetworkResult;
  /** The standard network; null where there is none. */
  readonly teacher: NetworkResult | null;
}

/** A network's architecture and its number of trainable values. */
export interface CardNetwork {
  /** The architecture. */
  readonly architecture: TeacherConfig;
  /** The number of trainable values. */
  readonly parameters: number;
}

/** The images whose robust accuracy chose the best epoch. */
export interface Selection {
  /** "none": the last epoch counts as the best. */
  readonly on: "held-out" | "test" | "none";
  /** How many images they are. */
  readonly images: number;
}

/** The result of a run. */
export interface ResultCard {
  /** The kind of file, and its version. */
  readonly format: typeof CARD_FORMAT;
  /** The experiment's name. */
  readonly experiment: string;
  /** The experiment in a line. */
  readonly title: string;
  /** The data set. */
  readonly dataset: {
    readonly title: string;
    readonly notes: readonly string[];
  };
  /** The network that is to be robust. */
  readonly student: CardNetwork;
  /** The standard network; null where there is none. */
  readonly teacher: CardNetwork | null;
  /** Epochs trained. */
  readonly epochs: number;
  /** The source of all randomness. */
  readonly seed: number;
  /** Wall-clock time of an epoch's training steps, on average, without evaluations. */
  readonly secondsPerEpoch: number;
  /** What chose the best epoch; absent from cards of before it was told. */
  readonly selection?: Selection;
  /** At the epoch with the best robust accuracy on the images that choose it. */
  readonly best: EpochResult;
  /** After the last epoch. */
  readonly last: EpochResult;
  /** GAP of the student: best minus last, clean and by attack. */
  readonly gap: Readonly<Record<string, number>>;
  /** The paper's accuracies; null where it reports none. */
  readonly reported: ReportedResult | null;
  /** What was measured without the regularizers; absent where nothing was. */
  readonly comparison?: MeasuredComparison;
  /** Reasons to doubt the numbers, a sentence each. */
  readonly warnings: readonly string[];
}

/** The parts of a card that do not follow from the experiment. */
export interface CardMeasurements extends
  Pick<
    ResultCard,
    | "dataset"
    | "secondsPerEpoch"
    | "selection"
    | "best"
    | "last"
    | "comparison"
    | "warnings"
  > {
  /** Numbers of trainable values. */
  readonly parameters: {
    readonly student: number;
    readonly teacher: number | null;
  };
}

/** The card of an experiment. */
export function resultCard(
  experiment: Experiment,
  measured: CardMeasurements,
): ResultCard {
  const { student, teacher } = experiment;
  const { dataset, parameters, selection, comparison, best, last } = measured;
  return {
    format: CARD_FORMAT,
    experiment: experiment.name,
    title: experiment.title,
    dataset: { title: dataset.title, notes: dataset.notes },
    student: { architecture: student, parameters: parameters.student },
    teacher: teacher && parameters.teacher !== null
      ? { architecture: teacher, parameters: parameters.teacher }
      : null,
    epochs: experiment.epochs,
    seed: experiment.seed,
    secondsPerEpoch: measured.secondsPerEpoch,
    ...selection && { selection },
    best,
    last,
    gap: gapsOf(best.student, last.student),
    reported: experiment.reported,
    ...comparison && { comparison },
    warnings: measured.warnings,
  };
}

/** How many of how many images an attack left, and how many it had no gradient of. */
export interface AttackCounts
  extends Pick<AttackResult, "count" | "zeroGradient"> {
  /** Images that are still classified correctly. */
  readonly correct: number;
}

/**
 * A network's accuracies from counts of correct predictions, given under the names
 * of their attacks; null stands for clean images.
 *
 * @throws {TypeError} without a count for clean images.
 */
export function networkResult(
  counts: Readonly<
    Record<string, AttackCounts>
  >,
  attacks: Readonly<Record<string, AttackConfig | null>>,
): NetworkResult {
  const [clean] = Object.keys(attacks)
    .flatMap((name) => attacks[name] === null ? counts[name] ?? [] : []);
  if (!clean) {
    throw new TypeError(
      `Cannot sum up a network: expected its clean accuracy but found ${
        Object.keys(counts).join(", ") || "nothing"
      }`,
    );
  }
  const { correct, count } = clean;
  const results = attackResults(counts, attacks);
  return { clean: 100 * correct / count, count, attacks: results };
}

/** The results of the attacks that there are counts for; clean images are left out. */
export function attackResults(
  counts: Readonly<
    Record<string, AttackCounts>
  >,
  attacks: Readonly<Record<string, AttackConfig | null>>,
): Record<string, AttackResult> {
  return Object.fromEntries(
    Object.entries(attacks).flatMap(([name, config]) => {
      const found = counts[name];
      if (!found || !config) return [];
      const { correct, count, zeroGradient } = found;
      return [[name, {
        accuracy: 100 * correct / count,
        count,
        ...zeroGradient ? { zeroGradient } : {},
        config,
      }]];
    }),
  );
}

/** GAP, best minus last, of what was measured alike at both epochs. */
export function gapsOf(
  best: NetworkResult,
  last: NetworkResult,
): Record<string, number> {
  const gaps: Record<string, number> = { clean: best.clean - last.clean };
  for (const [key, entry] of Object.entries(best.attacks)) {
    const name = attackName(key, entry);
    const end = sameEntry(last.attacks, { name, entry });
    if (end) gaps[key] = entry.accuracy - end.accuracy;
  }
  return gaps;
}

/** The attack that an entry is of. */
export function attackName(key: string, { attack }: AttackResult): string {
  return attack ?? key;
}

/** The entry of the same attack, settings and number of images. */
export function sameEntry(
  attacks: NetworkResult["attacks"],
  { name, entry }: { readonly name: string; readonly entry: AttackResult },
): AttackResult | undefined {
  return Object.entries(attacks).find(([key, other]) =>
    attackName(key, other) === name && isSameEntry(other, entry)
  )?.[1];
}

/** Whether two results of one attack have the same settings and number of images. */
export function isSameEntry(one: AttackResult, other: AttackResult): boolean {
  return one.count === other.count &&
    JSON.stringify(one.config) === JSON.stringify(other.config);
}

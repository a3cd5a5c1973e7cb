// Models of RobustBench's lists by their names there: what a file of weights that was
// downloaded from them needs to be evaluated, and what the lists report of it. Nothing
// is downloaded.

import { UsageError } from "../base/errors.ts";
import { didYouMean } from "../base/suggest.ts";
import type { Norm } from "../methods/threat_model.ts";
import type { Fraction } from "./experiment.ts";
import { ROBUSTBENCH_LISTS } from "./robustbench_lists.ts";

/** What begins the name of a network that is a model's of RobustBench. */
const PREFIX = "robustbench:";

/** What a list reports of a model. Accuracies are percentages. */
export interface LeaderboardEntry {
  /** The model's name. */
  readonly name: string;
  readonly norm: Norm;
  /** The radius of the ball. */
  readonly epsilon: Fraction;
  readonly clean: number;
  /** Under AutoAttack. */
  readonly autoattack: number;
  /** The least accuracy that anybody found, where it is less. */
  readonly leastKnown: number | null;
}

/** A model of a list. */
export interface RobustBenchModel {
  /** The data set, as `--dataset` has it. */
  readonly dataset: string;
  /** The architecture, as `--network` has it. */
  readonly network: string;
  /** The normalization of images, as `--normalize` has it. */
  readonly normalization: string;
  readonly entry: LeaderboardEntry;
}

/** Which list is meant, where a name stands on several. */
export interface ListChoice {
  readonly dataset?: string | undefined;
  readonly norm?: string | undefined;
}

/** All models, those of the best known list first. */
const MODELS: readonly RobustBenchModel[] = Object.entries(ROBUSTBENCH_LISTS)
  .flatMap(([list, text]) => {
    const [dataset, norm] = list.split(" ") as [string, Norm];
    return text.trim().split("\n").map((line) => {
      const [name, network, normalization, epsilon, ...numbers] = line
        .split(" ") as [string, string, string, Fraction];
      const [clean, autoattack, least] = (numbers as string[]).map(Number);
      const leastKnown = Number.isNaN(least) ? null : least!;
      return {
        dataset,
        network,
        normalization,
        entry: {
          name,
          norm,
          epsilon,
          clean: clean!,
          autoattack: autoattack!,
          leastKnown,
        },
      };
    });
  });

/**
 * The model of a name such as "robustbench:Rice2020Overfitting"; null for a name that
 * does not begin so. Where it is on several lists, that of the data set and the norm is
 * meant, or else that of CIFAR-10 and the maximum norm.
 *
 * @throws {UsageError} for a model that no list has, or whose architecture is not here.
 */
export function robustBenchModel(
  text: string,
  { dataset, norm }: ListChoice = {},
): RobustBenchModel | null {
  if (!text.toLowerCase().startsWith(PREFIX)) return null;
  const name = text.slice(PREFIX.length);
  const fit = (model: RobustBenchModel): number =>
    (dataset && isSameWord(model.dataset, dataset) ? 2 : 0) +
    (norm && isSameWord(model.entry.norm, norm) ? 1 : 0);
  const [found] = MODELS.filter(({ entry }) => isSameWord(entry.name, name))
    .toSorted((a, b) => fit(b) - fit(a));
  if (found) return found;
  const names = [...new Set(MODELS.map(({ entry }) => entry.name))];
  throw new UsageError(
    `Cannot use --network ${text}: expected one of the ${names.length} models of ` +
      `RobustBench's lists whose architecture is here, such as ${
        names.slice(0, 2).join(" or ")
      }, but found ${name}${didYouMean(name, names)}`,
  );
}

/** What a file of a model is evaluated with, where a user says nothing else. */
export function modelDefaults(
  text: string,
  choice: ListChoice,
): {
  readonly network: string;
  readonly dataset?: string | undefined;
  readonly norm?: string | undefined;
  readonly epsilon?: Fraction | undefined;
  readonly normalization?: string | undefined;
  /** What the list reports; null on other images than the list's. */
  readonly leaderboard: LeaderboardEntry | null;
} {
  const model = robustBenchModel(text, choice);
  if (!model) return { network: text, leaderboard: null };
  const { dataset = model.dataset, norm = model.entry.norm } = choice;
  const isListed = isSameWord(dataset, model.dataset);
  return {
    ...model,
    norm,
    epsilon: isSameWord(norm, model.entry.norm)
      ? model.entry.epsilon
      : undefined,
    leaderboard: isListed ? model.entry : null,
  };
}

/** Whether words are the same but for capitals and dashes. */
function isSameWord(a: string, b: string): boolean {
  const plain = (word: string) => word.toLowerCase().replaceAll("-", "");
  return plain(a) === plain(b);
}

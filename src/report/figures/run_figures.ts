// The figures of a run that need its network, and not only its log.

import type { Labels } from "../../data/dataset.ts";
import { type Chart, renderChart } from "./chart.ts";
import { classAccuracyChart } from "./class_accuracy.ts";
import {
  DivergedError,
  type Examination,
  type Examined,
  ExaminedNetwork,
} from "./examined_network.ts";
import { featureMap, type MappedSplit, shownImages } from "./feature_map.ts";
import { imageStrip } from "./image_strip.ts";
import type { Picture } from "./picture.ts";
import { radiusAccuracyChart } from "./radius_accuracy.ts";

/** The run's network, and a callback for the progress. */
export interface FigureOptions extends Examination {
  /** Called before each figure, with what it shows. */
  readonly onProgress?: (what: string) => void;
}

/** What could be drawn. */
export interface RunFigures {
  readonly pictures: readonly Picture[];
  /** Why the others are missing; null where none is. */
  readonly missing: string | null;
}

/**
 * Draws a run's student under the first attack of its evaluation, as far as the
 * network computes numbers.
 *
 * @throws {UserError} if the checkpoint has not the student's tensors.
 */
export async function runFigures(options: FigureOptions): Promise<RunFigures> {
  const pictures: Picture[] = [];
  try {
    await draw(options, pictures);
    return { pictures, missing: null };
  } catch (error) {
    if (!(error instanceof DivergedError)) throw error;
    return { pictures, missing: error.message };
  }
}

async function draw(
  options: FigureOptions,
  pictures: Picture[],
): Promise<void> {
  const { device, experiment, dataset, onProgress } = options;
  const { classNames, shape } = dataset;
  const [name, attack] = Object.entries(experiment.evaluation.attacks)[0]!;
  using network = await ExaminedNetwork.open(options);
  const { labels } = network.split;
  onProgress?.(`attacking ${labels.length} images by ${name}`);
  const clean = await network.clean();
  const adversarial = await network.attacked(attack);
  const subject = { labels, classNames, attack: name };
  pictures.push(
    await drawn(classAccuracyChart(
      [{ name: "clean", ...clean }, { name, ...adversarial }],
      subject,
    )),
    await imageStrip({
      ...subject,
      clean,
      adversarial,
      shape,
      config: attack,
    }),
  );
  onProgress?.("attacking with other radii");
  pictures.push(
    await drawn(await radiusAccuracyChart(network, { name, attack })),
  );
  for (const split of ["test", "training"] as const) {
    onProgress?.(`placing features of ${split} images in the plane`);
    const known = { labels, clean, adversarial };
    const places = await features(network, { ...options, split, known });
    const map = await featureMap(device, { ...subject, ...places, split });
    pictures.push(await drawn(map));
  }
}

/** Images with what a network makes of them, clean and attacked. */
interface ExaminedPair {
  readonly labels: Labels;
  readonly clean: Examined;
  readonly adversarial: Examined;
}

/** Features of as many images of ten classes as a map shows. */
async function features(
  network: ExaminedNetwork,
  options: FigureOptions & {
    readonly split: MappedSplit;
    readonly known: ExaminedPair;
  },
) {
  const { labels, clean, adversarial } = await pairToShow(network, options);
  return {
    labels,
    clean: await network.features(clean),
    adversarial: await network.features(adversarial),
  };
}

/** The pair that a map shows: the known one, where it has all that is to be shown. */
async function pairToShow(
  network: ExaminedNetwork,
  { experiment, dataset, limit, split, known }: FigureOptions & {
    readonly split: MappedSplit;
    readonly known: ExaminedPair;
  },
): Promise<ExaminedPair> {
  const { classNames } = dataset;
  const all = split === "test" ? dataset.test : dataset.train;
  const shown = shownImages(all, { classNames, seed: experiment.seed, limit });
  const { labels } = shown;
  const same = split === "test" && labels.length === known.labels.length &&
    labels.every((label, i) => label === known.labels[i]);
  if (same) return known;
  const [attack] = Object.values(experiment.evaluation.attacks);
  return {
    labels,
    clean: await network.clean(shown),
    adversarial: await network.attacked(attack!, shown),
  };
}

async function drawn(chart: Chart): Promise<Picture> {
  return { ...chart, svg: await renderChart(chart) };
}

// The figures of a run that need its network, and not only its log.

import { type Chart, renderChart } from "./chart.ts";
import { classAccuracyChart } from "./class_accuracy.ts";
import {
  DivergedError,
  type Examination,
  ExaminedNetwork,
} from "./examined_network.ts";
import { featureMap } from "./feature_map.ts";
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
  onProgress?.("placing features in the plane");
  const map = await featureMap(device, {
    ...subject,
    clean: await network.features(clean),
    adversarial: await network.features(adversarial),
    seed: experiment.seed,
  });
  pictures.push(await drawn(map));
}

async function drawn(chart: Chart): Promise<Picture> {
  return { ...chart, svg: await renderChart(chart) };
}

// The figures of a run that need its network, and not only its log.

import { type Chart, renderChart } from "./chart.ts";
import { classAccuracyChart } from "./class_accuracy.ts";
import { type Examination, ExaminedNetwork } from "./examined_network.ts";
import { featureMap } from "./feature_map.ts";
import { imageStrip } from "./image_strip.ts";
import type { Picture } from "./picture.ts";
import { radiusAccuracyChart } from "./radius_accuracy.ts";

/** The run's network, and a callback for the progress. */
export interface FigureOptions extends Examination {
  /** Called before each figure, with what it shows. */
  readonly onProgress?: (what: string) => void;
}

/**
 * Draws a run's student under the first attack of its evaluation.
 *
 * @throws {TypeError} if the checkpoint has not the student's tensors.
 */
export async function runFigures(options: FigureOptions): Promise<Picture[]> {
  const { device, experiment, dataset, onProgress } = options;
  const { classNames, shape } = dataset;
  const [name, attack] = Object.entries(experiment.evaluation.attacks)[0]!;
  using network = await ExaminedNetwork.open(options);
  const { labels } = network.split;
  onProgress?.(`attacking ${labels.length} images by ${name}`);
  const clean = await network.clean();
  const adversarial = await network.attacked(attack);
  const subject = { labels, classNames, attack: name };
  const pictures = [
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
  ];
  onProgress?.("attacking with other radii");
  pictures.push(
    await drawn(await radiusAccuracyChart(network, { name, attack })),
  );
  onProgress?.("placing features in the plane");
  pictures.push(
    await drawn(
      await featureMap(device, {
        ...subject,
        clean: await network.features(clean),
        adversarial: await network.features(adversarial),
        seed: experiment.seed,
      }),
    ),
  );
  return pictures;
}

async function drawn(chart: Chart): Promise<Picture> {
  return { ...chart, svg: await renderChart(chart) };
}

// How accuracy falls as the radius of the attack grows. It must reach 0: where it
// does not, the attack fails rather than the network withstands (Carlini et al.,
// "On evaluating adversarial robustness", 2019).
//
// A perturbation within a smaller radius is also within a larger one. An image that is
// misclassified at a smaller radius therefore counts as misclassified at larger ones, even
// where the attack with its larger steps fails there: the accuracy never rises.

import { type AttackConfig, fractionValue } from "../../config/experiment.ts";
import type { Chart, LinePoint } from "./chart.ts";
import type { ExaminedNetwork } from "./examined_network.ts";

/** Radii, in those of the experiment's evaluation. */
const RADII = [0, 0.25, 0.5, 0.75, 1, 1.5, 2, 4];

/** Accuracy under an attack of growing radius, with steps that grow alike. */
export async function radiusAccuracyChart(
  network: Pick<ExaminedNetwork, "split" | "clean" | "attacked">,
  { name, attack }: { readonly name: string; readonly attack: AttackConfig },
): Promise<Chart> {
  const { labels, count } = network.split;
  const radius = fractionValue(attack.epsilon);
  const points: LinePoint[] = [];
  const withstood = new Array<boolean>(count).fill(true);
  // No two images differ by more than 1 in a value.
  const largest = attack.norm === "linf" ? 1 : Infinity;
  const factors = RADII.filter((factor) => factor * radius <= largest);
  for (const factor of factors) {
    const { predictions } = factor === 0
      ? await network.clean()
      : await network.attacked(enlarged(attack, factor));
    predictions.forEach((found, i) => withstood[i] &&= found === labels[i]);
    const hits = withstood.filter((one) => one).length;
    points.push({
      series: name,
      x: 255 * radius * factor,
      y: 100 * hits / count,
    });
  }
  return {
    kind: "lines",
    name: "radius-accuracy",
    title: `Accuracy against the radius of ${name}`,
    description:
      `Accuracy on ${count} test images under ${name}, in percent, ` +
      `by radius in levels of 255, where the attack of no smaller radius ` +
      `succeeded either: ${
        points.map(({ x, y }) => `${y.toFixed(1)} at ${x.toFixed(1)}`)
          .join(", ")
      }. It was trained for ${attack.epsilon} and evaluated there.`,
    x: { title: `radius (${attack.norm}, levels of 255)` },
    y: { title: "accuracy (%)", domain: [0, 100] },
    points,
  };
}

/** The attack with radius and step multiplied. */
function enlarged(attack: AttackConfig, factor: number): AttackConfig {
  const times = (text: string): string =>
    (factor * fractionValue(text)).toFixed(20);
  return {
    ...attack,
    epsilon: times(attack.epsilon),
    ..."stepSize" in attack ? { stepSize: times(attack.stepSize) } : {},
  };
}

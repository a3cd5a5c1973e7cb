// FAB finds the distance to the boundary of a linear classifier, which its step is
// exact for.

import { assert, assertEquals } from "@std/assert";
import { fab, fabTargeted } from "../../../src/methods/attacks/fab.ts";
import type { RoundAttack } from "../../../src/methods/round_attack.ts";
import { l2, linf } from "../../../src/methods/threat_model.ts";
import {
  attackLinearClassifier,
  distances,
  LinearClassifier,
  linearExamples,
} from "../../support/linear_classifier.ts";

const network = new LinearClassifier(5);
const threats = { linf, l2 };

for (const norm of ["linf", "l2"] as const) {
  const examples = linearExamples(network, { count: 24, norm });
  const far = Math.max(...examples.radii) * 2;

  /** How far an attack moves the images with a ball that holds all boundaries. */
  const moved = async (search: RoundAttack): Promise<number[]> => {
    const { images, correct } = await attackLinearClassifier(
      search,
      network,
      examples,
    );
    assert(correct.every((right) => right === 0));
    return distances(images, examples, norm);
  };

  Deno.test(`fab() finds the nearest boundary in the ${norm} norm`, async () => {
    const found = await moved(fab({ threat: threats[norm](far), steps: 40 }));
    found.forEach((distance, n) => {
      const radius = examples.radii[n]!;
      assert(distance >= radius * (1 - 1e-4), `image ${n}`);
      assert(distance <= radius * 1.02, `image ${n}: ${distance} ${radius}`);
    });
  });

  Deno.test(`fabTargeted() breaks what is in the ${norm} ball and returns all else as it was`, async () => {
    const sorted = examples.radii.toSorted((a, b) => a - b);
    const epsilon = (sorted[11]! + sorted[12]!) / 2;
    const threat = threats[norm](epsilon);
    const search = fabTargeted({ threat, steps: 30, targets: 4 });
    const found = await attackLinearClassifier(search, network, examples);
    const far = distances(found.images, examples, norm);
    examples.radii.forEach((radius, n) => {
      if (Math.abs(radius / epsilon - 1) < 0.02) return;
      const broken = radius < epsilon;
      assertEquals(found.correct[n], broken ? 0 : 1, `image ${n}`);
      assert(far[n]! <= epsilon, `image ${n}`);
      if (!broken) assertEquals(far[n], 0, `image ${n}`);
    });
  });
}

Deno.test("fab() starts at random where it starts again", async () => {
  const examples = linearExamples(network, { count: 4, norm: "linf" });
  const search = fab({ threat: linf(1), steps: 1, restarts: 2 });
  const found: Float32Array[] = [];
  for (const index of [0, 1]) {
    const { images } = await attackLinearClassifier(
      {
        name: "round",
        maximize: (_, inputs) => search.round(index).begin(inputs).images,
      },
      network,
      examples,
    );
    found.push(images);
  }
  assert(found[0]!.some((x, i) => x !== found[1]![i]));
});

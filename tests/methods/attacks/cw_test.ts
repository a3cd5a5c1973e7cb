// The margin attack at the worst case of a linear classifier, and where
// cross-entropy gives no direction.

import { assert, assertEquals } from "@std/assert";
import { cw } from "../../../src/methods/attacks/cw.ts";
import { pgd } from "../../../src/methods/attacks/pgd.ts";
import { l2, linf } from "../../../src/methods/threat_model.ts";
import {
  attackLinearClassifier,
  distances,
  LinearClassifier,
  linearExamples,
} from "../../support/linear_classifier.ts";

for (const norm of ["linf", "l2"] as const) {
  Deno.test(`cw() breaks exactly what can be broken among two classes in the ${norm} ball`, async () => {
    const network = new LinearClassifier(2);
    const examples = linearExamples(network, { count: 24, norm });
    const epsilon = examples.radii.toSorted((a, b) => a - b)[11]! * 1.01;
    const threat = { linf, l2 }[norm](epsilon);
    const start = { kind: "clean" } as const;
    const attack = cw({ threat, steps: 8, stepSize: epsilon / 2, start });
    const found = await attackLinearClassifier(attack, network, examples);
    assertEquals(
      Array.from(found.correct),
      examples.radii.map((radius) => radius > epsilon ? 1 : 0),
    );
  });
}

Deno.test("pgd({ stop }) leaves an image where it was first misclassified", async () => {
  const network = new LinearClassifier(2);
  const examples = linearExamples(network, { count: 24, norm: "linf" });
  const epsilon = Math.max(...examples.radii) * 1.5;
  const threat = linf(epsilon);
  const stepSize = epsilon / 20;
  const start = { kind: "clean" } as const;
  const options = { threat, steps: 20, stepSize, start };
  const found = await attackLinearClassifier(
    pgd({ ...options, stop: true }),
    network,
    examples,
  );
  const whole = await attackLinearClassifier(pgd(options), network, examples);
  assert(found.correct.every((right) => right === 0));
  const far = distances(found.images, examples, "linf");
  far.forEach((distance, n) => {
    // One step of the sign crosses the boundary; where it lies decides which.
    const steps = Math.ceil(examples.radii[n]! / stepSize);
    assert(Math.abs(distance - steps * stepSize) < 1e-5, `image ${n}`);
  });
  const most = distances(whole.images, examples, "linf");
  assert(most.every((distance) => Math.abs(distance - epsilon) < 1e-5));
});

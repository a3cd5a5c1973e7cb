// Auto-PGD where the worst case is known.

import { assert, assertEquals } from "@std/assert";
import { apgd } from "../../../src/methods/attacks/apgd.ts";
import { apgdTargeted } from "../../../src/methods/attacks/apgd_targeted.ts";
import type { RoundAttack } from "../../../src/methods/round_attack.ts";
import { l2, linf } from "../../../src/methods/threat_model.ts";
import {
  attackLinearClassifier,
  distances,
  LinearClassifier,
  linearExamples,
} from "../../support/linear_classifier.ts";

const network = new LinearClassifier(5);

for (const norm of ["linf", "l2"] as const) {
  const examples = linearExamples(network, { count: 40, norm });
  // Half can be broken; 1 % further and less than that are left out of the question.
  const sorted = examples.radii.toSorted((a, b) => a - b);
  const epsilon = (sorted[19]! + sorted[20]!) / 2;
  const threat = { linf, l2 }[norm](epsilon);
  const decided = examples.radii.map((radius) =>
    Math.abs(radius / epsilon - 1) > 0.01
  );

  /** Which images an attack leaves correctly classified. */
  const survivors = async (search: RoundAttack): Promise<number[]> => {
    const found = await attackLinearClassifier(
      search,
      network,
      examples,
    );
    const far = distances(found.images, examples, norm);
    assert(far.every((distance) => distance <= epsilon + 1e-6), `${far}`);
    return Array.from(found.correct);
  };
  const robust = examples.radii.map((radius) => radius > epsilon ? 1 : 0);

  Deno.test(`apgdTargeted() breaks exactly what a linear classifier lets it in the ${norm} ball`, async () => {
    const left = await survivors(
      apgdTargeted({ threat, steps: 30, targets: 4 }),
    );
    assertEquals(
      left.filter((_, n) => decided[n]),
      robust.filter((_, n) => decided[n]),
    );
  });

  for (const loss of ["ce", "dlr"] as const) {
    Deno.test(`apgd("${loss}") breaks nothing that cannot be broken in the ${norm} ball, and most of the rest`, async () => {
      const left = await survivors(apgd(loss, { threat, steps: 30 }));
      left.forEach((right, n) => {
        if (decided[n] && robust[n]) assertEquals(right, 1, `image ${n}`);
      });
      const broken = left.filter((right) => !right).length;
      assert(broken >= 18, `${broken} of 20`);
    });
  }
}

Deno.test("apgd() draws a start of its own for every restart", async () => {
  const threat = linf(1e-4);
  const examples = linearExamples(network, { count: 2, norm: "linf" });
  const search = apgd("ce", { threat, steps: 0, restarts: 2 });
  assertEquals(search.rounds, 2);
  const starts: Float32Array[] = [];
  for (const index of [0, 1]) {
    const { images } = await attackLinearClassifier(
      {
        name: "start",
        maximize: (_, inputs) => search.round(index).begin(inputs).images,
      },
      network,
      examples,
    );
    starts.push(images);
    // Every image touches the border of the ball.
    for (const distance of distances(images, examples, "linf")) {
      assert(Math.abs(distance - 1e-4) < 1e-6);
    }
  }
  assert(starts[0]!.some((x, i) => x !== starts[1]![i]));
});

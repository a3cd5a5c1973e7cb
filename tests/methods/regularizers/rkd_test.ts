// Both losses of RKD against PyTorch, where the examples are the same, and where
// none differs from another.

import { assertAlmostEquals, assertEquals } from "@std/assert";
import {
  rkdAngleLoss,
  rkdDistanceLoss,
} from "../../../src/methods/regularizers/rkd.ts";
import { grad } from "../../../src/ops/grad.ts";
import { evaluate, type Given } from "../../support/evaluate.ts";
import {
  checkFeatureLoss,
  checkRecordedFeatures,
  WORKED,
} from "../../support/recorded_features.ts";

const LOSSES = {
  rkd_distance: { build: rkdDistanceLoss, worked: 0.18384865 },
  rkd_angle: { build: rkdAngleLoss, worked: 0.15373195 },
} as const;

/**
 * The law of cosines subtracts squares of the longer sides, so that their rounding
 * grows by the ratio to the shortest, up to 211 between near duplicates. Gradients
 * are proportional to what cosines differ by, about a tenth of them.
 */
function toleranceOf(name: string): number {
  return name === "near_duplicates" ? 2 * 10 * 211 * 2 ** -24 : 1e-5;
}

for (const [loss, { build, worked }] of Object.entries(LOSSES)) {
  checkFeatureLoss(`${build.name}()`, { build, worked });
  checkRecordedFeatures(loss, { build, toleranceOf, rounding: () => 2 ** -24 });

  Deno.test(`${build.name}() stays finite where examples are the same`, async () => {
    const [teacher] = WORKED;
    const same: Given = { shape: [4, 3], values: new Array(12).fill(0.5) };
    const pair: Given = {
      shape: [4, 3],
      values: [1, 0, .5, .9, .1, .4, 1, 0, .5, .1, .8, 0],
    };
    for (const student of [same, pair]) {
      const found = await evaluate([teacher, student], ([t, s]) => {
        const value = build(t!, s!);
        return [value, ...grad(value, [s!])];
      });
      for (const [who, results] of Object.entries(found)) {
        assertEquals(results.flat().every(Number.isFinite), true, who);
      }
    }
  });

  Deno.test(`${build.name}() does not depend on the scale of features`, async () => {
    const [teacher, student] = WORKED;
    const larger: Given = {
      shape: student.shape,
      values: student.values.map((x) => 8 * x),
    };
    const found = await evaluate(
      [teacher, larger],
      ([t, s]) => [build(t!, s!)],
    );
    for (const [who, [value]] of Object.entries(found)) {
      assertAlmostEquals(value![0]!, worked, 1e-6, who);
    }
  });
}

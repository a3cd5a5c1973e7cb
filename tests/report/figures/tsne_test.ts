// t-SNE against scikit-learn's, whose numbers tests/fixtures/make_tsne.py prints, and
// against what it is for: clusters stay together.

import { assert, assertAlmostEquals, assertThrows } from "@std/assert";
import {
  neighborAffinities,
  type Points,
  squaredDistances,
} from "../../../src/report/figures/neighbor_affinities.ts";
import { principalComponents } from "../../../src/report/figures/principal_components.ts";
import { tsne } from "../../../src/report/figures/tsne.ts";
import { testDevice } from "../../support/check_op.ts";

const COUNT = 60, DIMENSIONS = 6, PERPLEXITY = 10;

/** Three clusters: point i belongs to cluster i mod 3. */
const POINTS: Points = {
  values: Float32Array.from({ length: COUNT * DIMENSIONS }, (_, at) => {
    const [i, k] = [Math.floor(at / DIMENSIONS), at % DIMENSIONS];
    return Math.sin(1.7 * i * (k + 1)) + (k === i % 3 ? 4 : 0);
  }),
  count: COUNT,
};

const SCIKIT_LEARN = {
  neighbors: [1, 2, 3, 6, 59],
  affinities: [
    9.731688876335618e-8,
    7.567141590628849e-9,
    0.001071038645148563,
    0.0009662536816126072,
    3.759390860129739e-9,
  ],
  divergence: 0.28203636590341186,
};

/** KL(P || Q) of an embedding. */
function divergenceOf(p: Float64Array, places: Float32Array): number {
  const near = squaredDistances({ values: places, count: COUNT })
    .map((distance) => 1 / (1 + distance));
  const different = (_: number, at: number) => at % (COUNT + 1) !== 0;
  const sum = near.filter(different).reduce((a, b) => a + b);
  return p.reduce(
    (total, value, at) =>
      value > 0 ? total + value * Math.log(value / (near[at]! / sum)) : total,
    0,
  );
}

Deno.test("neighborAffinities() are scikit-learn's", () => {
  const p = neighborAffinities(POINTS, { perplexity: PERPLEXITY });
  SCIKIT_LEARN.neighbors.forEach((j, at) => {
    const expected = SCIKIT_LEARN.affinities[at]!;
    // Both bisect until the entropy is within 1e-5.
    assertAlmostEquals(p[j]! / expected, 1, 1e-3);
  });
  assertAlmostEquals(p.reduce((a, b) => a + b), 1, 1e-12);
});

Deno.test("neighborAffinities() refuses more neighbors than points", () => {
  assertThrows(
    () => neighborAffinities(POINTS, { perplexity: 60 }),
    RangeError,
    "expected a perplexity from 1 to below the 60 points but found 60",
  );
});

Deno.test("principalComponents() finds the axes of a stretched cloud", () => {
  // Along (3, 4) / 5 the spread is 10, across it 1, and nothing else.
  const values = Float32Array.from({ length: 200 * 3 }, (_, at) => {
    const i = Math.floor(at / 3);
    const [along, across] = [10 * Math.sin(i), Math.cos(2.3 * i)];
    return [
      0.6 * along - 0.8 * across,
      0.8 * along + 0.6 * across,
      7,
    ][at % 3]!;
  });
  const found = principalComponents({ values, count: 200 });
  const spread = [0, 1].map((axis) => {
    const own = found.filter((_, at) => at % 2 === axis);
    return Math.sqrt(own.reduce((sum, v) => sum + v * v, 0) / 200);
  });
  assertAlmostEquals(spread[0]!, 10 / Math.SQRT2, 0.1);
  assertAlmostEquals(spread[1]!, 1 / Math.SQRT2, 0.05);
});

Deno.test("tsne() reaches scikit-learn's divergence, keeps clusters together and is repeatable", async () => {
  const device = await testDevice();
  const embed = () => tsne(device, POINTS, { perplexity: PERPLEXITY });
  const places = await embed();
  const p = neighborAffinities(POINTS, { perplexity: PERPLEXITY });
  // Another local minimum may be a little better or worse.
  const divergence = divergenceOf(p, places);
  assertAlmostEquals(divergence / SCIKIT_LEARN.divergence, 1, 0.05);
  const distances = squaredDistances({ values: places, count: COUNT });
  for (let i = 0; i < COUNT; i++) {
    const nearest = Array.from({ length: COUNT }, (_, j) => j)
      .filter((j) => j !== i)
      .sort((a, b) => distances[i * COUNT + a]! - distances[i * COUNT + b]!)
      .slice(0, 10);
    assert(
      nearest.every((j) => j % 3 === i % 3),
      `${i} lies beside ${nearest}`,
    );
  }
  const again = await embed();
  assert(places.every((value, i) => value === again[i]));
});

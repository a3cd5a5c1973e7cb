// Several ranks in one process compute what one does: the same images, draws and losses.

import { assert, assertEquals, assertRejects } from "@std/assert";
import { sharesOf } from "../../src/base/communicator.ts";
import { Device } from "../../src/gpu/device.ts";
import { UserError } from "../../src/base/errors.ts";
import { memoryRanks } from "../support/memory_ranks.ts";
import { type RankTraining, trainRank } from "../support/rank_training.ts";

async function alone(training: RankTraining) {
  using device = await Device.open();
  return await trainRank(device, null, training);
}

async function together(size: number, training: RankTraining) {
  return await Promise.all(
    memoryRanks(size).map(async (communicator) => {
      using device = await Device.open();
      return await trainRank(device, communicator, training);
    }),
  );
}

function difference(a: Float32Array, b: Float32Array): number {
  assertEquals(a.length, b.length);
  return a.reduce((most, x, i) => Math.max(most, Math.abs(x - b[i]!)), 0);
}

Deno.test("ranks train the weights of one process, also in a smaller last batch", async () => {
  // 56 images: three batches of 16 and one of 8, over 3 ranks 3, 3 and 2.
  const training = { steps: 6 };
  const one = await alone(training);
  const ranks = await together(3, training);
  for (const { weights } of ranks) {
    assert(difference(weights, one.weights) < 1e-6);
  }
  const local = await together(3, { ...training, scope: "rank" });
  assert(difference(local[0]!.weights, one.weights) > 1e-5);
  for (const [name, sum] of Object.entries(one.sums)) {
    const found = ranks[0]!.sums[name]!;
    assert(Math.abs(found - sum) <= 1e-2 * Math.abs(sum), `${name}: ${found}`);
  }
});

Deno.test("ranks with batch norm have equal weights, and equal bytes in another run", async () => {
  const training = { steps: 3, withNorm: true, perturbed: true };
  const [first, second] = await together(2, training);
  assertEquals(first!.weights, second!.weights);
  const [again] = await together(2, training);
  assertEquals(again!.weights, first!.weights);
});

Deno.test("a batch is refused that has no image for some rank", async () => {
  using device = await Device.open();
  const [rank] = memoryRanks(17);
  await assertRejects(
    () => trainRank(device, rank!, { steps: 1 }),
    UserError,
    "expected at least an image for each of 17 ranks but found 16",
  );
});

Deno.test("sharesOf() gives the first ranks the images that are left over", () => {
  assertEquals(sharesOf(8, 3), [
    { first: 0, count: 3 },
    { first: 3, count: 3 },
    { first: 6, count: 2 },
  ]);
});

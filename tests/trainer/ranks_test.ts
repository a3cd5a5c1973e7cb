// Several ranks in one process compute what one does: the same images, draws and losses.

import { assert, assertEquals } from "@std/assert";
import { Device } from "../../src/gpu/device.ts";
import { memoryRanks } from "../support/memory_ranks.ts";
import { type RankTraining, trainRank } from "../support/rank_training.ts";

async function trained(size: number, training: RankTraining) {
  if (size === 0) {
    using device = await Device.open();
    return [await trainRank(device, null, training)];
  }
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
  const [alone] = await trained(0, training);
  const ranks = await trained(3, training);
  for (const { weights } of ranks) {
    assert(difference(weights, alone!.weights) < 1e-6);
  }
  for (const [name, sum] of Object.entries(alone!.sums)) {
    const found = ranks[0]!.sums[name]!;
    assert(Math.abs(found - sum) <= 1e-4 * Math.abs(sum), `${name}: ${found}`);
  }
});

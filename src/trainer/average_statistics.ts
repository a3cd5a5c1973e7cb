// The pass over the training images that gives averaged weights their running statistics.

import { epochOrder } from "../data/sampler.ts";
import { Variable } from "../graph/tensor.ts";
import { gatherAugment } from "../ops/gather_augment.ts";
import type { CompiledStep } from "../step/compiled_step.ts";
import { RecomputedStatistics } from "../step/recomputed_statistics.ts";
import type { Memory } from "../gpu/memory.ts";

/** The stream of its crops, and of the order of its images, which is always the same. */
const STREAM = "average statistics";

/** Binds the pass of a step's average; it sets the order of the training images. */
export async function averageStatistics(
  { memory, step }: { readonly memory: Memory; readonly step: CompiledStep },
): Promise<RecomputedStatistics> {
  const { data, batching, hyperparameters: { seed, augmentation } } = step;
  const position = new Variable("position", [], "u32");
  const number = new Variable("batch number", [], "u32");
  const order = epochOrder({ seed, epoch: 0, stream: STREAM }, data.count);
  return await RecomputedStatistics.bind(memory, {
    network: step.average!.materialized,
    batching,
    images(graph, size) {
      const source = { ...data, position: graph.read(position) };
      const key = { seed, stream: STREAM, step: graph.read(number) };
      return gatherAugment(source, {
        batch: size,
        ...data.shape,
        augmentation: { ...augmentation, key },
      }).x;
    },
    place({ number: n, start }) {
      if (n === 0) data.setOrder(memory, order);
      memory.write(position, Uint32Array.of(start));
      memory.write(number, Uint32Array.of(n));
    },
  });
}

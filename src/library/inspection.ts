// What `Classifier.inspect` does: one run over a batch, of which the named tensors are
// read back.

import type { Split } from "../data/dataset.ts";
import type { LabeledImages } from "../data/float_images.ts";
import type { Memory } from "../gpu/memory.ts";
import type { Shape, Variable } from "../graph/tensor.ts";
import { collectInspected } from "../ops/inspect.ts";
import { bindBatches } from "../step/batch_programs.ts";
import type { TracedBatch } from "../step/batch_source.ts";
import type { ImageBatches } from "./image_batches.ts";

/** The values of a tensor. */
export interface InspectedTensor {
  /** The sizes of its dimensions. */
  readonly shape: Shape;
  /** Its numbers, the last axis fastest. */
  readonly values: Float32Array<ArrayBuffer> | Uint32Array<ArrayBuffer>;
}

/** What to look into. */
interface Inspection {
  readonly examples: LabeledImages | Split;
  readonly batches: ImageBatches;
  /** Most images of a batch. */
  readonly batchSize: number;
  readonly trace: (batch: TracedBatch) => void;
}

/** Runs a computation on a batch, and reads what it named. */
export async function inspection(
  memory: Memory,
  { examples, batches, batchSize, trace }: Inspection,
): Promise<ReadonlyMap<string, InspectedTensor>> {
  const source = batches.of(examples);
  const { count } = source;
  if (count > batchSize) {
    throw new RangeError(
      `Cannot inspect: expected at most the ${batchSize} images of a batch but ` +
        `found ${count}`,
    );
  }
  let named: ReadonlyMap<string, Variable> = new Map();
  using plans = await bindBatches(memory, {
    name: "inspection",
    sizes: [count],
    trace: (graph, size) => {
      named = collectInspected(graph);
      trace(source.trace(graph, size));
    },
  });
  const variables = [...named.values()];
  if (variables.length === 0) {
    throw new TypeError(
      "Cannot inspect: expected tensors with names of functional.inspect but " +
        "found none",
    );
  }
  source.load(memory, { indices: [...Array(count).keys()], number: 0 });
  await plans.runInTurns(count);
  const found = await memory.read(variables);
  for (const variable of variables) memory.release(variable);
  return new Map(variables.map(({ name, shape, dtype }, i) => {
    const bytes = found[i]!;
    const values = dtype === "u32"
      ? new Uint32Array(bytes)
      : new Float32Array(bytes);
    return [name, { shape, values }];
  }));
}

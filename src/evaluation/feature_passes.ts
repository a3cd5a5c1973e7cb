// The features that a network has of a split's images, clean and attacked, a batch
// at a time: read to the host, or shown to whatever else is traced with them. In eval
// mode, without augmentation, adversarial images made against the network itself.

import type { ImageShape, Split } from "../data/dataset.ts";
import { buildAttack } from "../step/build.ts";
import type { AttackConfig } from "../config/experiment.ts";
import type { Memory } from "../gpu/memory.ts";
import { Plan } from "../gpu/plan.ts";
import { compile } from "../graph/compile.ts";
import { Graph } from "../graph/graph.ts";
import { type Tensor, Variable } from "../graph/tensor.ts";
import { crossEntropy } from "../nn/losses.ts";
import type { Network } from "../nn/network.ts";
import { gatherAugment } from "../ops/gather_augment.ts";
import { store } from "../ops/store.ts";
import { Controls } from "../step/controls.ts";
import { ResidentSplit } from "../step/resident_split.ts";

/** Batches after which the host waits. */
const WAIT_EVERY = 8;

/** A batch's features, clean and adversarial, and its labels. */
export interface BatchFeatures {
  readonly clean: Tensor;
  readonly robust: Tensor;
  readonly labels: Tensor;
}

/** What every pass has in common. */
export interface FeaturePassOptions {
  readonly network: Network;
  readonly shape: ImageShape;
  /** How adversarial images are found. */
  readonly attack: AttackConfig;
  readonly batchSize: number;
  /** The source of the attack's randomness. */
  readonly seed: number;
  /** Called after every batch. */
  readonly onProgress?: ((progress: FeatureProgress) => void) | undefined;
}

/** How far a pass is. */
export interface FeatureProgress {
  readonly stage: "test features" | "training features";
  readonly count: number;
  readonly of: number;
}

/** Passes of one network, whose state is on the device, over splits. */
export class FeaturePasses {
  readonly #memory: Memory;
  readonly #options: FeaturePassOptions;

  /** Passes with the memory that holds the network. */
  constructor(memory: Memory, options: FeaturePassOptions) {
    this.#memory = memory;
    this.#options = options;
  }

  /** The features of a split's first images, (count, featureSize) each. */
  async features(
    split: Split,
    count: number,
  ): Promise<{ clean: Float32Array; robust: Float32Array }> {
    const { network: { featureSize } } = this.#options;
    const kept = (["clean", "robust"] as const).map((name) => ({
      name,
      rows: new Variable(`${name} features`, [
        Math.min(this.#options.batchSize, count) * featureSize,
      ]),
      all: new Float32Array(count * featureSize),
    }));
    await this.#run({ name: "test", split, count }, {
      // Of the stream that evaluations draw from, so that the images are theirs.
      stream: "evaluation",
      trace: (features, batch) => {
        for (const { name, rows } of kept) {
          const front = rows.slice(name, 0, {
            dtype: "f32",
            shape: [batch, featureSize],
          });
          store(features[name], front);
        }
      },
      after: async (position, batch) => {
        const bytes = await this.#memory.read(kept.map(({ rows }) => rows));
        kept.forEach(({ all }, i) => {
          const rows = new Float32Array(bytes[i]!, 0, batch * featureSize);
          all.set(rows, position * featureSize);
        });
      },
    });
    const [clean, robust] = kept.map(({ all }) => all);
    return { clean: clean!, robust: robust! };
  }

  /** Shows the features of a training split's first images, a batch at a time. */
  async show(
    split: Split,
    { count, to }: {
      readonly count: number;
      /** Traces what becomes of a batch. */
      readonly to: (features: BatchFeatures) => void;
    },
  ): Promise<void> {
    const pass = { stream: "relation support", trace: to };
    await this.#run({ name: "training", split, count }, pass);
  }

  async #run(
    { name, split, count }: {
      readonly name: "test" | "training";
      readonly split: Split;
      readonly count: number;
    },
    pass: {
      readonly stream: string;
      readonly trace: (features: BatchFeatures, batch: number) => void;
      readonly after?: (position: number, batch: number) => Promise<void>;
    },
  ): Promise<void> {
    const { shape, batchSize, onProgress } = this.#options;
    const data = new ResidentSplit(name, { count: split.count, shape });
    data.upload(this.#memory, split);
    const controls = new Controls();
    const full = Math.min(batchSize, count);
    const sizes = [...new Set([full, count % full].filter(Boolean))];
    const graphs = sizes.map((batch) => {
      const graph = new Graph();
      pass.trace(
        this.#features(graph, { data, controls, batch, ...pass }),
        batch,
      );
      return { batch, graph };
    });
    controls.seal();
    const { adapter } = this.#memory.device;
    const plans = new Map<number, Plan>();
    try {
      for (const { batch, graph } of graphs) {
        const program = compile(graph, {
          name: `${name} features`,
          ...adapter,
        });
        plans.set(batch, await Plan.bind(program, this.#memory));
      }
      for (let position = 0, step = 0; position < count; step++) {
        const batch = Math.min(full, count - position);
        const at = { step, position, epoch: 1, learningRate: 0 };
        controls.write(this.#memory, at);
        plans.get(batch)!.run();
        await pass.after?.(position, batch);
        // Waits, lest the host run far ahead of the device.
        if (step % WAIT_EVERY === 0) await this.#memory.read([controls.step]);
        position += batch;
        onProgress?.({ stage: `${name} features`, count: position, of: count });
      }
    } finally {
      for (const plan of plans.values()) plan.dispose();
    }
  }

  /** Traces the features of a batch, clean and attacked. */
  #features(
    graph: Graph,
    { data, controls, batch, stream }: {
      readonly data: ResidentSplit;
      readonly controls: Controls;
      readonly batch: number;
      readonly stream: string;
    },
  ): BatchFeatures {
    const { network, attack, seed } = this.#options;
    const { height, width } = data.shape;
    const position = graph.read(controls.position);
    const source = { ...data, position };
    const { x, labels } = gatherAugment(source, { batch, height, width });
    const call = (images: Tensor) => network.call(images, "eval");
    const adversarial = buildAttack(attack).maximize(
      (images) => crossEntropy(call(images).logits, labels),
      {
        images: x,
        labels,
        logits: (images) => call(images).logits,
        random: { seed, stream, step: graph.read(controls.step) },
      },
    );
    const clean = call(x).features;
    return { clean, robust: call(adversarial).features, labels };
  }
}

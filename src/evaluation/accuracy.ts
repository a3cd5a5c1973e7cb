// Accuracy on clean and adversarial images of a split: batches in order, networks
// in eval mode, float32, attacks on the cross-entropy. An evaluator is made once
// per network and split and may be run after every epoch.

import { buildAttack } from "../step/build.ts";
import { Controls } from "../step/controls.ts";
import type { AttackConfig } from "../config/experiment.ts";
import type { Memory } from "../gpu/memory.ts";
import { Plan } from "../gpu/plan.ts";
import { compile } from "../graph/compile.ts";
import { Graph } from "../graph/graph.ts";
import type { Tensor } from "../graph/tensor.ts";
import type { Network } from "../nn/network.ts";
import { crossEntropy } from "../nn/losses.ts";
import { multiply } from "../ops/pointwise.ts";
import { gatherAugment } from "../ops/gather_augment.ts";
import { correct } from "../ops/loss/margin.ts";
import type { ResidentSplit } from "../step/resident_split.ts";
import { RunningSums } from "../step/running_sums.ts";

/** How many of how many images were classified correctly. */
export interface Accuracy {
  readonly correct: number;
  readonly count: number;
  /** How many the attack had no gradient of in any step; absent where none. */
  readonly zeroGradient?: number;
}

/** What to evaluate. */
export interface EvaluationOptions {
  readonly network: Network;
  readonly data: ResidentSplit;
  /** Null stands for clean images. */
  readonly attacks: Readonly<Record<string, AttackConfig | null>>;
  readonly batchSize: number;
  readonly seed: number;
  /** Images from the start of the split; all if absent. */
  readonly limit?: number;
}

/** Called after every batch. */
export type EvaluationProgress = (
  attack: string,
  done: Accuracy & { readonly of: number },
) => void;

/** Evaluates one network on one split. */
export class Evaluator {
  readonly #memory: Memory;
  readonly #controls: Controls;
  readonly #sums: RunningSums;
  readonly #plans: ReadonlyMap<
    string,
    { readonly batch: Plan; readonly rest: Plan | null }
  >;
  readonly #batchSize: number;
  readonly #count: number;

  private constructor(
    memory: Memory,
    parts: {
      readonly controls: Controls;
      readonly sums: RunningSums;
      readonly plans: Map<string, { batch: Plan; rest: Plan | null }>;
      readonly batchSize: number;
      readonly count: number;
    },
  ) {
    this.#memory = memory;
    this.#controls = parts.controls;
    this.#sums = parts.sums;
    this.#plans = parts.plans;
    this.#batchSize = parts.batchSize;
    this.#count = parts.count;
  }

  /** Compiles and binds a plan per attack. */
  static async create(
    memory: Memory,
    options: EvaluationOptions,
  ): Promise<Evaluator> {
    const count = Math.min(options.limit ?? Infinity, options.data.count);
    const batchSize = Math.min(options.batchSize, count);
    const controls = new Controls();
    const sums = new RunningSums();
    const graphs = Object.entries(options.attacks).map(([name, attack]) => {
      const traced = (batch: number) =>
        traceEvaluation({ ...options, name, attack, controls, sums, batch });
      const rest = count % batchSize;
      return {
        name,
        batch: traced(batchSize),
        rest: rest ? traced(rest) : null,
      };
    });
    controls.seal();
    const bind = (graph: Graph, name: string) => {
      return Plan.bind(
        compile(graph, {
          name: `evaluation: ${name}`,
          ...memory.device.adapter,
        }),
        memory,
      );
    };
    const plans = new Map<string, { batch: Plan; rest: Plan | null }>();
    for (const { name, batch, rest } of graphs) {
      plans.set(name, {
        batch: await bind(batch, name),
        rest: rest && await bind(rest, name),
      });
    }
    return new Evaluator(memory, { controls, sums, plans, batchSize, count });
  }

  /** Accuracy under every attack, of the network as it is now. */
  async run(
    onProgress?: EvaluationProgress,
  ): Promise<Record<string, Accuracy>> {
    const results: Record<string, Accuracy> = {};
    for (const [name, { batch, rest }] of this.#plans) {
      this.#memory.write(
        this.#sums.variable,
        new Uint8Array(this.#sums.variable.byteLength),
      );
      for (let position = 0, step = 0; position < this.#count; step++) {
        const left = this.#count - position;
        this.#controls.write(this.#memory, {
          step,
          position,
          epoch: 1,
          learningRate: 0,
        });
        (left < this.#batchSize ? rest! : batch).run();
        position += Math.min(left, this.#batchSize);
        if (onProgress) {
          const done = await this.#counted(name, position);
          onProgress(name, { ...done, of: this.#count });
        }
      }
      results[name] = await this.#counted(name, this.#count);
    }
    return results;
  }

  /** Releases the plans. */
  dispose(): void {
    for (const { batch, rest } of this.#plans.values()) {
      batch.dispose();
      rest?.dispose();
    }
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  async #counted(name: string, count: number): Promise<Accuracy> {
    const [bytes] = await this.#memory.read([this.#sums.variable]);
    const sums = this.#sums.decode(bytes!);
    const zero = sums[zeroGradientOf(name)];
    const correct = sums[name]!;
    return zero ? { correct, count, zeroGradient: zero } : { correct, count };
  }
}

/** The name under which images without a gradient are counted. */
function zeroGradientOf(attack: string): string {
  return `${attack}, gradient of 0`;
}

/** One batch: gather, attack, count. */
export function traceEvaluation(
  { network, data, name, attack, controls, sums, batch, seed }:
    & Omit<EvaluationOptions, "attacks" | "batchSize">
    & {
      readonly name: string;
      readonly attack: AttackConfig | null;
      readonly controls: Controls;
      readonly sums: RunningSums;
      readonly batch: number;
    },
): Graph {
  const graph = new Graph();
  const { height, width } = data.shape;
  const source = { ...data, position: graph.read(controls.position) };
  const { x, labels } = gatherAugment(source, { batch, height, width });
  const step = graph.read(controls.step);
  const logits = (images: Tensor) => network.call(images, "eval").logits;
  const zero: Tensor[] = [];
  const images = attack
    ? buildAttack(attack).maximize(
      (images) => crossEntropy(logits(images), labels),
      {
        images: x,
        labels,
        logits,
        random: { seed, stream: "evaluation", step },
        noteZeroGradient: (found) => zero.push(found),
      },
    )
    : x;
  sums.add(name, correct(logits(images), labels));
  // Of several runs, what none of them had a gradient of.
  if (zero.length) sums.add(zeroGradientOf(name), zero.reduce(multiply));
  return graph;
}

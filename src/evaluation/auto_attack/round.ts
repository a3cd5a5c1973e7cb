// One round of an attack on the device: its programs for batches of one size, and a
// program of its own that checks what it found from the images alone. A batch that is
// not full is filled with its last image; every image is treated by itself, so that
// this changes nothing for the others.

import type { Candidate, RoundAttack } from "../../methods/round_attack.ts";
import type { ThreatModel } from "../../methods/threat_model.ts";
import type { Memory } from "../../gpu/memory.ts";
import type { Graph } from "../../graph/graph.ts";
import { type Tensor, Variable } from "../../graph/tensor.ts";
import type { Network } from "../../nn/network.ts";
import { max } from "../../ops/reduce/max.ts";
import { correct } from "../../ops/loss/margin.ts";
import { fill } from "../../ops/fill.ts";
import { addScalar, maximum, negate, subtract } from "../../ops/pointwise.ts";
import { sum } from "../../ops/reduce/reduce.ts";
import { store } from "../../ops/store.ts";
import { evalAttackInputs } from "../../step/attack_in_eval.ts";
import { type BatchPlans, bindBatches } from "../../step/batch_programs.ts";
import type { BatchSource } from "../../step/batch_source.ts";

/** The network that is attacked, and the ball. */
export interface AttackedNetwork {
  readonly network: Network;
  /** The network that the attack sees; `network` if left out. */
  readonly craftedOn?: Network | undefined;
  readonly source: BatchSource;
  readonly threat: ThreatModel;
  readonly seed: number;
}

/** The result of a round for one image. */
export interface ImageResult {
  /** Whether it is misclassified when it is run again. */
  readonly broken: boolean;
  /** Whether it is in the ball, as its threat model bounds lengths, and in [0, 1]. */
  readonly valid: boolean;
  /** Whether the attack began where the gradient is 0 everywhere. */
  readonly zeroGradient: boolean;
}

/** Every batch's number: an image's random numbers do not depend on its batch. */
const BATCH_NUMBER = 0;

/** The results of a round for every image, on the device. */
class Outputs {
  readonly images: Variable;
  readonly zeroGradient: Variable;
  /** 1 where a further part may still change the image. */
  readonly undecided: Variable;
  /** 1 where the image is classified correctly. */
  readonly right: Variable;
  readonly length: Variable;
  /** How far the image is out of [0, 1], at most. */
  readonly outside: Variable;

  constructor(
    size: number,
    { height, width, channels }: BatchSource["shape"],
  ) {
    const numbers = (name: string) => new Variable(name, [size]);
    this.images = new Variable("adversarial", [size, height, width, channels]);
    this.zeroGradient = numbers("zero gradient");
    this.undecided = numbers("undecided");
    this.right = numbers("right");
    this.length = numbers("length");
    this.outside = numbers("outside");
  }
}

/** A round's programs. */
interface RoundPlans {
  readonly begin: BatchPlans;
  /** The program after the first part, and how often it runs; null where there is none. */
  readonly next: { readonly times: number; readonly plans: BatchPlans } | null;
  readonly check: BatchPlans;
}

/** A round of an attack, bound for batches of one size. Dispose of it after the round. */
export class BoundRound {
  /** Images of a batch. */
  readonly size: number;
  readonly #memory: Memory;
  readonly #attacked: AttackedNetwork;
  readonly #outputs: Outputs;
  readonly #plans: RoundPlans;

  private constructor(
    memory: Memory,
    { size, attacked, outputs, plans }: {
      readonly size: number;
      readonly attacked: AttackedNetwork;
      readonly outputs: Outputs;
      readonly plans: RoundPlans;
    },
  ) {
    this.size = size;
    this.#memory = memory;
    this.#attacked = attacked;
    this.#outputs = outputs;
    this.#plans = plans;
  }

  /** Compiles and binds the programs of a round. */
  static async bind(
    memory: Memory,
    { attack, round, size, ...attacked }: AttackedNetwork & {
      readonly attack: RoundAttack;
      /** Counted from 0. */
      readonly round: number;
      readonly size: number;
    },
  ): Promise<BoundRound> {
    const { source, network, craftedOn = network } = attacked;
    const seen = { ...attacked, network: craftedOn };
    const outputs = new Outputs(size, source.shape);
    const parts = attack.round(round);
    const bind = (part: string, trace: (graph: Graph) => void) =>
      bindBatches(memory, {
        name: `${attack.name}, ${part}`,
        sizes: [size],
        trace,
      });
    const traced = (part: typeof parts.begin) => (graph: Graph) => {
      const batch = source.trace(graph, size);
      const candidate = part(evalAttackInputs({ ...seen, batch }));
      storeCandidate(candidate, { graph, outputs });
    };
    // The attack continues from variables that tracing the first part makes.
    const begin = await bind(`round ${round}`, traced(parts.begin));
    const next = parts.continue && {
      times: parts.continue.times,
      plans: await bind("next part", traced(parts.continue.trace)),
    };
    const check = await bind("check", (graph) => {
      const { x, labels } = source.trace(graph, size);
      const images = graph.read(outputs.images);
      traceCheck(images, { x, labels, attacked, outputs });
    });
    const plans = { begin, next: next ?? null, check };
    return new BoundRound(memory, { size, attacked, outputs, plans });
  }

  /**
   * Attacks the images with these indices, at most a batch of them. Null if it was
   * stopped between two parts.
   */
  async run(
    indices: readonly number[],
    signal?: AbortSignal,
  ): Promise<ImageResult[] | null> {
    const { begin, next, check } = this.#plans;
    const missing = this.size - indices.length;
    this.#attacked.source.load(this.#memory, {
      indices: [...indices, ...Array(missing).fill(indices.at(-1)!)],
      number: BATCH_NUMBER,
    });
    await begin.runInTurns(this.size);
    for (let part = 0; part < (next?.times ?? 0); part++) {
      const [undecided] = await this.#read([this.#outputs.undecided]);
      if (signal?.aborted) return null;
      if (!undecided!.subarray(0, indices.length).includes(1)) break;
      await next!.plans.runInTurns(this.size);
    }
    await check.runInTurns(this.size);
    return await this.#results(indices.length);
  }

  async #results(count: number): Promise<ImageResult[]> {
    const { right, length, outside, zeroGradient } = this.#outputs;
    const { longest } = this.#attacked.threat;
    const [rights, lengths, outsides, zeros] = await this.#read([
      right,
      length,
      outside,
      zeroGradient,
    ]);
    return Array.from({ length: count }, (_, n) => ({
      broken: rights![n] === 0,
      valid: lengths![n]! <= longest && outsides![n]! <= 0,
      zeroGradient: zeros![n] === 1,
    }));
  }

  /** The images that the last batch ended with, (size, H, W, 3). */
  async images(): Promise<Float32Array<ArrayBuffer>> {
    return (await this.#read([this.#outputs.images]))[0]!;
  }

  async #read(
    variables: readonly Variable[],
  ): Promise<Float32Array<ArrayBuffer>[]> {
    const bytes = await this.#memory.read(variables);
    return bytes.map((buffer) => new Float32Array(buffer));
  }

  /** Releases the programs. */
  dispose(): void {
    const { begin, next, check } = this.#plans;
    begin.dispose();
    next?.plans.dispose();
    check.dispose();
  }

  /** As {@linkcode BoundRound.dispose}. */
  [Symbol.dispose](): void {
    this.dispose();
  }
}

function storeCandidate(
  { images, zeroGradient, undecided }: Candidate,
  { graph, outputs }: { readonly graph: Graph; readonly outputs: Outputs },
): void {
  store(images, outputs.images);
  const { shape } = outputs.zeroGradient;
  store(zeroGradient ?? fill(graph, { shape, value: 0 }), outputs.zeroGradient);
  store(undecided ?? fill(graph, { shape, value: 1 }), outputs.undecided);
}

/** Traces the check of the images that an attack found. */
function traceCheck(
  images: Tensor,
  { x, labels, attacked: { network, threat }, outputs }: {
    readonly x: Tensor;
    readonly labels: Tensor;
    readonly attacked: AttackedNetwork;
    readonly outputs: Outputs;
  },
): void {
  const { logits } = network.call(images, "eval");
  store(correct(logits, labels), outputs.right);
  const length = threat.length(subtract(images, x));
  store(sum(length, { start: 1 }), outputs.length);
  const above = max(addScalar(images, -1));
  store(maximum(above, max(negate(images))), outputs.outside);
}

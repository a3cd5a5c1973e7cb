// One round of a search on the device: its programs for batches of one size, and the
// check of what it found, which a separate program does from the images alone. A batch
// that is not full is filled with its last image; every image is treated by itself, so
// that this changes nothing for the others.

import type { Candidate, RoundAttack } from "../methods/round_attack.ts";
import type { ThreatModel } from "../methods/threat_model.ts";
import type { Memory } from "../gpu/memory.ts";
import { Plan } from "../gpu/plan.ts";
import { compile } from "../graph/compile.ts";
import { Graph } from "../graph/graph.ts";
import { type Tensor, Variable } from "../graph/tensor.ts";
import type { Network } from "../nn/network.ts";
import { max } from "../ops/reduce/max.ts";
import { correct } from "../ops/loss/margin.ts";
import { fill } from "../ops/fill.ts";
import { addScalar, maximum, negate, subtract } from "../ops/pointwise.ts";
import { sum } from "../ops/reduce/reduce.ts";
import { store } from "../ops/store.ts";
import type { Points } from "./ensemble_points.ts";

/** What is attacked, and how. */
export interface RoundParts {
  readonly network: Network;
  readonly points: Points;
  readonly threat: ThreatModel;
  readonly seed: number;
}

/** What a round found for one image. */
export interface PointResult {
  /** Whether it is misclassified when it is run again. */
  readonly broken: boolean;
  /** Whether it is in the ball, as its threat model bounds lengths, and in [0, 1]. */
  readonly valid: boolean;
  /** Whether the search began where the gradient is 0 everywhere. */
  readonly flat: boolean;
}

/** The numbers that a round leaves for every image. */
class Outputs {
  readonly images: Variable;
  readonly flat: Variable;
  readonly open: Variable;
  /** 1 where the image is classified correctly. */
  readonly right: Variable;
  readonly length: Variable;
  /** How far the image is out of [0, 1], at most. */
  readonly outside: Variable;

  constructor(size: number, { height, width, channels }: Points["shape"]) {
    const numbers = (name: string) => new Variable(name, [size]);
    this.images = new Variable("adversarial", [size, height, width, channels]);
    this.flat = numbers("flat");
    this.open = numbers("open");
    this.right = numbers("right");
    this.length = numbers("length");
    this.outside = numbers("outside");
  }
}

/** A round of a search, bound for batches of one size. Dispose of it after the round. */
export class BoundRound {
  /** Images of a batch. */
  readonly size: number;
  readonly #memory: Memory;
  readonly #parts: RoundParts;
  readonly #outputs: Outputs;
  readonly #begin: Plan;
  readonly #proceed: { readonly times: number; readonly plan: Plan } | null;
  readonly #check: Plan;

  private constructor(bound: {
    readonly memory: Memory;
    readonly parts: RoundParts;
    readonly size: number;
    readonly outputs: Outputs;
    readonly begin: Plan;
    readonly proceed: { readonly times: number; readonly plan: Plan } | null;
    readonly check: Plan;
  }) {
    this.size = bound.size;
    this.#memory = bound.memory;
    this.#parts = bound.parts;
    this.#outputs = bound.outputs;
    this.#begin = bound.begin;
    this.#proceed = bound.proceed;
    this.#check = bound.check;
  }

  /** Compiles and binds the programs of a round. */
  static async bind(
    memory: Memory,
    parts: RoundParts,
    { search, round, size }: {
      readonly search: RoundAttack;
      readonly round: number;
      readonly size: number;
    },
  ): Promise<BoundRound> {
    const outputs = new Outputs(size, parts.points.shape);
    const { begin, proceed } = search.round(round);
    const bind = (part: string, trace: (graph: Graph) => void) =>
      bindProgram(memory, `${search.name}, ${part}`, trace);
    const traced = (part: typeof begin) => (graph: Graph) =>
      storeFound(part(inputsOf(graph, parts, size)), { graph, outputs });
    // The search goes on from variables that the first program's tracing makes.
    const first = await bind(`round ${round}`, traced(begin));
    const next = proceed && await bind("next part", traced(proceed.trace));
    const check = await bind("check", (graph) => {
      const { x, labels } = parts.points.trace(graph, size);
      traceCheck(graph.read(outputs.images), { x, labels, parts, outputs });
    });
    return new BoundRound({
      memory,
      parts,
      size,
      outputs,
      begin: first,
      proceed: next ? { times: proceed!.times, plan: next } : null,
      check,
    });
  }

  /**
   * Attacks the images with these indices, at most a batch of them. Null if it was
   * stopped between two parts.
   */
  async run(
    indices: readonly number[],
    signal?: AbortSignal,
  ): Promise<PointResult[] | null> {
    const missing = this.size - indices.length;
    const filled = [...indices, ...Array(missing).fill(indices.at(-1)!)];
    this.#parts.points.load(this.#memory, filled);
    this.#begin.run();
    const { times = 0, plan } = this.#proceed ?? {};
    for (let part = 0; part < times; part++) {
      const [open] = await this.#read([this.#outputs.open]);
      if (signal?.aborted) return null;
      if (!open!.subarray(0, indices.length).includes(1)) break;
      plan!.run();
    }
    this.#check.run();
    return this.#results(indices.length);
  }

  async #results(count: number): Promise<PointResult[]> {
    const { right, length, outside, flat } = this.#outputs;
    const { longest } = this.#parts.threat;
    const [rights, lengths, outsides, flats] = await this.#read([
      right,
      length,
      outside,
      flat,
    ]);
    return Array.from({ length: count }, (_, n) => ({
      broken: rights![n] === 0,
      valid: lengths![n]! <= longest && outsides![n]! <= 0,
      flat: flats![n] === 1,
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
    this.#begin.dispose();
    this.#proceed?.plan.dispose();
    this.#check.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

/** Traces, compiles and binds a program. */
export async function bindProgram(
  memory: Memory,
  name: string,
  trace: (graph: Graph) => void,
): Promise<Plan> {
  const graph = new Graph();
  trace(graph);
  const program = compile(graph, { name, ...memory.device.adapter });
  return await Plan.bind(program, memory);
}

/** What a search is given: draws depend on seed and round, and not on the batch. */
function inputsOf(
  graph: Graph,
  { network, points, seed }: RoundParts,
  size: number,
) {
  const { x, labels } = points.trace(graph, size);
  const step = fill(graph, { shape: [], value: 0, dtype: "u32" });
  return {
    images: x,
    labels,
    logits: (images: Tensor) => network.call(images, "eval").logits,
    random: { seed, stream: "evaluation", step },
  };
}

function storeFound(
  { images, zeroGradient: flat, undecided: open }: Candidate,
  { graph, outputs }: { readonly graph: Graph; readonly outputs: Outputs },
): void {
  store(images, outputs.images);
  const { shape } = outputs.flat;
  store(flat ?? fill(graph, { shape, value: 0 }), outputs.flat);
  store(open ?? fill(graph, { shape, value: 1 }), outputs.open);
}

/** Runs the network on what was found, and measures it. */
function traceCheck(
  images: Tensor,
  { x, labels, parts: { network, threat }, outputs }: {
    readonly x: Tensor;
    readonly labels: Tensor;
    readonly parts: RoundParts;
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

// t-distributed stochastic neighbor embedding (van der Maaten & Hinton, 2008),
// exact, on the device:
//
//   Q_ij = n_ij / sum n,   n_ij = 1 / (1 + |y_i - y_j|^2)
//   dKL(P || Q) / dy_i = 4 sum_j (P_ij - Q_ij) n_ij (y_i - y_j)
//
// descended with momentum and a gain for every coordinate. All numbers are those
// of scikit-learn's defaults: perplexity 30, P enlarged by 12 for the first 250 of
// 1,000 iterations, a learning rate of max(n / 48, 50), and a start along the two
// principal components, so that equal points give equal pictures.

import type { Device } from "../../gpu/device.ts";
import { Memory } from "../../gpu/memory.ts";
import { Plan } from "../../gpu/plan.ts";
import { compile } from "../../graph/compile.ts";
import { Graph } from "../../graph/graph.ts";
import { type Tensor, Variable } from "../../graph/tensor.ts";
import { fill } from "../../ops/fill.ts";
import { matmul } from "../../ops/matmul.ts";
import {
  add,
  addScalar,
  clamp,
  divide,
  less,
  mulScalar,
  multiply,
  square,
  subtract,
  where,
} from "../../ops/pointwise.ts";
import { insertAxis, sum } from "../../ops/reduce/reduce.ts";
import { store } from "../../ops/store.ts";
import { neighborAffinities, type Points } from "./neighbor_affinities.ts";
import { principalComponents } from "./principal_components.ts";

/** How to embed. */
export interface TsneOptions {
  /** About the number of a point's neighbors; 30 if left out. */
  readonly perplexity?: number;
  /** 1,000 if left out, of which a quarter exaggerates. */
  readonly iterations?: number;
}

/** A part of the descent. */
interface Stage {
  readonly iterations: number;
  /** The factor of the affinities. */
  readonly exaggeration: number;
  readonly momentum: number;
}

const ZERO = { shape: [], value: 0 } as const;

/** Iterations between two waits, which leave room for Ctrl-C. */
const WAIT_EVERY = 25;

/**
 * Places points in the plane so that neighbors stay neighbors: (count, 2).
 *
 * @throws {RangeError} unless there are more points than the perplexity.
 */
export async function tsne(
  device: Device,
  points: Points,
  { perplexity = 30, iterations = 1000 }: TsneOptions = {},
): Promise<Float32Array<ArrayBuffer>> {
  const affinities = neighborAffinities(points, { perplexity });
  const embedding = new Embedding(points.count);
  using memory = new Memory(device);
  embedding.upload(memory, {
    affinities: Float32Array.from(affinities),
    places: startingPlaces(points),
  });
  const early = Math.round(iterations / 4);
  const stages: readonly Stage[] = [
    { iterations: early, exaggeration: 12, momentum: 0.5 },
    { iterations: iterations - early, exaggeration: 1, momentum: 0.8 },
  ];
  for (const stage of stages) {
    const graph = new Graph();
    embedding.descend(graph, stage);
    const program = compile(graph, { name: "t-SNE", ...device.adapter });
    using plan = await Plan.bind(program, memory);
    for (let done = 1; done <= stage.iterations; done++) {
      plan.run();
      if (done % WAIT_EVERY === 0) await memory.read([embedding.places]);
    }
  }
  const [places] = await memory.read([embedding.places]);
  return new Float32Array(places!);
}

/** Principal components with a deviation of 0.0001 along the first. */
function startingPlaces(points: Points): Float32Array<ArrayBuffer> {
  const components = principalComponents(points);
  const first = components.filter((_, i) => i % 2 === 0);
  const deviation = Math.hypot(...first) / Math.sqrt(points.count);
  return Float32Array.from(
    components,
    (value) => 1e-4 * value / (deviation || 1),
  );
}

/** The state of a descent on the device. */
class Embedding {
  /** y: (count, 2). */
  readonly places: Variable;
  readonly #affinities: Variable;
  /** 1 for pairs of different points, 0 on the diagonal. */
  readonly #pairs: Variable;
  readonly #moves: Variable;
  readonly #gains: Variable;
  readonly #count: number;

  constructor(count: number) {
    this.#count = count;
    this.places = new Variable("places", [count, 2]);
    this.#affinities = new Variable("affinities", [count, count]);
    this.#pairs = new Variable("pairs", [count, count]);
    this.#moves = new Variable("moves", [count, 2]);
    this.#gains = new Variable("gains", [count, 2]);
  }

  upload(
    memory: Memory,
    { affinities, places }: {
      readonly affinities: Float32Array<ArrayBuffer>;
      readonly places: Float32Array<ArrayBuffer>;
    },
  ): void {
    const count = this.#count;
    const pairs = new Float32Array(count * count).fill(1);
    for (let i = 0; i < count; i++) pairs[i * (count + 1)] = 0;
    memory.write(this.#affinities, affinities);
    memory.write(this.places, places);
    memory.write(this.#pairs, pairs);
    memory.write(this.#moves, new Float32Array(2 * count));
    memory.write(this.#gains, new Float32Array(2 * count).fill(1));
  }

  /** Traces one iteration. */
  descend(graph: Graph, { exaggeration, momentum }: Stage): void {
    const y = graph.read(this.places); // (n, 2)
    const moves = graph.read(this.#moves);
    const gradient = this.#gradient(y, exaggeration);
    // A coordinate that keeps its direction gains speed; one that turns loses it.
    const turns = less(multiply(moves, gradient), fill(graph, ZERO));
    const gains = clamp(
      where(turns, {
        yes: addScalar(graph.read(this.#gains), 0.2),
        no: mulScalar(graph.read(this.#gains), 0.8),
      }),
      { low: 0.01, high: Infinity },
    );
    const rate = Math.max(this.#count / 48, 50);
    const next = subtract(
      mulScalar(moves, momentum),
      mulScalar(multiply(gains, gradient), rate),
    );
    store(add(y, next), this.places);
    store(next, this.#moves);
    store(gains, this.#gains);
  }

  #gradient(y: Tensor, exaggeration: number): Tensor {
    const norms = sum(square(y), { start: 1 }); // (n)
    const squared = subtract(
      add(insertAxis(norms, 1), insertAxis(norms, 0)),
      mulScalar(matmul(y, y, { transposeB: true }), 2),
    ); // (n, n)
    const near = divide(
      this.#pairs,
      addScalar(clamp(squared, { low: 0, high: Infinity }), 1),
    );
    const q = divide(near, sum(near));
    const pull = multiply(
      subtract(mulScalar(y.graph.read(this.#affinities), exaggeration), q),
      near,
    );
    // sum_j w_ij (y_i - y_j) = y_i sum_j w_ij - sum_j w_ij y_j
    const own = multiply(y, sum(pull, { start: 1, keep: true }));
    return mulScalar(subtract(own, matmul(pull, y)), 4);
  }
}

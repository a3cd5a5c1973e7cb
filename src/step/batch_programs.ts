// One computation for batches of every size that occurs: traced and compiled once per
// size, bound to a device, and run by the size of the batch. A split that does not divide
// evenly has two sizes, that of a full batch and that of the rest.
//
// Tracing and compiling are two calls, since variables that are created while tracing,
// such as the scheduled weights of `Controls`, are laid out between them.

import type { ExchangeHost } from "../gpu/host_exchange.ts";
import type { Memory } from "../gpu/memory.ts";
import { Plan } from "../gpu/plan.ts";
import type { Program } from "../gpu/program.ts";
import { compile, type CompileOptions } from "../graph/compile.ts";
import { costOf } from "../graph/cost.ts";
import { Graph } from "../graph/graph.ts";

/** A graph for each batch size, the largest size first. */
export type BatchGraphs = ReadonlyMap<number, Graph>;

/** How to compile graphs of batches. */
export interface BatchCompileOptions extends Omit<CompileOptions, "name"> {
  /** The name of the program for batches of a size. */
  readonly name: (size: number) => string;
}

/** The sizes of the batches that `count` images are cut into, the largest first. */
export function batchSizes(
  { count, batchSize }: { readonly count: number; readonly batchSize: number },
): number[] {
  const full = Math.min(batchSize, count);
  const rest = count % full;
  return rest === 0 ? [full] : [full, rest];
}

/** Traces the same computation for batches of each size. */
export function traceBatches(
  sizes: readonly number[],
  trace: (graph: Graph, size: number) => void,
): BatchGraphs {
  return new Map(sizes.map((size) => {
    const graph = new Graph();
    trace(graph, size);
    return [size, graph];
  }));
}

/** A compiled program for each batch size: plain data, made without a device. */
export class BatchPrograms {
  /** What was compiled. */
  readonly graphs: BatchGraphs;
  /** The programs by batch size, the largest size first. */
  readonly bySize: ReadonlyMap<number, Program>;

  /** Compiles a graph for each batch size. */
  constructor(graphs: BatchGraphs, { name, ...target }: BatchCompileOptions) {
    this.graphs = graphs;
    const compiled = [...graphs].map(([size, graph]) =>
      [size, compile(graph, { ...target, name: name(size) })] as const
    );
    this.bySize = new Map(compiled);
  }

  /** The program of a full batch, which needs the most memory. */
  get full(): Program {
    return [...this.bySize.values()][0]!;
  }

  /** The program of the smaller batch at the end; null where all have one size. */
  get rest(): Program | null {
    return [...this.bySize.values()][1] ?? null;
  }
}

/** Programs of batches that are ready to run. Dispose of them. */
export class BatchPlans {
  readonly #plans: ReadonlyMap<number, Plan>;

  private constructor(plans: ReadonlyMap<number, Plan>) {
    this.#plans = plans;
  }

  /**
   * Binds the programs to a device, the largest first, so that the others fit into
   * its scratch buffers.
   *
   * @throws {SyntaxError} if a kernel does not compile.
   */
  static async bind(
    { bySize }: BatchPrograms,
    memory: Memory,
  ): Promise<BatchPlans> {
    const plans = new Map<number, Plan>();
    const bound = new BatchPlans(plans);
    memory.device.pipelines.expect(bySize.values());
    try {
      for (const [size, program] of bySize) {
        plans.set(size, await Plan.bind(program, memory));
      }
    } catch (error) {
      bound.dispose();
      throw error;
    }
    return bound;
  }

  /** Floating-point operations of the program for a batch of this size. */
  flops(size: number): number {
    return costOf(this.#planOf(size).program).flops;
  }

  /**
   * Runs the program for a batch of this size. Returns as soon as it is submitted.
   *
   * @throws {RangeError} if no program is for batches of this size.
   */
  run(size: number): void {
    this.#planOf(size).run();
  }

  /**
   * The same, in pieces on a device that takes long for it, as
   * {@linkcode Plan.runInTurns} says.
   *
   * @throws The signal's reason, which ends the run between two pieces.
   * @throws {RangeError} if no program is for batches of this size.
   */
  async runInTurns(size: number, signal?: AbortSignal): Promise<void> {
    await this.#planOf(size).runInTurns(signal);
  }

  /** The same of a program with exchanges, which the host carries out. */
  async runExchanging(size: number, host: ExchangeHost): Promise<void> {
    await this.#planOf(size).runInTurns(undefined, host);
  }

  #planOf(size: number): Plan {
    const plan = this.#plans.get(size);
    if (!plan) {
      throw new RangeError(
        `Cannot run a batch: expected ${
          [...this.#plans.keys()].join(" or ")
        } images but found ${size}`,
      );
    }
    return plan;
  }

  /** Releases what only these programs hold; variables and scratch stay. */
  dispose(): void {
    for (const plan of this.#plans.values()) plan.dispose();
  }

  /** As {@linkcode BatchPlans.dispose}. */
  [Symbol.dispose](): void {
    this.dispose();
  }
}

/** Traces, compiles and binds a computation for batches of each size. */
export async function bindBatches(
  memory: Memory,
  { name, sizes, trace }: {
    readonly name: string;
    readonly sizes: readonly number[];
    readonly trace: (graph: Graph, size: number) => void;
  },
): Promise<BatchPlans> {
  const { adapter } = memory.device;
  const graphs = traceBatches(sizes, trace);
  const programs = new BatchPrograms(graphs, { ...adapter, name: () => name });
  return await BatchPlans.bind(programs, memory);
}

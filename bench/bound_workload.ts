// A program bound to a device with its inputs in place, ready to be timed. Its
// answer is one number that depends on all of its result: two contenders that did
// the same work give the same one, to rounding.

import type { Device } from "../src/gpu/device.ts";
import { Memory } from "../src/gpu/memory.ts";
import { Plan } from "../src/gpu/plan.ts";
import type { Program } from "../src/gpu/program.ts";
import { compile } from "../src/graph/compile.ts";
import { costOf } from "../src/graph/cost.ts";
import { Graph } from "../src/graph/graph.ts";
import { type Tensor, Variable } from "../src/graph/tensor.ts";
import { store } from "../src/ops/store.ts";

/** How a workload's result becomes one number. */
export type Answer = (memory: Memory) => Promise<number>;

/** A workload on a device. Dispose of it with `using`. */
export class BoundWorkload {
  readonly plan: Plan;
  readonly memory: Memory;
  /** Floating-point operations of one run. */
  readonly flops: number;
  readonly #answer: Answer;

  private constructor(plan: Plan, memory: Memory, answer: Answer) {
    this.plan = plan;
    this.memory = memory;
    this.flops = costOf(plan.program).flops;
    this.#answer = answer;
  }

  /** Binds a program to the memory that holds its inputs. */
  static async bind(
    program: Program,
    memory: Memory,
    answer: Answer,
  ): Promise<BoundWorkload> {
    return new BoundWorkload(await Plan.bind(program, memory), memory, answer);
  }

  /** The answer of the first run. To be asked for when exactly one was submitted. */
  answer(): Promise<number> {
    return this.#answer(this.memory);
  }

  /** Releases the plan and its inputs. */
  dispose(): void {
    this.plan.dispose();
    this.memory.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

/** Values of variables before the first run. */
export type Contents = readonly (readonly [Variable, BufferSource])[];

/** Binds the computation of one tensor; the answer is its mean magnitude. */
export function bindTensor(
  device: Device,
  { name, contents, trace }: {
    readonly name: string;
    readonly contents: Contents;
    readonly trace: (graph: Graph) => Tensor;
  },
): Promise<BoundWorkload> {
  const graph = new Graph();
  const value = trace(graph);
  const output = new Variable("output", value.shape);
  store(value, output);
  const memory = new Memory(device);
  for (const [variable, data] of contents) memory.write(variable, data);
  const program = compile(graph, { name, ...device.adapter });
  return BoundWorkload.bind(program, memory, async () => {
    const [bytes] = await memory.read([output]);
    return meanMagnitude(new Float32Array(bytes!));
  });
}

/** The mean of the absolute values. */
export function meanMagnitude(values: ArrayLike<number>): number {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += Math.abs(values[i]!);
  return total / values.length;
}

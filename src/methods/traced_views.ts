// Views of one batch as they are traced: each forward pass happens when its view
// is first asked for, and only then.

import type { Node } from "../graph/graph.ts";
import type { Precision, Tensor, Variable } from "../graph/tensor.ts";
import type { Mode } from "../nn/layers.ts";
import type { Module } from "../nn/module.ts";
import type { Network, Output } from "../nn/network.ts";
import {
  runningStatisticsOp,
  updateRunningStatistics,
} from "../ops/norm/batch_norm.ts";
import type { RunningStatisticsParams } from "../ops/norm/batch_norm.ts";
import type { ImagesByClass } from "../ops/random/sample_negatives.ts";
import type { RandomKey } from "../ops/random/random.ts";
import { cast } from "../ops/cast.ts";
import type { EpochSchedule } from "./epoch_schedule.ts";
import type { Lesson } from "./method_state.ts";
import type { Views } from "./objective.ts";

/** Networks, images and modes that views are made from. */
export interface ViewSources {
  readonly x: Tensor;
  /** Class indices, u32 (N), where they are known. */
  readonly labels?: Tensor;
  /** How networks keep activations: as their images come; `f32` if left out. */
  readonly precision?: Precision;
  readonly student: Network;
  /** Batch norm's mode in the student's forwards. */
  readonly mode: Mode;
  /** Adversarial images, where there are any. */
  readonly adversarial?: Tensor;
  readonly teacher?: { readonly network: Network; readonly mode: Mode };
  /** What the attack recorded, by name. */
  readonly recorded?: ReadonlyMap<string, Tensor>;
  /** Traces the surrogate at the images that the attack found. */
  readonly reached?: () => Tensor;
  /** The scalar variable that the trainer keeps at the epoch. */
  readonly epoch: Variable;
  /** The scalar variable that the trainer keeps at the schedule's value. */
  readonly scheduled: (name: string, schedule: EpochSchedule) => Variable;
  /** The images' places in their split, where that is known. */
  readonly indices?: () => Tensor;
  /** The split's images sorted by class, where they are known. */
  readonly imagesByClass?: () => ImagesByClass;
  /** The seed and the step of random numbers, where there are any. */
  readonly random?: Pick<RandomKey, "seed" | "step">;
  /** Whether the objective's interval is over with this step; true if absent. */
  readonly due?: boolean;
  /** Takes what a method leaves for after the descent; absent inside an attack. */
  readonly afterwards?: Afterwards;
}

/** What is left to do once the gradients of all terms are known. */
export interface Afterwards {
  /** To be traced after every network has taken its step. */
  readonly updates: (() => void)[];
  /** What modules descend in place of the sum of the terms. */
  readonly lessons: Map<Module, Lesson | null>;
}

/** Views that trace their forward passes on demand. */
export class TracedViews implements Views {
  readonly x: Tensor;
  readonly #sources: ViewSources;
  readonly #outputs = new Map<string, Output>();
  #cleanUpdates: readonly Node[] = [];

  constructor(sources: ViewSources) {
    this.#sources = sources;
    this.x = sources.x;
  }

  /** The views that have been asked for, by name. */
  get traced(): ReadonlyMap<string, Output> {
    return this.#outputs;
  }

  get clean(): Output {
    return this.#once("clean", () => {
      const { student, mode } = this.#sources;
      const { nodes } = this.x.graph;
      const before = nodes.length;
      const output = student.call(this.#narrowed(this.x), mode);
      this.#cleanUpdates = nodes.slice(before)
        .filter(({ op }) => op === runningStatisticsOp);
      return output;
    });
  }

  get adversarial(): Output {
    return this.#once("adversarial", () => {
      const { adversarial, student, mode } = this.#sources;
      if (!adversarial) {
        throw new TypeError(
          "Cannot view adversarial images: expected an attack but found none",
        );
      }
      return student.call(this.#narrowed(adversarial), mode);
    });
  }

  get teacher(): Output {
    return this.#once("teacher", () => {
      const { teacher } = this.#sources;
      if (!teacher) {
        throw new TypeError(
          "Cannot view the teacher: expected one but found none",
        );
      }
      return teacher.network.call(this.#narrowed(this.x), teacher.mode);
    });
  }

  get labels(): Tensor {
    return given(this.#sources.labels, "labels");
  }

  get indices(): Tensor {
    return given(this.#sources.indices, "the images' indices")();
  }

  get imagesByClass(): ImagesByClass {
    return given(this.#sources.imagesByClass, "images by class")();
  }

  countCleanAgain(): void {
    for (const { inputs, params } of this.#cleanUpdates) {
      const [mean, variance, runningMean, runningVariance] = inputs;
      updateRunningStatistics({
        mean: runningMean!.source as Variable,
        variance: runningVariance!.source as Variable,
      }, {
        mean: mean!,
        variance: variance!,
        ...params as RunningStatisticsParams,
      });
    }
  }

  get epoch(): Tensor {
    return this.x.graph.read(this.#sources.epoch);
  }

  get reached(): Tensor {
    return given(this.#sources.reached, "what an attack reached")();
  }

  recorded(name: string): Tensor {
    const { recorded = new Map<string, Tensor>() } = this.#sources;
    const values = recorded.get(name);
    if (values) return values;
    throw new TypeError(
      `Cannot view what the attack recorded: expected "${name}" but found ${
        [...recorded.keys()].join(", ") || "nothing"
      }`,
    );
  }

  scheduled(name: string, schedule: EpochSchedule): Tensor {
    return this.x.graph.read(this.#sources.scheduled(name, schedule));
  }

  random(stream: string): RandomKey {
    return { ...given(this.#sources.random, "random numbers"), stream };
  }

  afterDescent(update: () => void): void {
    given(this.#sources.afterwards, "a descent").updates.push(update);
  }

  get due(): boolean {
    return this.#sources.due ?? true;
  }

  teach(module: Module, lesson: Lesson | null): void {
    given(this.#sources.afterwards, "a descent").lessons.set(module, lesson);
  }

  /** Images as networks see them; layers go on in the precision that they get. */
  #narrowed(images: Tensor): Tensor {
    return cast(images, this.#sources.precision ?? "f32");
  }

  #once(name: string, trace: () => Output): Output {
    const known = this.#outputs.get(name);
    if (known) return known;
    const output = trace();
    this.#outputs.set(name, output);
    return output;
  }
}

/** @throws {TypeError} for what these views were made without. */
function given<T>(value: T | undefined, what: string): T {
  if (value !== undefined) return value;
  throw new TypeError(
    `Cannot view ${what}: expected some here but found none`,
  );
}

// The views of one batch. A forward pass is traced when its view is first used.

import type { Node } from "../graph/graph.ts";
import type { Precision, Tensor, Variable } from "../graph/tensor.ts";
import type { Mode } from "../nn/layers.ts";
import type { Network, Output } from "../nn/network.ts";
import { runningStatisticsOp } from "../ops/norm/batch_norm.ts";
import type { ImagesByClass } from "../ops/random/sample_negatives.ts";
import type { RandomKey } from "../ops/random/random.ts";
import { cast } from "../ops/cast.ts";
import { smoothedTargets } from "../nn/losses.ts";
import type { EpochSchedule } from "./epoch_schedule.ts";
import { type Signal, Signals } from "./signal.ts";
import type { Views } from "./views.ts";

/** Networks, images and modes that views are made from. */
export interface ViewSources {
  readonly x: Tensor;
  /** Class indices, u32 (N), where they are known. */
  readonly labels?: Tensor;
  /** Soft targets (N, classes), where there are any. */
  readonly targets?: Tensor;
  /** The part of the targets' weight that is spread over all classes; 0 if left out. */
  readonly labelSmoothing?: number;
  /** How networks keep activations; `f32` if left out. */
  readonly precision?: Precision;
  readonly student: Network;
  /** Batch norm's mode in the student's forwards. */
  readonly mode: Mode;
  /** Adversarial images, where there are any. */
  readonly adversarial?: Tensor;
  readonly teacher?: { readonly network: Network; readonly mode: Mode };
  /** A teacher's features (N, D) that were computed before, in place of a teacher. */
  readonly teacherFeatures?: Tensor;
  /** The signals of the attack and the objective; none if left out. */
  readonly signals?: Signals;
  /** The variable of the epoch, a scalar. */
  readonly epoch: Variable;
  /** The variable of a schedule's value, a scalar. */
  readonly scheduled: (name: string, schedule: EpochSchedule) => Variable;
  /** The images' places in their split, where that is known. */
  readonly indices?: () => Tensor;
  /** The split's images sorted by class, where they are known. */
  readonly imagesByClass?: () => ImagesByClass;
  /** The seed and the step of random numbers, where there are any. */
  readonly random?: Pick<RandomKey, "seed" | "step" | "firstRow">;
  /** Gathers features from all ranks; there are no others if left out. */
  readonly ofAllRanks?: (features: readonly Tensor[]) => readonly Tensor[];
}

/** Views that trace their forward passes on demand. */
export class TracedViews implements Views {
  readonly x: Tensor;
  readonly #sources: ViewSources;
  readonly #outputs = new Map<string, Output>();
  readonly #statisticsUpdates = new Map<Output, readonly Node[]>();

  constructor(sources: ViewSources) {
    this.#sources = sources;
    this.x = sources.x;
  }

  /** The views that have been used, by name. */
  get traced(): ReadonlyMap<string, Output> {
    return this.#outputs;
  }

  get clean(): Output {
    return this.#once("clean", () => this.#forward("clean", this.x));
  }

  get adversarial(): Output {
    return this.#once(
      "adversarial",
      () => this.#forward("adversarial", this.#adversarialImages),
    );
  }

  get #adversarialImages(): Tensor {
    const { adversarial } = this.#sources;
    if (adversarial) return adversarial;
    throw new TypeError(
      "Cannot view adversarial images: expected an attack but found none",
    );
  }

  get teacher(): Output {
    const { teacherFeatures } = this.#sources;
    if (teacherFeatures) return featuresAlone(teacherFeatures);
    return this.#once("teacher", () => this.#teach("teacher", this.x));
  }

  get teacherInEval(): Output {
    if (this.#sources.teacherFeatures) return this.teacher;
    const view = "teacher in eval";
    return this.#once(view, () => this.#teach(view, this.x, "eval"));
  }

  get teacherAdversarial(): Output {
    const view = "teacher adversarial";
    return this.#once(view, () => this.#teach(view, this.#adversarialImages));
  }

  get labels(): Tensor {
    if (!this.#sources.targets) return given(this.#sources.labels, "labels");
    throw new TypeError(
      "Cannot view labels: expected a class for each image but found soft targets",
    );
  }

  get targets(): Tensor {
    const { targets = this.labels, labelSmoothing = 0 } = this.#sources;
    if (labelSmoothing === 0) return targets;
    const { classes } = this.#sources.student;
    return smoothedTargets(targets, { classes, smoothing: labelSmoothing });
  }

  get indices(): Tensor {
    return given(this.#sources.indices, "the images' indices")();
  }

  get imagesByClass(): ImagesByClass {
    return given(this.#sources.imagesByClass, "images by class")();
  }

  get epoch(): Tensor {
    return this.x.graph.read(this.#sources.epoch);
  }

  read<T>(signal: Signal<T>): T {
    return (this.#sources.signals ?? new Signals()).read(signal);
  }

  scheduled(name: string, schedule: EpochSchedule): Tensor {
    return this.x.graph.read(this.#sources.scheduled(name, schedule));
  }

  random(stream: string): RandomKey {
    return { ...given(this.#sources.random, "random numbers"), stream };
  }

  ofAllRanks(...features: readonly Tensor[]): readonly Tensor[] {
    return this.#sources.ofAllRanks?.(features) ?? features;
  }

  /**
   * The nodes that update running statistics in one of the student's forward passes.
   *
   * @throws {TypeError} for an output of another forward pass.
   */
  statisticsUpdates(output: Output): readonly Node[] {
    return given(this.#statisticsUpdates.get(output), "a forward pass again");
  }

  #teach(
    view: string,
    images: Tensor,
    mode?: Mode,
  ): Output {
    const { teacher } = this.#sources;
    if (!teacher) {
      throw new TypeError(
        "Cannot view the teacher: expected one but found none",
      );
    }
    const { network } = teacher;
    const draws = this.#draws(view);
    return network.call(this.#cast(images), mode ?? teacher.mode, draws);
  }

  #forward(view: string, images: Tensor): Output {
    const { student, mode } = this.#sources;
    const { nodes } = this.x.graph;
    const before = nodes.length;
    const output = student.call(
      this.#cast(images),
      mode,
      this.#draws(view),
    );
    const updates = nodes.slice(before)
      .filter(({ op }) => op === runningStatisticsOp);
    this.#statisticsUpdates.set(output, updates);
    return output;
  }

  /** The random numbers of a forward pass, where there are any. */
  #draws(view: string): RandomKey | undefined {
    const { random } = this.#sources;
    return random && { ...random, stream: `forward ${view}` };
  }

  /** Images in the precision in which networks keep activations. */
  #cast(images: Tensor): Tensor {
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

/** What is known of a teacher by its features: they are the same in any augmentation. */
function featuresAlone(features: Tensor): Output {
  return {
    features,
    get logits(): Tensor {
      throw new TypeError(
        "Cannot view the teacher's logits: expected a teacher but found its features alone",
      );
    },
  };
}

/** The value. @throws {TypeError} if these views were made without it. */
function given<T>(value: T | undefined, what: string): T {
  if (value !== undefined) return value;
  throw new TypeError(
    `Cannot view ${what}: expected some here but found none`,
  );
}

// Auto-PGD (Croce and Hein, 2020): projected gradient ascent with momentum whose
// step size needs no tuning. From a start on the border of the ball, with step size
// eta = 2 epsilon for each image,
//
//   z       = project(x_i + eta steepest(grad loss(x_i)))
//   x_{i+1} = project(x_i + a (z - x_i) + (1 - a) (x_i - x_{i-1}))
//
// with a = 1 in the first step and 0.75 after it. At checkpoints that come closer
// and closer, eta is halved for an image whose loss has risen in at most 0.75 of the
// steps since the last checkpoint, or whose best loss has not risen although eta was
// not halved then; the search goes on from the best point.
//
// An image is broken if any iterate was misclassified; the last such one is returned,
// and the best point for the others. As in the authors' code, the first step counts
// as a rise if its loss is positive, whatever the loss at the start was.

import type { Tensor, Variable } from "../../graph/tensor.ts";
import { fill } from "../../ops/fill.ts";
import { grad } from "../../ops/grad.ts";
import { correct } from "../../ops/loss/margin.ts";
import {
  add,
  less,
  maximum,
  mulScalar,
  multiply,
  subtract,
  where,
} from "../../ops/pointwise.ts";
import { trailingAxes } from "../../ops/reduce/reduce.ts";
import { store } from "../../ops/store.ts";
import { apgdWindows } from "./apgd_windows.ts";
import type { AttackInputs } from "../attack.ts";
import { type Candidate, not } from "../round_attack.ts";
import type { ThreatModel } from "../threat_model.ts";
import { zeroGradient } from "./zero_gradient.ts";

/** One search from one start. */
export interface Ascending {
  /** The loss to maximize, (N). */
  readonly loss: (images: Tensor) => Tensor;
  readonly threat: ThreatModel;
  readonly steps: number;
  readonly samples: number;
  /** Where it begins, in the ball and in [0, 1]. */
  readonly start: Tensor;
  /** Called with the step sizes (N, 1, 1, 1) after every checkpoint. */
  readonly onCheckpoint?: (stepSizes: Tensor) => void;
}

/** Traces the search. */
export function ascend(
  inputs: AttackInputs,
  search: Ascending,
): Candidate {
  const ascent = new Ascent(inputs, search);
  const zeroGradient = ascent.begin();
  const { checkpoints, rest } = apgdWindows(search.steps);
  checkpoints.forEach((length, window) => {
    const first = window === 0 ? 1 : 0;
    if (first) ascent.step(1);
    inputs.images.graph.repeat(length - first, () => ascent.step(0.75));
    ascent.checkpoint(length);
    search.onCheckpoint?.(ascent.stepSizes);
  });
  inputs.images.graph.repeat(rest, () => ascent.step(0.75));
  return { images: ascent.result(), zeroGradient };
}

/** The loss, gradient and prediction at an iterate. */
interface Evaluated {
  readonly loss: Tensor;
  readonly gradient: Tensor;
  /** 1 where it is classified correctly, else 0. */
  readonly right: Tensor;
}

/** The variables of a search, and the updates of them. */
class Ascent {
  readonly #inputs: AttackInputs;
  readonly #search: Ascending;
  /** The iterate and the one before. */
  readonly #x: Variable;
  readonly #previous: Variable;
  readonly #gradient: Variable;
  /** Where the loss was largest. */
  readonly #best: Variable;
  readonly #bestGradient: Variable;
  readonly #bestLoss: Variable;
  /** The last iterate that was misclassified. */
  readonly #broken: Variable;
  /** 1 while no iterate was misclassified. */
  readonly #robust: Variable;
  readonly #stepSize: Variable;
  /** The loss of the last step, and how often it has risen since the checkpoint. */
  readonly #lastLoss: Variable;
  readonly #rises: Variable;
  /** The best loss at the last checkpoint, and whether the step size was halved then. */
  readonly #checkedLoss: Variable;
  readonly #halved: Variable;

  constructor(inputs: AttackInputs, search: Ascending) {
    const { graph, shape } = inputs.images;
    const [count] = shape as [number];
    const images = (name: string) => graph.state(`apgd ${name}`, shape);
    const numbers = (name: string) => graph.state(`apgd ${name}`, [count]);
    this.#inputs = inputs;
    this.#search = search;
    this.#x = images("iterate");
    this.#previous = images("previous iterate");
    this.#gradient = images("gradient");
    this.#best = images("best point");
    this.#bestGradient = images("best gradient");
    this.#broken = images("broken");
    this.#bestLoss = numbers("best loss");
    this.#robust = numbers("robust");
    this.#stepSize = graph.state("apgd step size", this.#perImage);
    this.#lastLoss = numbers("last loss");
    this.#rises = numbers("rises");
    this.#checkedLoss = numbers("checked loss");
    this.#halved = numbers("halved");
  }

  /** The step sizes now, (N, 1, 1, 1). */
  get stepSizes(): Tensor {
    return this.#read(this.#stepSize);
  }

  /** Sets the state to the start. Returns 1 for images whose gradient is 0 there, (N). */
  begin(): Tensor {
    const { start, threat } = this.#search;
    for (const variable of [this.#x, this.#previous, this.#broken]) {
      store(start, variable);
    }
    const { loss, gradient, right } = this.#evaluate();
    store(this.#read(this.#x), this.#best);
    store(gradient, this.#gradient);
    store(gradient, this.#bestGradient);
    store(loss, this.#bestLoss);
    store(loss, this.#checkedLoss);
    store(right, this.#robust);
    this.#set(this.#stepSize, 2 * threat.epsilon);
    this.#set(this.#lastLoss, 0);
    this.#set(this.#rises, 0);
    this.#set(this.#halved, 1);
    return zeroGradient(gradient);
  }

  /** Moves, with momentum unless `a` is 1, and evaluates the new iterate. */
  step(a: number): void {
    const { threat } = this.#search;
    const ball = { clean: this.#inputs.images, clip: true };
    const x = this.#read(this.#x);
    const direction = threat.steepest(this.#read(this.#gradient));
    const along = add(x, multiply(direction, this.stepSizes));
    const z = threat.project(along, ball);
    const momentum = subtract(x, this.#read(this.#previous));
    const moved = add(mulScalar(subtract(z, x), a), mulScalar(momentum, 1 - a));
    const next = threat.project(add(x, moved), ball);
    store(x, this.#previous);
    store(next, this.#x);
    this.#update();
  }

  /** Updates the best point and the counters by the new iterate. */
  #update(): void {
    const { loss, gradient, right } = this.#evaluate();
    const x = this.#read(this.#x);
    store(gradient, this.#gradient);
    this.#keep(this.#broken, not(right), x);
    store(multiply(this.#read(this.#robust), right), this.#robust);
    const rise = less(this.#read(this.#lastLoss), loss);
    store(add(this.#read(this.#rises), rise), this.#rises);
    store(loss, this.#lastLoss);
    const best = less(this.#read(this.#bestLoss), loss);
    this.#keep(this.#best, best, x);
    this.#keep(this.#bestGradient, best, gradient);
    this.#keep(this.#bestLoss, best, loss);
  }

  /** Halves the step sizes of images that made too little progress in `length` steps. */
  checkpoint(length: number): void {
    const rises = this.#read(this.#rises);
    const { graph, shape } = rises;
    const enough = fill(graph, { shape, value: 0.75 * length });
    const oscillates = not(less(enough, rises));
    const gained = less(
      this.#read(this.#checkedLoss),
      this.#read(this.#bestLoss),
    );
    const stuck = multiply(not(this.#read(this.#halved)), not(gained));
    const halve = maximum(oscillates, stuck);
    store(halve, this.#halved);
    store(this.#read(this.#bestLoss), this.#checkedLoss);
    const factor = not(mulScalar(this.#read(this.#halved), 0.5));
    const factors = trailingAxes(factor, this.#perImage.length);
    store(multiply(this.stepSizes, factors), this.#stepSize);
    const halved = this.#read(this.#halved);
    this.#keep(this.#x, halved, this.#read(this.#best));
    this.#keep(this.#gradient, halved, this.#read(this.#bestGradient));
    this.#set(this.#rises, 0);
  }

  /** The last misclassified iterate, or the best point where there is none. */
  result(): Tensor {
    return where(this.#mask(this.#read(this.#robust)), {
      yes: this.#read(this.#best),
      no: this.#read(this.#broken),
    });
  }

  /** The loss, its mean gradient over the samples, and the prediction of the last. */
  #evaluate(): Evaluated {
    const { loss, samples } = this.#search;
    const { logits, labels } = this.#inputs;
    const x = this.#read(this.#x);
    let total: Tensor | null = null, value: Tensor, right: Tensor;
    for (let sample = 0; sample < samples; sample++) {
      value = loss(x);
      right = correct(logits(x), labels);
      const [gradient] = grad(value, [x]);
      total = total ? add(total, gradient!) : gradient!;
    }
    const gradient = samples > 1 ? mulScalar(total!, 1 / samples) : total!;
    return { loss: value!, gradient, right: right! };
  }

  /** Overwrites a variable for the images where the condition is 1. */
  #keep(variable: Variable, condition: Tensor, yes: Tensor): void {
    const wide = variable.shape.length > 1;
    const mask = wide ? this.#mask(condition) : condition;
    store(where(mask, { yes, no: this.#read(variable) }), variable);
  }

  #mask(condition: Tensor): Tensor {
    return trailingAxes(condition, this.#perImage.length);
  }

  #read(variable: Variable): Tensor {
    return this.#inputs.images.graph.read(variable);
  }

  #set(variable: Variable, value: number): void {
    const { graph } = this.#inputs.images;
    store(fill(graph, { shape: variable.shape, value }), variable);
  }

  /** The shape of one number per image, to be broadcast. */
  get #perImage(): number[] {
    return this.#inputs.images.shape.map((n, axis) => axis === 0 ? n : 1);
  }
}

// FAB, the fast adaptive boundary attack (Croce and Hein, 2020): it looks for the
// smallest perturbation that changes the prediction. From x_0 = x, with the boundary
// to another class taken to be the hyperplane where the linearized difference of
// logits z_c - z_y is 0, and steps to it d1 from the iterate and d2 from x,
//
//   alpha = min(|d1| / (|d1| + |d2|), 0.1)
//   x_{i+1} = clip((1 - alpha) (x_i + 1.05 d1) + alpha (x + 1.05 d2))
//
// and where that is misclassified, it is kept if it is the nearest so far, and the
// iterate goes back to x + 0.9 (x_{i+1} - x). The nearest point found counts if it is
// in the ball, and only then.

import type { RoundAttackKind } from "../kind.ts";
import type { Tensor } from "../../graph/tensor.ts";
import { fill } from "../../ops/fill.ts";
import { gatherClass } from "../../ops/loss/gather_class.ts";
import { grad } from "../../ops/grad.ts";
import { hyperplaneStep } from "../../ops/attack/hyperplane_step.ts";
import { SMALLEST_NORMAL } from "../../ops/attack/length.ts";
import { correct } from "../../ops/loss/margin.ts";
import {
  abs,
  add,
  clamp,
  divide,
  less,
  mulScalar,
  multiply,
  subtract,
  where,
} from "../../ops/pointwise.ts";
import { rankedClass } from "../../ops/loss/ranked_class.ts";
import { sum, trailingAxes } from "../../ops/reduce/reduce.ts";
import { store } from "../../ops/store.ts";
import type { AttackInputs } from "../attack.ts";
import { inRounds, not, type RoundAttack } from "../round_attack.ts";
import type { ThreatModel } from "../threat_model.ts";

/** The budget of {@linkcode fab}. */
export interface FabOptions {
  /** How far an image may move to count, and in which norm. */
  readonly threat: ThreatModel;
  /** Steps; 100 if left out. */
  readonly steps?: number;
  /** Searches, of which all but the first start at random; 1 if left out. */
  readonly restarts?: number;
}

/** The budget of {@linkcode fabTargeted}. */
export interface FabTargetedOptions extends FabOptions {
  /** Classes to aim at, one after the other; 9 if left out. */
  readonly targets?: number;
}

const OVERSHOOT = 1.05, MOST_BIAS = 0.1, BACKWARD = 0.9, SHORTEST = 1e-8;

/** FAB towards the nearest class; a step costs a backward pass for every class. */
export function fab(
  { threat, steps = 100, restarts = 1 }: FabOptions,
): RoundAttack {
  return inRounds({
    name: "fab",
    rounds: restarts,
    passes: (classes) => steps * (classes + 1),
    leastClasses: 2,
    round: (restart) => ({
      begin: (inputs) =>
        search(inputs, {
          threat,
          steps,
          restart: { name: "fab", index: restart },
          boundary: (x) => nearestBoundary(x, { inputs, threat }),
        }),
    }),
  });
}

/** FAB towards one class after the other, as ranked on the clean image. */
export function fabTargeted(options: FabTargetedOptions): RoundAttack {
  const { threat, steps = 100, restarts = 1, targets = 9 } = options;
  return inRounds({
    name: "fab-t",
    rounds: targets * restarts,
    passes: () => 3 * steps + 1,
    leastClasses: targets + 1,
    round: (index) => ({
      begin(inputs) {
        const { images, logits } = inputs;
        const rank = 2 + Math.floor(index / restarts);
        const classes = rankedClass(logits(images), { rank });
        return search(inputs, {
          threat,
          steps,
          restart: { name: `fab-t/${rank}`, index: index % restarts },
          boundary: (x) => boundaryTo(classes, x, inputs),
        });
      },
    }),
  });
}

/** The boundary to another class, linearized at an image. */
interface Boundary {
  /** z_c - z_y, (N): below 0 where the image is classified correctly. */
  readonly difference: Tensor;
  /** Its gradient with respect to the image. */
  readonly normal: Tensor;
}

function boundaryTo(
  classes: Tensor,
  x: Tensor,
  { logits, labels }: AttackInputs,
): Boundary {
  const z = logits(x);
  const difference = subtract(gatherClass(z, classes), gatherClass(z, labels));
  const [normal] = grad(difference, [x]);
  return { difference, normal: normal! };
}

/** The boundary with the smallest linearized distance, over all other classes. */
function nearestBoundary(
  x: Tensor,
  { inputs, threat }: {
    readonly inputs: AttackInputs;
    readonly threat: ThreatModel;
  },
): Boundary {
  const z = inputs.logits(x);
  const boundaries = Array.from({ length: z.shape[1]! - 1 }, (_, i) => {
    const other = rankedClass(z, { rank: i + 1, except: inputs.labels });
    const boundary = boundaryTo(other, x, inputs);
    const slope = sum(threat.dualLength(boundary.normal), { start: 1 });
    const divisor = clamp(slope, { low: SMALLEST_NORMAL, high: Infinity });
    const distance = divide(abs(boundary.difference), divisor);
    return { ...boundary, distance };
  });
  return boundaries.reduce((nearest, next) => {
    const closer = less(next.distance, nearest.distance);
    const mask = trailingAxes(closer, x.shape.length);
    const pick = (key: "difference" | "distance") =>
      where(closer, { yes: next[key], no: nearest[key] });
    return {
      difference: pick("difference"),
      distance: pick("distance"),
      normal: where(mask, { yes: next.normal, no: nearest.normal }),
    };
  });
}

/** One search from one start. */
interface Searching {
  readonly threat: ThreatModel;
  readonly steps: number;
  readonly restart: { readonly name: string; readonly index: number };
  boundary(x: Tensor): Boundary;
}

function search(
  inputs: AttackInputs,
  { threat, steps, restart, boundary }: Searching,
): { readonly images: Tensor } {
  const { images, labels, logits } = inputs;
  const { graph, shape } = images;
  const [count, ...image] = shape as [number, ...number[]];
  const perImage = [count, ...image.map(() => 1)];
  const iterate = graph.state("fab iterate", shape);
  const nearest = graph.state("fab nearest", shape);
  const shortest = graph.state("fab shortest", perImage);
  store(startOf(inputs, { threat, restart }), iterate);
  store(images, nearest);
  store(fill(graph, { shape: perImage, value: 1e10 }), shortest);
  graph.repeat(steps, () => {
    const next = step(graph.read(iterate), { images, threat, boundary });
    const right = correct(logits(next), labels);
    const wrong = trailingAxes(not(right), shape.length);
    const moved = subtract(next, images);
    const length = threat.length(moved);
    const better = multiply(wrong, less(length, graph.read(shortest)));
    const keep = (yes: Tensor, no: Tensor) => where(better, { yes, no });
    store(keep(next, graph.read(nearest)), nearest);
    store(keep(length, graph.read(shortest)), shortest);
    const back = add(images, mulScalar(moved, BACKWARD));
    store(where(wrong, { yes: back, no: next }), iterate);
  });
  const radius = fill(graph, { shape: perImage, value: threat.longest });
  const outside = less(radius, graph.read(shortest));
  return { images: where(outside, { yes: images, no: graph.read(nearest) }) };
}

/** The clean images, or for restarts images half way to the border of the ball. */
function startOf(
  { images, random }: AttackInputs,
  { threat, restart: { name, index } }: Pick<Searching, "threat" | "restart">,
): Tensor {
  if (index === 0) return images;
  const key = { ...random, stream: `${random.stream}/${name}/${index}` };
  const direction = threat.direction(images.shape, key);
  const moved = add(images, mulScalar(direction, threat.epsilon / 2));
  return clamp(moved, { low: 0, high: 1 });
}

/** The next iterate: beyond the boundary, and drawn towards the clean image. */
function step(
  x: Tensor,
  { images, threat, boundary }: Pick<Searching, "threat" | "boundary"> & {
    readonly images: Tensor;
  },
): Tensor {
  const { norm } = threat;
  const { difference, normal } = boundary(x);
  const d1 = hyperplaneStep(x, { normal, excess: difference, norm });
  const apart = multiply(normal, subtract(images, x));
  const excess = add(difference, sum(apart, { start: 1 }));
  const d2 = hyperplaneStep(images, { normal, excess, norm });
  const [a1, a2] = [d1, d2].map((d) =>
    clamp(threat.length(d), { low: SHORTEST, high: Infinity })
  );
  const ratio = divide(a1!, add(a1!, a2!));
  const alpha = clamp(ratio, { low: 0, high: MOST_BIAS });
  const near = multiply(add(x, mulScalar(d1, OVERSHOOT)), not(alpha));
  const drawn = multiply(add(images, mulScalar(d2, OVERSHOOT)), alpha);
  return clamp(add(near, drawn), { low: 0, high: 1 });
}

/** FAB as a member of AutoAttack. */
export const FAB: RoundAttackKind<"fab"> = {
  method: "fab",
  about: "the nearest boundary",
  targeted: false,
  create: (threat, { steps, restarts }) => fab({ threat, steps, restarts }),
};

/** Targeted FAB as a member of AutoAttack. */
export const FAB_T: RoundAttackKind<"fab-t"> = {
  method: "fab-t",
  about: "the boundary to one class after the other",
  targeted: true,
  create: (threat, { steps, targets }) =>
    fabTargeted({ threat, steps, targets }),
};

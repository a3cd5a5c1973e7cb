// The Square attack (Andriushchenko et al., 2020): random search that asks for
// predictions only, so that hidden gradients do not stop it. Each query changes the
// best image so far in one window to the border of the ball, and is kept if that
// lowers the margin z_y - max over c other than y of z_c, or ends it. Images that are
// misclassified are left as they are.
//
// Windows and their signs are drawn once for all images of a batch, as in the authors'
// code, and here depend on seed, round and query alone: in the maximum norm, the other
// images of the batch change nothing for an image. In the Euclidean norm, the signs
// also depend on the image's place in the batch.

import type { RoundAttackKind } from "../kind.ts";
import { type Tensor, Variable } from "../../graph/tensor.ts";
import { increment } from "../../ops/counter.ts";
import { fill } from "../../ops/fill.ts";
import { margin } from "../../ops/loss/margin.ts";
import {
  add,
  less,
  maximum,
  mulScalar,
  multiply,
  sign,
  where,
} from "../../ops/pointwise.ts";
import { type RandomKey, uniform } from "../../ops/random/random.ts";
import { trailingAxes } from "../../ops/reduce/reduce.ts";
import {
  squareL2,
  squareL2Start,
  squareLinf,
} from "../../ops/attack/square_proposal.ts";
import { store } from "../../ops/store.ts";
import type { AttackInputs } from "../attack.ts";
import {
  type Candidate,
  inRounds,
  not,
  type Round,
  type RoundAttack,
} from "../round_attack.ts";
import type { ThreatModel } from "../threat_model.ts";

/** The budget of {@linkcode square}. */
export interface SquareOptions {
  /** How far an image may move, and in which norm. */
  readonly threat: ThreatModel;
  /**
   * Predictions to ask for after the first one, 5,000 if left out; rounded up to whole
   * parts of at most 100.
   */
  readonly queries?: number;
  /** Random starts; 1 if left out. */
  readonly restarts?: number;
}

/** Most queries in one program, between two readbacks. */
const PART = 100;

/** Random search over windows. */
export function square(
  { threat, queries = 5000, restarts = 1 }: SquareOptions,
): RoundAttack {
  const times = Math.ceil(queries / PART);
  const each = Math.ceil(queries / times);
  return inRounds({
    name: "square",
    rounds: restarts,
    passes: () => 1 + times * each,
    leastClasses: 2,
    round: (index) => round(index, { threat, times, each }),
  });
}

/** The state that a round keeps between its parts. */
interface State {
  /** The best images so far. */
  readonly best: Variable;
  /** By how much each is misclassified, (N): below 0 where it is not. */
  readonly margins: Variable;
  /** Queries so far, the start not counted. */
  readonly queries: Variable;
}

function round(
  index: number,
  { threat, times, each }: {
    readonly threat: ThreatModel;
    readonly times: number;
    readonly each: number;
  },
): Round {
  let state: State | null = null;
  const keyOf = ({ random }: AttackInputs, part: string): RandomKey => {
    const stream = `${random.stream}/square/${index}/${part}`;
    return { ...random, stream };
  };
  return {
    begin(inputs) {
      const { images, labels, logits } = inputs;
      state = stateFor(images);
      const key = keyOf(inputs, "start");
      store(squareStart(images, { threat, key }), state.best);
      const best = images.graph.read(state.best);
      store(margin(logits(best), labels), state.margins);
      store(
        fill(images.graph, { shape: [], value: 0, dtype: "u32" }),
        state.queries,
      );
      return candidateOf(state, images);
    },
    continue: {
      times,
      trace(inputs) {
        const { graph } = inputs.images;
        const key = keyOf(inputs, "windows");
        graph.repeat(each, () => query(state!, { inputs, threat, key }));
        return candidateOf(state!, inputs.images);
      },
    },
  };
}

function stateFor({ shape }: Tensor): State {
  return {
    best: new Variable("square best", shape),
    margins: new Variable("square margins", shape.slice(0, 1)),
    queries: new Variable("square queries", [], "u32"),
  };
}

function candidateOf({ best, margins }: State, { graph }: Tensor): Candidate {
  const undecided = not(isBroken(graph.read(margins)));
  return { images: graph.read(best), undecided };
}

/** 1 where a margin is at least 0, else 0. */
function isBroken(margins: Tensor): Tensor {
  const { graph, shape } = margins;
  return not(less(margins, fill(graph, { shape, value: 0 })));
}

/** Stripes from top to bottom, or a grid of Euclidean windows. */
function squareStart(
  images: Tensor,
  { threat, key }: { readonly threat: ThreatModel; readonly key: RandomKey },
): Tensor {
  const { norm, epsilon } = threat;
  const [count, , width, channels] = images.shape as number[];
  const stripes = [count!, 1, width!, channels!];
  const direction = norm === "linf"
    ? sign(uniform(key, stripes, { low: -1, high: 1 }))
    : threat.unit(squareL2Start(key, images.shape));
  const moved = add(images, mulScalar(direction, epsilon));
  return threat.project(moved, { clean: images, clip: true });
}

function query(
  { best, margins, queries }: State,
  { inputs, threat, key }: {
    readonly inputs: AttackInputs;
    readonly threat: ThreatModel;
    readonly key: RandomKey;
  },
): void {
  const { images, labels, logits } = inputs;
  const { graph, shape } = images;
  const { epsilon } = threat;
  const propose = { linf: squareLinf, l2: squareL2 }[threat.norm];
  const substep = graph.read(queries);
  const proposal = propose(best, {
    clean: images,
    epsilon,
    key: { ...key, substep },
  });
  const next = margin(logits(proposal), labels);
  const most = graph.read(margins);
  const better = maximum(less(most, next), isBroken(next));
  const accepted = multiply(better, not(isBroken(most)));
  const mask = trailingAxes(accepted, shape.length);
  store(where(mask, { yes: proposal, no: graph.read(best) }), best);
  store(where(accepted, { yes: next, no: most }), margins);
  increment(graph, queries);
}

/** Square as a member of AutoAttack. */
export const SQUARE: RoundAttackKind<"square"> = {
  method: "square",
  about: "random search by predictions alone",
  targeted: false,
  create: (threat, { queries }) => square({ threat, queries }),
};

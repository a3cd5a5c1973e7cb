// Five choices about the attack in training that results depend on, and papers often leave
// unsaid: the surrogate, the start, batch norm's mode, the radius, and the step size. Two
// implementations of one method differ in these more often than in its equation.
//
// The surrogate is not looked up by the method's name but read from the method itself: it
// is traced on stand-ins for the networks, and its last operation is named.

import { Graph } from "../graph/graph.ts";
import { type Tensor, Variable } from "../graph/tensor.ts";
import { Network, type Output } from "../nn/network.ts";
import { created } from "../methods/stateful.ts";
import { TracedViews } from "../methods/traced_views.ts";
import { TRAINING_ATTACKS } from "../methods/attacks.ts";
import type { AttackKind, ObjectiveKind } from "../methods/kind.ts";
import { OBJECTIVES } from "../methods/objectives.ts";
import { buildObjective } from "./build.ts";
import type { Experiment } from "../config/experiment.ts";

/** How training finds adversarial images, in words. */
export interface InnerMaximization {
  /** The surrogate, such as "KL(f(x) || f(x'))". */
  readonly surrogate: string;
  /** Where the search starts, such as "x + 0.001 N(0, 1)". */
  readonly start: string;
  /** Batch norm's mode in the network that is attacked. */
  readonly mode: "eval" | "train";
  /** The radius as it is written. */
  readonly epsilon: string;
  /** The length of a step as it is written. */
  readonly stepSize: string;
}

/** The choices of an experiment; null where it trains on clean images alone. */
export function innerMaximization(
  experiment: Experiment,
): InnerMaximization | null {
  const { attack, objective } = experiment;
  if (!attack) return null;
  const { mode, epsilon } = attack;
  const kind: AttackKind = TRAINING_ATTACKS[attack.method];
  const method: ObjectiveKind = OBJECTIVES[objective.method];
  return {
    surrogate: surrogateOf(experiment) ?? "nothing",
    start: kind.start(attack).text,
    mode,
    epsilon,
    stepSize: "stepSize" in attack ? attack.stepSize : epsilon,
    // An objective that chooses strategies says from which.
    ...method.budget?.(objective),
  };
}

/** Operations that surrogates end in, and how the literature writes them. */
const SURROGATES: Readonly<Record<string, (of: readonly string[]) => string>> =
  {
    cross_entropy: ([logits]) => `CE(${logits}, y)`,
    kl_divergence: ([target, prediction]) => `KL(${target} || ${prediction})`,
    margin: ([logits]) => `margin(${logits}, y)`,
  };

/** Sizes of modules, on which a surrogate does not depend. */
const SETTING = {
  classes: 4,
  images: 2,
  batchSize: 2,
  featureSize: { student: 1, teacher: 1 },
};

/** The surrogate of an experiment's objective; null where it has none. */
function surrogateOf(experiment: Experiment): string | null {
  const { surrogate } = created(buildObjective(experiment), SETTING);
  if (!surrogate) return null;
  const graph = new Graph();
  const images = (name: string): Tensor =>
    graph.read(new Variable(name, [2, 1, 1, 3]));
  const x = images("x");
  const student = new StandIn(new Map([[x, "f(x)"]]));
  const adversarial = images("x'");
  student.names.set(adversarial, "f(x')");
  const views = new TracedViews({
    x,
    labels: graph.read(new Variable("y", [2], "u32")),
    student,
    mode: "eval",
    adversarial,
    epoch: new Variable("epoch", []),
    scheduled: (name) => new Variable(name, []),
  });
  const { source } = surrogate(views);
  if (source instanceof Variable) return source.name;
  const { op, inputs } = source;
  const names = inputs.map(({ source }) =>
    source instanceof Variable ? source.name : source.op.name
  );
  return SURROGATES[op.name]?.(names) ?? `${op.name}(${names.join(", ")})`;
}

/** A network whose logits are a variable with a name. */
class StandIn extends Network {
  readonly classes = 4;
  readonly featureSize = 1;
  readonly names: Map<Tensor, string>;

  constructor(names: Map<Tensor, string>) {
    super();
    this.names = names;
  }

  call(x: Tensor): Output {
    const name = this.names.get(x) ?? "f";
    return {
      logits: x.graph.read(new Variable(name, [2, this.classes])),
      features: x.graph.read(new Variable(name, [2, this.featureSize])),
    };
  }
}

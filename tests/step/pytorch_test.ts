// Steps of every way to train against PyTorch in float64: losses of every step,
// and all parameters and running statistics after the last. One step is one graph of
// the parts that the trainer is made of; its batches and starts are those of the
// fixture.
//
// The fixture holds how far PyTorch's own float32 strays with its batches in three
// orders, and tolerances are multiples of that. Where draws keep ReLUs and signs away
// from their kinks it is near 1e-7. TRADES' attack on a divergence is chaotic: there
// errors grow severalfold with every step, so that a run which starts with twice the
// rounding is where another will be a step later, and the state strays by percents.

import { assert } from "@std/assert";
import type { Attack } from "../../src/methods/attack.ts";
import { linf } from "../../src/methods/threat_model.ts";
import { Memory } from "../../src/gpu/memory.ts";
import { Plan } from "../../src/gpu/plan.ts";
import { compile } from "../../src/graph/compile.ts";
import { Graph } from "../../src/graph/graph.ts";
import { type Tensor, Variable } from "../../src/graph/tensor.ts";
import { crossEntropy } from "../../src/nn/losses.ts";
import { materialize, type Materialized } from "../../src/nn/module.ts";
import { resnet8 } from "../../src/nn/resnet.ts";
import type { Network } from "../../src/nn/network.ts";
import { frpat } from "../../src/methods/regularizers/frpat.ts";
import { type Objective, regularized } from "../../src/methods/objective.ts";
import { standard } from "../../src/methods/objectives/standard.ts";
import { StepEffects } from "../../src/methods/step_effects.ts";
import {
  TracedViews,
  type ViewSources,
} from "../../src/methods/traced_views.ts";
import { trades } from "../../src/methods/objectives/trades.ts";
import { vanillaAt } from "../../src/methods/objectives/vanilla_at.ts";
import { grad } from "../../src/ops/grad.ts";
import { gammaAt, perturbWeights } from "../../src/step/weight_perturbation.ts";
import { accumulate } from "../../src/ops/metrics.ts";
import { add } from "../../src/ops/pointwise.ts";
import { mean } from "../../src/ops/reduce/reduce.ts";
import { sgd } from "../../src/ops/sgd.ts";
import { store } from "../../src/ops/store.ts";
import { pgdFrom } from "../support/given_start.ts";
import { testDevice } from "../support/check_op.ts";
import {
  assertSummary,
  gaussianStart,
  inPyTorchOrder,
  summarized,
  tintedBatch,
  uniformStart,
  writeRebuilt,
} from "../support/fixture.ts";
import { readFixture } from "../support/read_fixture.ts";

const FIXTURE = readFixture("training");
const SHAPE = [16, 32, 32, 3];
const EPSILON = 8 / 255;

/** The weights that terms have here and not in the fixture. */
const WEIGHTS: Readonly<Record<string, number>> = { robust: 6, relation: 5 };

/** A way to train. */
interface Run {
  readonly name: string;
  readonly objective: Objective;
  readonly teacher: boolean;
  /** How far weights are perturbed, relative to their norm; not if absent. */
  readonly gamma?: number;
  /** Steps of the attack; 0 takes the start for the adversarial images. */
  readonly attackSteps: number;
  readonly start: "uniform" | "gaussian";
  /** How many steps ahead of PyTorch's float32 in straying a run may be. */
  readonly lead: 0 | 1;
  /** How far the last state may stray, relative to each tensor's norm. */
  readonly tolerance: number;
}

/** TRADES with FRPAT, the clean batch counted once or twice. */
function relational(cleanForwards: 1 | 2): Pick<Run, "objective" | "teacher"> {
  const objective = regularized(
    trades({ beta: 6, cleanForwards }),
    frpat({ weight: { kind: "constant", value: 5 } }),
  );
  return { objective, teacher: true };
}

const given = {
  attackSteps: 0,
  start: "uniform",
  lead: 0,
  tolerance: 1e-5,
} as const;
const chaotic = {
  attackSteps: 3,
  start: "gaussian",
  lead: 1,
  tolerance: 0.1,
} as const;
const RUNS: readonly Run[] = [
  { name: "standard", objective: standard(), teacher: false, ...given },
  {
    name: "vanilla",
    objective: vanillaAt(),
    teacher: false,
    ...given,
    attackSteps: 3,
  },
  { name: "trades_frpat", ...relational(1), ...given },
  { name: "trades_frpat_3", ...relational(2), ...given },
  {
    name: "vanilla_awp",
    objective: vanillaAt(),
    teacher: false,
    gamma: 0.01,
    ...given,
  },
  {
    name: "trades_awp",
    objective: trades({ beta: 6, cleanForwards: 1 }),
    teacher: false,
    gamma: 0.005,
    ...given,
  },
  { name: "attacked", ...relational(1), ...chaotic },
  { name: "attacked_3", ...relational(2), ...chaotic },
];

/** What a step reads, and what it leaves. */
class Trainee {
  readonly x = new Variable("x", SHAPE);
  readonly start = new Variable("start", SHAPE);
  readonly labels = new Variable("labels", [16], "u32");
  readonly epoch = new Variable("epoch", []);
  readonly learningRate = new Variable("learning rate", []);
  readonly relationWeight = new Variable("relation weight", []);
  readonly metrics = new Variable("metrics", [8]);
  readonly student: Materialized<Network> = materialize(
    resnet8({ classes: 10 }),
    "student",
  );
  readonly teacher: Materialized<Network> = materialize(
    resnet8({ classes: 10 }),
    "teacher",
  );

  /** Traces one step, and gives the names of the terms in the metrics. */
  trace(graph: Graph, { objective, teacher, ...run }: Run): string[] {
    const sources: Omit<ViewSources, "mode"> = {
      x: graph.read(this.x),
      labels: graph.read(this.labels),
      student: this.student.module,
      teacher: { network: this.teacher.module, mode: "train" },
      epoch: this.epoch,
      scheduled: () => this.relationWeight,
    };
    const adversarial = this.#attack(graph, { ...run, objective, sources });
    const restore = this.#perturb(objective, run, { ...sources, adversarial });
    const views = new TracedViews({ ...sources, mode: "train", adversarial });
    const hooks = new StepEffects().hooks(views);
    const terms: Record<string, Tensor> = { ...objective.terms(views, hooks) };
    if (teacher) {
      const { logits } = views.teacher;
      terms["teacher"] = mean(crossEntropy(logits, views.labels));
    }
    Object.values(terms).forEach((value, slot) =>
      accumulate(this.metrics, { slot, value })
    );
    const loss = Object.values(terms).reduce((a, b) => add(a, b));
    for (
      const network of teacher ? [this.student, this.teacher] : [this.student]
    ) {
      this.#descend(loss, network);
    }
    restore();
    return Object.keys(terms);
  }

  /** Perturbs the student's weights, and returns what traces the way back. */
  #perturb(
    objective: Objective,
    { gamma }: Pick<Run, "gamma">,
    sources: Omit<ViewSources, "mode">,
  ): () => void {
    if (gamma === undefined) return () => {};
    const views = new TracedViews({ ...sources, mode: "train-untracked" });
    const config = { gamma, fromEpoch: 2 };
    return perturbWeights([...this.student.trainable.values()], {
      loss: Object.values(
        objective.terms(views, new StepEffects().hooks(views)),
      )
        .reduce((a, b) => add(a, b)),
      gamma: gammaAt(config, views.epoch),
    });
  }

  #attack(
    graph: Graph,
    { objective: { surrogate }, attackSteps: steps, sources }:
      & Pick<Run, "objective" | "attackSteps">
      & { readonly sources: Omit<ViewSources, "mode"> },
  ): Tensor {
    const start = graph.read(this.start);
    if (!surrogate || steps === 0) return start;
    const attack: Attack = pgdFrom({
      threat: linf(EPSILON),
      steps,
      stepSize: 2 / 255,
      start,
    });
    const { x: images } = sources;
    const labels = sources.labels!;
    const viewsOf = (adversarial: Tensor) =>
      new TracedViews({ ...sources, mode: "eval", adversarial });
    return attack.maximize((at) => surrogate(viewsOf(at)), {
      images,
      labels,
      logits: (at) => viewsOf(at).adversarial.logits,
      // The start is given, so no random number is drawn.
      random: { seed: 0, stream: "none", step: labels },
    });
  }

  #descend(loss: Tensor, { name, parameters, trainable }: Materialized): void {
    const gradients = new Variable(`${name} gradients`, parameters.shape);
    const velocity = new Variable(`${name} velocity`, parameters.shape);
    const own = [...trainable.values()];
    const found = grad(loss, own);
    own.forEach((parameter, i) => {
      const { byteOffset } = parameter;
      store(found[i]!, gradients.slice(parameter.name, byteOffset, parameter));
    });
    sgd({
      parameters,
      gradients,
      velocity,
      learningRate: loss.graph.read(this.learningRate),
    }, { momentum: 0.9, weightDecay: 2e-4 });
  }

  /** Sets all that does not change between steps. */
  initialize(memory: Memory): void {
    writeRebuilt(memory, this.student);
    writeRebuilt(memory, this.teacher, "teacher/");
    memory.write(this.learningRate, Float32Array.of(0.02));
    memory.write(this.epoch, Float32Array.of(2));
    memory.write(this.relationWeight, Float32Array.of(5));
  }

  /** Sets the batch of a step, and the metrics to zero. */
  feed(memory: Memory, draw: number, start: Run["start"]): void {
    const batch = tintedBatch(16, draw);
    const from = start === "uniform"
      ? uniformStart(batch, { epsilon: EPSILON, draw })
      : gaussianStart(batch, { draw });
    memory.write(this.x, batch.images);
    memory.write(this.labels, batch.labels);
    memory.write(this.start, from);
    memory.write(this.metrics, new Float32Array(8));
  }
}

/** Four times the largest recorded deviation so far, and what rounding adds. */
function tolerancesOf({ name, lead }: Run, term: string): number[] {
  const deviations = FIXTURE.get(`${name}/${term}_deviation`)!.values;
  return FIXTURE.get(`${name}/${term}`)!.values.map((value, step) =>
    4 * Math.max(...deviations.slice(0, step + lead + 1)) +
    1e-6 * Math.abs(value)
  );
}

/** Compares a network's state with the fixture's summaries. */
async function checkState(
  memory: Memory,
  { named, name }: Materialized,
  run: Run,
): Promise<void> {
  const bytes = await memory.read([...named.values()]);
  [...named].forEach(([path, { shape }], i) => {
    const values = inPyTorchOrder(new Float32Array(bytes[i]!), shape);
    const expected = FIXTURE.get(`${run.name}/summary/${name}/${path}`)!;
    assertSummary(summarized(path, values), expected.values, {
      what: `${name} ${path}`,
      tolerance: run.tolerance,
    });
  });
}

for (const run of RUNS) {
  const draws = FIXTURE.get(`${run.name}/draws`)!.values;
  Deno.test(`${draws.length} steps of ${run.name} agree with PyTorch`, async () => {
    const device = await testDevice();
    using memory = new Memory(device);
    const trainee = new Trainee();
    const graph = new Graph();
    const terms = trainee.trace(graph, run);
    const program = compile(graph, { ...device.adapter, name: run.name });
    using plan = await Plan.bind(program, memory);
    trainee.initialize(memory);
    const tolerances = terms.map((term) => tolerancesOf(run, term));
    for (const [step, draw] of draws.entries()) {
      trainee.feed(memory, draw, run.start);
      plan.run();
      const [bytes] = await memory.read([trainee.metrics]);
      const found = new Float32Array(bytes!);
      terms.forEach((term, slot) => {
        const value = found[slot]! / (WEIGHTS[term] ?? 1);
        const expected = FIXTURE.get(`${run.name}/${term}`)!.values[step]!;
        assert(
          Math.abs(value - expected) <= tolerances[slot]![step]!,
          `${term} of step ${step} is ${value} but should be ${expected} ± ${
            tolerances[slot]![step]
          }`,
        );
      });
    }
    await checkState(memory, trainee.student, run);
    if (run.teacher) await checkState(memory, trainee.teacher, run);
  });
}

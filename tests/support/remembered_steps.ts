// Steps of a regularizer that keeps state, on features that are given: on the
// device and by the float64 reference, with the state from step to step.

import { Memory } from "../../src/gpu/memory.ts";
import { Plan } from "../../src/gpu/plan.ts";
import { compile } from "../../src/graph/compile.ts";
import { Graph } from "../../src/graph/graph.ts";
import { type Tensor, Variable } from "../../src/graph/tensor.ts";
import { initialValues } from "../../src/nn/module.ts";
import { type Objective, regularized } from "../../src/methods/objective.ts";
import type { Regularizer } from "../../src/methods/regularizer.ts";
import {
  created,
  type MethodSetting,
  type Stateful,
} from "../../src/methods/stateful.ts";
import type { StepHooks } from "../../src/methods/step_hooks.ts";
import type { Views } from "../../src/methods/views.ts";
import { fill } from "../../src/ops/fill.ts";
import { grad } from "../../src/ops/grad.ts";
import { store } from "../../src/ops/store.ts";
import { trainedModules } from "../../src/step/method_modules.ts";
import { testDevice } from "./check_op.ts";
import { interpret, ReferenceMemory } from "./reference.ts";

/** Whose features a step is given. */
export type Who = "clean" | "adversarial" | "teacher";

/** What a step is computed from. */
export interface RememberedStep {
  /** u32 (N). */
  readonly labels: readonly number[];
  /** u32 (N). */
  readonly indices: readonly number[];
  /** (N, D), row by row. */
  readonly features: Readonly<Partial<Record<Who, readonly number[]>>>;
}

/** A run of steps. */
export interface RememberedRun {
  readonly regularizer: Stateful<Regularizer>;
  readonly setting: MethodSetting;
  /** Labels of all images of the training split. */
  readonly labels: readonly number[];
  readonly steps: readonly RememberedStep[];
}

/** What a run gives: numbers by name, as in the fixture. */
export type Found = ReadonlyMap<string, readonly number[]>;

const OPTIMIZER = { momentum: 0.9, nesterov: false, weightDecay: 2e-4 };
const LEARNING_RATE = 0.05;

/** What is kept from step to step, and the functions that close over it. */
interface Kept {
  readonly objective: Objective;
  readonly modules: ReturnType<typeof trainedModules>;
}

interface StepVariables {
  readonly inputs: ReadonlyMap<string, Variable>;
  readonly outputs: ReadonlyMap<string, Variable>;
}

/** Runs all steps: losses, gradients by features, and the state at the end. */
export async function remember(
  run: RememberedRun,
): Promise<{ readonly device: Found; readonly reference: Found }> {
  const none: Objective = { name: "none", terms: () => ({}) };
  const objective = created(regularized(none, run.regularizer), run.setting);
  const kept: Kept = { objective, modules: trainedModules(objective) };
  const device = await testDevice();
  using memory = new Memory(device);
  const reference = new ReferenceMemory();
  const write = (
    variable: Variable,
    values: ArrayLike<number>,
  ) => {
    reference.data(variable).set(Float64Array.from(values));
    const typed = variable.dtype === "u32" ? Uint32Array : Float32Array;
    memory.write(variable, typed.from(values) as BufferSource);
  };
  for (const { materialized } of kept.modules) {
    for (const flat of [materialized.parameters, materialized.buffers]) {
      if (flat) write(flat, initialValues(materialized, { flat, seed: 1 }));
    }
  }
  const found = { device: new Map(), reference: new Map() };
  for (const [i, step] of run.steps.entries()) {
    const graph = new Graph();
    const { inputs, outputs } = traceStep(graph, run, { step, kept });
    for (const [name, values] of Object.entries(inputsOf(run, i))) {
      write(inputs.get(name)!, values);
    }
    interpret(graph, reference);
    const program = compile(graph, { name: "step", ...device.adapter });
    using plan = await Plan.bind(program, memory);
    plan.run();
    await read(outputs, `${i}/`);
  }
  const named = kept.modules.flatMap(({ materialized }) =>
    [...materialized.named].map(([name, variable]) =>
      [`${materialized.name}.${name}`, variable] as const
    )
  );
  await read(new Map(named), "state/");
  return found;

  async function read(variables: ReadonlyMap<string, Variable>, at: string) {
    const bytes = await memory.read([...variables.values()]);
    [...variables].forEach(([name, variable], i) => {
      found.device.set(at + name, Array.from(new Float32Array(bytes[i]!)));
      found.reference.set(at + name, Array.from(reference.data(variable)));
    });
  }
}

/** Contents of a step's variables. */
function inputsOf(
  { labels, setting: { classes }, steps }: RememberedRun,
  i: number,
): Record<string, readonly number[]> {
  const order = [...labels.keys()].sort((a, b) =>
    labels[a]! - labels[b]! || a - b
  );
  const starts = Array.from(
    { length: classes + 1 },
    (_, c) => labels.filter((label) => label < c).length,
  );
  const { features, indices, labels: own } = steps[i]!;
  return { ...features, labels: own, indices, step: [i], order, starts };
}

/** Traces the regularizer's term and everything that follows from it. */
function traceStep(
  graph: Graph,
  run: RememberedRun,
  { step, kept }: { readonly step: RememberedStep; readonly kept: Kept },
): StepVariables {
  const { regularizer: { name }, setting: { images, classes } } = run;
  const rows = step.labels.length;
  const u32 = (name: string, shape: number[]) =>
    new Variable(name, shape, "u32");
  const inputs = new Map([
    ["labels", u32("labels", [rows])],
    ["indices", u32("indices", [rows])],
    ["step", u32("step", [])],
    ["order", u32("order", [images])],
    ["starts", u32("starts", [classes + 1])],
    ...Object.entries(step.features).map(([who, { length }]) =>
      [who, new Variable(who, [rows, length / rows])] as const
    ),
  ]);
  const updates: (() => void)[] = [];
  const hooks: Partial<StepHooks> = {
    afterStep: (update) => updates.push(update),
  };
  const views = viewsOf(graph, inputs);
  const loss = kept.objective.terms(views, hooks as StepHooks)[name]!;
  const features = Object.keys(step.features).map((who) => inputs.get(who)!);
  const parameters = kept.modules.map((module) => module.parameters);
  const gradients = grad(loss, [...features, ...parameters.flat()]);
  const outputs = new Map<string, Variable>();
  const keep = (name: string, value: Tensor) => {
    const variable = new Variable(name, value.shape);
    store(value, variable);
    outputs.set(name, variable);
  };
  keep("loss", loss);
  for (const { name } of features) keep(name, gradients.shift()!);
  const learningRate = fill(graph, { shape: [], value: LEARNING_RATE });
  kept.modules.forEach((module, i) => {
    const own = gradients.splice(0, parameters[i]!.length);
    if (own.length) {
      module.descend(own, { learningRate, optimizer: OPTIMIZER });
    }
  });
  for (const update of updates) update();
  return { inputs, outputs };
}

/** Views of given features, and of nothing else; every schedule is at 1. */
function viewsOf(
  graph: Graph,
  inputs: ReadonlyMap<string, Variable>,
): Views {
  const read = (name: string) => graph.read(inputs.get(name)!);
  const output = (who: Who) => ({
    get logits(): never {
      throw new TypeError("Cannot view logits: expected features alone");
    },
    features: inputs.has(who) ? read(who) : read("adversarial"),
  });
  const views: Partial<Views> = {
    x: read("labels"),
    labels: read("labels"),
    indices: read("indices"),
    imagesByClass: {
      order: inputs.get("order")!,
      starts: inputs.get("starts")!,
    },
    clean: output("clean"),
    adversarial: output("adversarial"),
    teacher: output("teacher"),
    scheduled: () => fill(graph, { shape: [], value: 1 }),
    random: (stream) => ({ seed: 1, stream, step: read("step") }),
  };
  return views as Views;
}

// A student, a teacher and a batch for the tests of objectives: small networks with
// fixed weights, and an evaluation of what a test traces from their views.

import { Memory } from "../../src/gpu/memory.ts";
import { Plan } from "../../src/gpu/plan.ts";
import { compile } from "../../src/graph/compile.ts";
import { Graph } from "../../src/graph/graph.ts";
import { type Tensor, Variable } from "../../src/graph/tensor.ts";
import type { Mode } from "../../src/nn/layers.ts";
import {
  initialValues,
  materialize,
  type Materialized,
} from "../../src/nn/module.ts";
import { type ResNet, resnet8 } from "../../src/nn/resnet.ts";
import { Signals, SURVIVAL_RATE } from "../../src/methods/signal.ts";
import {
  created,
  type MethodModules,
  type Stateful,
} from "../../src/methods/stateful.ts";
import { StepEffects } from "../../src/methods/step_effects.ts";
import type { StepHooks } from "../../src/methods/step_hooks.ts";
import { TracedViews } from "../../src/methods/traced_views.ts";
import type { Views } from "../../src/methods/views.ts";
import { store } from "../../src/ops/store.ts";
import { testDevice } from "./check_op.ts";
import { tintedBatch, uniformStart, writeRebuilt } from "./fixture.ts";

/** Images of a batch. */
export const BATCH = 6;

/** Images of the training split that the batch is from. */
const IMAGES = 11;

/** How a test's world is set up. */
export interface WorldOptions {
  /** Of the student's forwards. */
  readonly mode?: Mode;
  /** Radius of the perturbation that makes the adversarial images. */
  readonly epsilon?: number;
  /** The teacher has the student's weights. */
  readonly teacherIsStudent?: boolean;
  /** The number that every schedule gives. */
  readonly scheduled?: number;
  /** Counted from 1; the first if absent. */
  readonly epoch?: number;
}

/** An objective or a regularizer. */
interface Named {
  readonly name: string;
  readonly modules?: MethodModules;
}

/** What a test traces from. */
export interface World {
  readonly graph: Graph;
  readonly views: TracedViews;
  readonly student: Materialized<ResNet>;
  readonly teacher: Materialized<ResNet>;
  readonly adversarial: Tensor;
  readonly hooks: StepHooks;
  /** What the hooks leave for the end of the step. */
  readonly effects: StepEffects;
  /** A method, its modules laid out as a trainer does. */
  create<T extends Named>(method: T | Stateful<T>): T;
  /** The modules that have been created, laid out. */
  readonly kept: readonly Materialized[];
}

/** Networks and variables, not yet on a device. */
export function makeWorld(
  { mode = "train" }: WorldOptions = {},
): World & { readonly variables: Readonly<Record<string, Variable>> } {
  const graph = new Graph();
  const shape = [BATCH, 32, 32, 3];
  const variables = {
    x: new Variable("x", shape),
    adversarial: new Variable("adversarial", shape),
    labels: new Variable("labels", [BATCH], "u32"),
    scheduled: new Variable("scheduled", []),
    epoch: new Variable("epoch", []),
    survivalRate: new Variable("survival rate", [BATCH]),
    indices: new Variable("indices", [BATCH], "u32"),
    order: new Variable("order", [IMAGES], "u32"),
    starts: new Variable("starts", [11], "u32"),
    step: new Variable("step", [], "u32"),
  };
  const [student, teacher] = ["student", "teacher"].map((name) =>
    materialize(resnet8({ classes: 10, width: 4 }), name)
  ) as [Materialized<ResNet>, Materialized<ResNet>];
  const adversarial = graph.read(variables.adversarial);
  const signals = new Signals();
  signals.record(SURVIVAL_RATE, graph.read(variables.survivalRate));
  const views = new TracedViews({
    x: graph.read(variables.x),
    labels: graph.read(variables.labels),
    student: student.module,
    mode,
    adversarial,
    teacher: { network: teacher.module, mode: "train" },
    scheduled: () => variables.scheduled,
    epoch: variables.epoch,
    signals,
    indices: () => graph.read(variables.indices),
    imagesByClass: () => variables,
    random: { seed: 1, step: graph.read(variables.step) },
  });
  const effects = new StepEffects();
  const hooks = effects.hooks(views);
  const kept: Materialized[] = [];
  const create = <T extends Named>(method: T | Stateful<T>): T => {
    const one = created(method, {
      classes: 10,
      images: IMAGES,
      batchSize: BATCH,
      featureSize: {
        student: student.module.featureSize,
        teacher: teacher.module.featureSize,
      },
    });
    for (const [name, module] of Object.entries(one.modules ?? {})) {
      kept.push(materialize(module, `${one.name}.${name}`));
    }
    return one;
  };
  const networks = { student, teacher, create, kept };
  const step = { graph, views, hooks, effects };
  return { ...step, ...networks, adversarial, variables };
}

/** The same views, with another answer to who asks for a schedule. */
export function answering(
  views: Views,
  scheduled: Views["scheduled"],
): Views {
  return new Proxy(views, {
    get: (target, name) => {
      const value = Reflect.get(target, name, target);
      if (name === "scheduled") return scheduled;
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

/** The values of what `trace` makes of a world, by name. */
export async function evaluateWorld(
  options: WorldOptions,
  trace: (world: World) => Readonly<Record<string, Tensor>>,
): Promise<Record<string, Float32Array>> {
  const { epsilon = 8 / 255, teacherIsStudent, scheduled = 5 } = options;
  const { epoch = 1 } = options;
  const world = makeWorld(options);
  const values = Object.entries(trace(world)).map(([name, value]) => {
    const result = new Variable(name, value.shape);
    store(value, result);
    return result;
  });
  const device = await testDevice();
  using memory = new Memory(device);
  const batch = tintedBatch(BATCH, 1);
  const { x, adversarial, labels, scheduled: weight } = world.variables;
  memory.write(x!, batch.images);
  memory.write(adversarial!, uniformStart(batch, { epsilon, draw: 1 }));
  memory.write(labels!, batch.labels);
  memory.write(weight!, Float32Array.of(scheduled));
  memory.write(world.variables["epoch"]!, Float32Array.of(epoch));
  memory.write(
    world.variables["survivalRate"]!,
    Float32Array.from({ length: BATCH }, (_, i) => i / (BATCH - 1)),
  );
  writeSplit(memory, world.variables, batch.labels);
  for (const materialized of world.kept) {
    for (const flat of [materialized.parameters, materialized.buffers]) {
      if (flat) {
        memory.write(flat, initialValues(materialized, { flat, seed: 1 }));
      }
    }
  }
  writeRebuilt(memory, world.student);
  writeRebuilt(memory, world.teacher, teacherIsStudent ? "" : "teacher/");
  const program = compile(world.graph, { ...device.adapter, name: "world" });
  using plan = await Plan.bind(program, memory);
  plan.run();
  const bytes = await memory.read(values);
  return Object.fromEntries(
    values.map(({ name }, i) => [name, new Float32Array(bytes[i]!)]),
  );
}

/** The batch's places in a split, whose further images are of classes 0 to 4. */
function writeSplit(
  memory: Memory,
  variables: Readonly<Record<string, Variable>>,
  labels: ArrayLike<number>,
): void {
  const indices = Array.from({ length: BATCH }, (_, n) => 2 * n % IMAGES);
  const all = new Array<number>(IMAGES).fill(0).map((_, i) => i % 5);
  indices.forEach((image, n) => all[image] = labels[n]!);
  const order = [...all.keys()].sort((a, b) => all[a]! - all[b]!);
  const starts = Array.from(
    { length: 11 },
    (_, c) => all.filter((label) => label < c).length,
  );
  for (const [name, values] of Object.entries({ indices, order, starts })) {
    memory.write(variables[name]!, Uint32Array.from(values));
  }
}

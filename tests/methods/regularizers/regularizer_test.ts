// What holds for every regularizer: the student on adversarial images learns from
// the teacher, or from itself, on clean ones.

import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import type { Tensor } from "../../../src/graph/tensor.ts";
import { Buffer } from "../../../src/nn/module.ts";
import { absoluteRelation } from "../../../src/methods/regularizers/absolute_relation.ts";
import type { EpochSchedule } from "../../../src/methods/epoch_schedule.ts";
import { frpat } from "../../../src/methods/regularizers/frpat.ts";
import type { Regularizer } from "../../../src/methods/regularizer.ts";
import type { Stateful } from "../../../src/methods/stateful.ts";
import { crd } from "../../../src/methods/regularizers/crd.ts";
import { mca } from "../../../src/methods/regularizers/mca.ts";
import { pkt } from "../../../src/methods/regularizers/pkt.ts";
import { rkd } from "../../../src/methods/regularizers/rkd.ts";
import { grad } from "../../../src/ops/grad.ts";
import {
  add,
  addScalar,
  square,
  subtract,
} from "../../../src/ops/pointwise.ts";
import { sum } from "../../../src/ops/reduce/reduce.ts";
import {
  answering,
  evaluateWorld,
  makeWorld,
  type World,
} from "../../support/students.ts";

const weight: EpochSchedule = { kind: "ramp", value: 20, over: 100 };

/** A regularizer and what is to be seen of it. */
interface RegularizerCase {
  readonly regularizer: Regularizer | Stateful<Regularizer>;
  /** The views that it looks at. */
  readonly looks: readonly ("adversarial" | "clean" | "teacher")[];
  /** Whether its loss is 0 for a copy of the teacher on clean images. */
  readonly preserves: boolean;
}

const RELATIONS: readonly RegularizerCase[] = [
  frpat({ weight }),
  rkd({ weight, distance: 25, angle: 50 }),
  absoluteRelation({ weight }),
  pkt({ weight }),
].map((regularizer) => ({
  regularizer,
  looks: ["adversarial", "teacher"],
  preserves: true,
}));

const contrast = { weight, negatives: 5, temperature: 0.5, momentum: 0.5 };

const REGULARIZERS: readonly RegularizerCase[] = [
  ...RELATIONS,
  {
    regularizer: crd({ ...contrast, dimension: 8 }),
    looks: ["adversarial", "teacher"],
    preserves: false,
  },
  {
    regularizer: mca(contrast),
    looks: ["adversarial", "clean"],
    preserves: false,
  },
];

Deno.test("regularizers have names of their own", () => {
  const names = REGULARIZERS.map(({ regularizer: { name } }) => name);
  assertEquals(new Set(names).size, names.length);
});

for (const { regularizer, looks, preserves } of REGULARIZERS) {
  const { name } = regularizer;
  const termIn = ({ views, hooks, create }: World): Tensor =>
    create<Regularizer>(regularizer).term(views, hooks);

  Deno.test(`${name}: the term is its weight times a loss`, async () => {
    const trace = async (scheduled: number, options = {}) => {
      const found = await evaluateWorld(
        { scheduled, ...options },
        (world) => ({ term: termIn(world) }),
      );
      return found["term"]![0]!;
    };
    const [none, once, thrice] = [
      await trace(0),
      await trace(1),
      await trace(3),
    ];
    assertEquals(none, 0);
    assert(once > 1e-6);
    assertAlmostEquals(thrice, 3 * once, 1e-5 * once);
    const copy = { epsilon: 0, teacherIsStudent: true };
    const copied = await trace(1, copy);
    if (preserves) assertAlmostEquals(copied, 0, 1e-6);
    else assert(copied > 1e-6);
  });

  Deno.test(`${name}: it asks for its schedule, under its name`, () => {
    const { views, hooks, create } = makeWorld();
    const asked: [string, EpochSchedule][] = [];
    const watched = answering(views, (...question) => {
      asked.push(question);
      return views.scheduled(...question);
    });
    create<Regularizer>(regularizer).term(watched, hooks);
    assertEquals(asked, [[`${name} weight`, weight]]);
  });

  Deno.test(`${name}: it looks at ${looks.join(" and ")} images, and trains the student's features alone`, async () => {
    const found = await evaluateWorld({}, (world) => {
      const { views, student, teacher } = world;
      const term = termIn(world);
      assertEquals([...views.traced.keys()].sort(), [...looks]);
      const norm = (networks: typeof student) =>
        grad(term, [...networks.trainable.values()])
          .map((gradient) => sum(square(gradient)))
          .reduce((a, b) => add(a, b));
      const { linear, layer3 } = student.module;
      const [head, conv] = grad(term, [linear.weight, layer3[0]!.conv2.weight]);
      return { teacher: norm(teacher), head: head!, conv: conv! };
    });
    assertEquals(found["teacher"]![0], 0);
    assert(found["head"]!.every((value) => value === 0));
    assert(found["conv"]!.every(Number.isFinite));
    assert(found["conv"]!.some((value) => value !== 0));
  });

  Deno.test(`${name}: all that it keeps learns, or moves after the step`, async () => {
    const found = await evaluateWorld({}, (world) => {
      const term = termIn(world);
      const { kept, graph, effects } = world;
      const learning = kept.flatMap(({ trainable }) => [...trainable.values()]);
      const moving = kept.flatMap(({ named }) =>
        [...named.values()].filter((variable) => variable instanceof Buffer)
      );
      const before = moving.map((variable) =>
        addScalar(graph.read(variable), 0)
      );
      const gradients = grad(term, learning);
      for (const update of effects.updates) update();
      const distances = before.map((value, i) =>
        sum(square(subtract(graph.read(moving[i]!), value)))
      );
      const slopes = gradients.map((gradient) => sum(square(gradient)));
      const all = [...slopes, ...distances, term];
      return Object.fromEntries(all.map((value, i) => [`${i}`, value]));
    });
    for (const [value] of Object.values(found)) assert(value! > 0);
  });
}

// What holds for every regularizer: the student on adversarial images learns from
// the teacher on clean ones.

import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { absoluteRelation } from "../../src/objectives/absolute_relation.ts";
import type { EpochSchedule } from "../../src/objectives/epoch_schedule.ts";
import { frpat } from "../../src/objectives/frpat.ts";
import type { Regularizer } from "../../src/objectives/objective.ts";
import { pkt } from "../../src/objectives/pkt.ts";
import { rkd } from "../../src/objectives/rkd.ts";
import { grad } from "../../src/ops/grad.ts";
import { add, square } from "../../src/ops/pointwise.ts";
import { sum } from "../../src/ops/reduce.ts";
import { answering, evaluateWorld, makeWorld } from "./students.ts";

const weight: EpochSchedule = { kind: "ramp", value: 20, over: 100 };

const REGULARIZERS: readonly Regularizer[] = [
  frpat({ weight }),
  rkd({ weight, distance: 25, angle: 50 }),
  absoluteRelation({ weight }),
  pkt({ weight }),
];

Deno.test("regularizers have names of their own", () => {
  const names = REGULARIZERS.map(({ name }) => name);
  assertEquals(new Set(names).size, names.length);
});

for (const regularizer of REGULARIZERS) {
  const { name } = regularizer;

  Deno.test(`${name}: the term is its weight times a loss, which is 0 for a copy of the teacher on clean images`, async () => {
    const trace = async (scheduled: number, options = {}) => {
      const found = await evaluateWorld(
        { scheduled, ...options },
        ({ views }) => ({ term: regularizer.term(views) }),
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
    assertAlmostEquals(await trace(1, copy), 0, 1e-6);
  });

  Deno.test(`${name}: it asks for its schedule, under its name`, () => {
    const { views } = makeWorld();
    const asked: [string, EpochSchedule][] = [];
    regularizer.term(answering(views, (...question) => {
      asked.push(question);
      return views.scheduled(...question);
    }));
    assertEquals(asked, [[`${name} weight`, weight]]);
  });

  Deno.test(`${name}: it looks at adversarial images and the teacher, and trains the student's features alone`, async () => {
    const found = await evaluateWorld({}, ({ views, student, teacher }) => {
      const term = regularizer.term(views);
      assertEquals([...views.traced.keys()].sort(), ["adversarial", "teacher"]);
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
}

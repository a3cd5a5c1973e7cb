// What the regularizer takes from its views. The relation loss itself is compared
// with PyTorch in tests/ops/relation/relation_test.ts.

import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { frpat } from "../../../src/methods/regularizers/frpat.ts";
import { grad } from "../../../src/ops/grad.ts";
import { relationLoss } from "../../../src/ops/relation/relation.ts";
import { answering, evaluateWorld, makeWorld } from "../../support/students.ts";

const weight = { kind: "constant", value: 5 } as const;

Deno.test("frpat() weighs the loss of the teacher's clean and the student's adversarial features", async () => {
  for (const scheduled of [0, 1, 5]) {
    const found = await evaluateWorld({ scheduled }, ({ views, hooks }) => ({
      term: frpat({ weight }).term(views, hooks),
      loss: relationLoss(views.teacher.features, views.adversarial.features),
    }));
    const [loss] = found["loss"]!, [term] = found["term"]!;
    assert(loss! > 0);
    assertAlmostEquals(term!, scheduled * loss!, 1e-6);
  }
});

Deno.test("frpat() vanishes where the student is the teacher and images are clean", async () => {
  const options = { epsilon: 0, teacherIsStudent: true };
  const same = await evaluateWorld(options, ({ views, hooks }) => ({
    term: frpat({ weight }).term(views, hooks),
  }));
  assertAlmostEquals(same["term"]![0]!, 0, 1e-6);
  const moved = await evaluateWorld(
    { teacherIsStudent: true },
    ({ views, hooks }) => ({
      term: frpat({ weight }).term(views, hooks),
    }),
  );
  assert(moved["term"]![0]! > 1e-6);
});

Deno.test("frpat() asks for its weight by name and schedule", () => {
  const { views, hooks } = makeWorld();
  const asked: unknown[] = [];
  const ramp = { kind: "ramp", value: 20, over: 100 } as const;
  const watched = answering(views, (...question) => {
    asked.push(question);
    return views.scheduled("any", ramp);
  });
  frpat({ weight: ramp }).term(watched, hooks);
  assertEquals(asked, [["relation weight", ramp]]);
});

Deno.test("frpat() passes the reading of the paper on to the loss", async () => {
  const found = await evaluateWorld({ scheduled: 1 }, ({ views, hooks }) => ({
    sum: frpat({ weight }).term(views, hooks),
    mean: frpat({ weight, reduction: "mean" }).term(views, hooks),
    withSelf: frpat({ weight, self: "zero" }).term(views, hooks),
  }));
  const [sum, mean, withSelf] = ["sum", "mean", "withSelf"].map((key) =>
    found[key]![0]!
  );
  assertAlmostEquals(mean!, sum! / 36, 1e-7);
  assert(withSelf! !== sum!);
});

Deno.test("frpat() gives the student's last layer no gradient", async () => {
  const found = await evaluateWorld({}, ({ views, hooks, student }) => {
    const term = frpat({ weight }).term(views, hooks);
    const [head, conv] = grad(term, [
      student.module.linear.weight,
      student.module.layer3[0]!.conv2.weight,
    ]);
    return { head: head!, conv: conv! };
  });
  assert(found["head"]!.every((value) => value === 0));
  assert(found["conv"]!.some((value) => value !== 0));
});

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

Deno.test("frpat() takes the student's features, the teacher's and the weight as it is told", async () => {
  const found = await evaluateWorld({ scheduled: 1 }, ({ views, hooks }) => ({
    clean: frpat({ weight, student: "clean" }).term(views, hooks),
    eval: frpat({ weight, teacher: "eval" }).term(views, hooks),
    scaled: frpat({ weight, perBatch: 128 }).term(views, hooks),
    plain: frpat({ weight }).term(views, hooks),
    teacher: views.teacher.features,
    teacherInEval: views.teacherInEval.features,
    student: views.clean.features,
    adversarial: views.adversarial.features,
  }));
  const { teacher, teacherInEval, student, adversarial } = found;
  const at = (name: string) => found[name]![0]!;
  assertAlmostEquals(at("clean"), lossOf(teacher!, student!), 1e-6);
  assertAlmostEquals(at("eval"), lossOf(teacherInEval!, adversarial!), 1e-6);
  assertAlmostEquals(at("scaled"), at("plain") * 128 / 6, 1e-5);
  assert(Math.abs(at("eval") - at("plain")) > 1e-6);
});

/** L_RP in float64, from the distances of eq. 5. */
function lossOf(teacher: Float32Array, student: Float32Array): number {
  const [p, q] = [teacher, student].map(probabilities) as [number[], number[]];
  return p.reduce((sum, a, cell) => {
    const b = q[cell]!;
    const part = (x: number, y: number) =>
      x * Math.log((x + 1e-7) / (y + 1e-7));
    return sum + part(a, b) + part(1 - a, 1 - b);
  }, 0);
}

/** Neighbors among six rows, as in eq. 6, column after column. */
function probabilities(features: Float32Array): number[] {
  const rows = [...Array(6).keys()].map((n) => {
    const row = [...features].slice(
      n * features.length / 6,
      (n + 1) * features.length / 6,
    );
    const norm = Math.hypot(...row);
    return row.map((x) => x / (norm + 1e-7));
  });
  return rows.flatMap((one, j) => {
    const distances = rows.map((other) =>
      1 - other.reduce((sum, x, d) => sum + x * one[d]!, 0)
    );
    const rho = Math.min(...distances.filter((_, i) => i !== j));
    const affinities = distances.map((d, i) => i === j ? 0 : 2 - (d - rho));
    const total = affinities.reduce((a, b) => a + b);
    return affinities.map((a) => a / total);
  });
}

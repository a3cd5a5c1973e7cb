// Views are traced on demand, once each, and say what is missing.

import { assert, assertEquals, assertThrows } from "@std/assert";
import { Graph } from "../../src/graph/graph.ts";
import { Variable } from "../../src/graph/tensor.ts";
import { resnet8 } from "../../src/nn/resnet.ts";
import { SURVIVAL_RATE } from "../../src/methods/signal.ts";
import { TracedViews } from "../../src/methods/traced_views.ts";
import { runningStatisticsOp } from "../../src/ops/norm/batch_norm.ts";
import { makeWorld } from "../support/students.ts";

Deno.test("TracedViews traces a forward pass when it is first asked for, and once", () => {
  const { graph, views } = makeWorld();
  assertEquals(graph.nodes.length, 0);
  const { clean } = views;
  const { length } = graph.nodes;
  assert(length > 0);
  assert(views.clean === clean);
  assertEquals(graph.nodes.length, length);
  assert(views.teacher.logits !== clean.logits);
  assertEquals([...views.traced.keys()], ["clean", "teacher"]);
});

Deno.test("TracedViews refuses views that it has no source for", () => {
  const graph = new Graph();
  const views = new TracedViews({
    x: graph.read(new Variable("x", [2, 32, 32, 3])),
    labels: graph.read(new Variable("labels", [2], "u32")),
    student: resnet8({ classes: 10, width: 4 }),
    mode: "eval",
    scheduled: () => new Variable("weight", []),
    epoch: new Variable("epoch", []),
  });
  assertThrows(
    () => views.adversarial,
    TypeError,
    "Cannot view adversarial images: expected an attack but found none",
  );
  assertThrows(
    () => views.teacher,
    TypeError,
    "Cannot view the teacher: expected one but found none",
  );
  assertThrows(
    () => views.read(SURVIVAL_RATE),
    TypeError,
    "Cannot read the survival rate: expected an attack or an objective that " +
      "records it but found nothing recorded",
  );
});

Deno.test("countAgain() repeats the moves of one forward, in train mode alone", () => {
  for (const mode of ["train", "train-untracked", "eval"] as const) {
    const { graph, views, hooks } = makeWorld({ mode });
    assert(views.clean.logits.shape.length === 2);
    assert(views.adversarial.logits.shape.length === 2);
    const moves = () =>
      graph.nodes.filter(({ op }) => op === runningStatisticsOp);
    const before = moves();
    assertEquals(before.length > 0, mode === "train");
    hooks.countAgain(views.clean);
    const again = moves().slice(before.length);
    const clean = before.slice(0, before.length / 2);
    assertEquals(again.length, clean.length);
    again.forEach(({ inputs, params }, i) => {
      assert(inputs[0] === clean[i]!.inputs[0]);
      assert(inputs[1] === clean[i]!.inputs[1]);
      assert(inputs[2]!.source === clean[i]!.inputs[2]!.source);
      assertEquals(params, clean[i]!.params);
    });
  }
});

Deno.test("TracedViews.scheduled() reads the variable that it is given", () => {
  const { views, variables } = makeWorld();
  const schedule = { kind: "constant", value: 1 } as const;
  assert(views.scheduled("weight", schedule).source === variables["scheduled"]);
});

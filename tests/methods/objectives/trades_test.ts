// What TRADES' attack costs. The authors' code forwards the clean batch in every
// iteration; here nothing says that it is the same, and it still runs once.

import { assert, assertEquals } from "@std/assert";
import { linf } from "../../../src/methods/threat_model.ts";
import type { Block } from "../../../src/gpu/program.ts";
import { compile } from "../../../src/graph/compile.ts";
import { type Tensor, Variable } from "../../../src/graph/tensor.ts";
import type { Objective } from "../../../src/methods/objective.ts";
import { TracedViews } from "../../../src/methods/traced_views.ts";
import { trades } from "../../../src/methods/objectives/trades.ts";
import { vanillaAt } from "../../../src/methods/objectives/vanilla_at.ts";
import { store } from "../../../src/ops/store.ts";
import { pgdFrom } from "../../support/given_start.ts";
import { makeWorld } from "../../support/students.ts";

const STEPS = 10;

/** The segments of an attack on an objective's surrogate, in eval mode. */
function attackSegments({ surrogate }: Objective): readonly Block[] {
  const { graph, views, student, adversarial: start } = makeWorld();
  const { x, labels } = views;
  const attack = pgdFrom({
    threat: linf(8 / 255),
    steps: STEPS,
    stepSize: 2 / 255,
    start,
  });
  const viewsOf = (adversarial: Tensor) =>
    new TracedViews({
      x,
      labels,
      student: student.module,
      mode: "eval",
      adversarial,
      epoch: new Variable("epoch", []),
      scheduled: () => new Variable("weight", []),
    });
  const found = attack.maximize((images) => surrogate!(viewsOf(images)), {
    images: x,
    labels,
    logits: (images) => viewsOf(images).adversarial.logits,
    random: { seed: 1, stream: "none", step: labels },
  });
  store(found, new Variable("found", found.shape));
  return compile(graph, { name: "attack", adapterClass: "gpu" }).blocks;
}

/** How many dispatches of a segment have such labels. */
function count({ dispatches }: Block, label: RegExp): number {
  return dispatches.filter((dispatch) => label.test(dispatch.label)).length;
}

/** Labels such as `conv2d 3x3 16->32 at 32x32`. */
const FORWARD = /^conv2d \d/;

/** The convolutions of ResNet-8: the stem, two in a block, two shortcuts. */
const CONVOLUTIONS = 1 + 3 * 2 + 2;

Deno.test("trades() forwards the clean batch once per attack, outside its loop", () => {
  const [before, loop] = attackSegments(trades({ beta: 6 })) as [
    Block,
    Block,
  ];
  assertEquals([before.repeat, loop.repeat], [1, STEPS]);
  assertEquals(count(before, FORWARD), CONVOLUTIONS);
  assertEquals(count(loop, FORWARD), CONVOLUTIONS);
});

Deno.test("vanillaAt() forwards adversarial images alone, and only in the loop", () => {
  const [before, loop] = attackSegments(vanillaAt()) as [Block, Block];
  assertEquals(count(before, FORWARD), 0);
  assertEquals(count(loop, FORWARD), CONVOLUTIONS);
});

Deno.test("an attack computes no weight gradient and moves no statistic", () => {
  for (const objective of [trades({ beta: 6 }), vanillaAt()]) {
    for (const segment of attackSegments(objective)) {
      for (const { label, kernel } of segment.dispatches) {
        assert(!/weight|parameter gradient/.test(label), label);
        assert(kernel.name !== "running_statistics");
      }
    }
    const [, loop] = attackSegments(objective) as [Block, Block];
    assertEquals(count(loop, /^conv2d input gradient/), CONVOLUTIONS);
  }
});

Deno.test("an attack folds batch norms into weights outside its loop", () => {
  const [, loop] = attackSegments(vanillaAt()) as [Block, Block];
  assertEquals(count(loop, /divide|sqrt/), 0);
});

// LBGAT's terms against PyTorch, together with the teacher's own cross-entropy,
// which a training step adds; and the forwards of its student.

import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { compile } from "../../../src/graph/compile.ts";
import { Variable } from "../../../src/graph/tensor.ts";
import { crossEntropy } from "../../../src/nn/losses.ts";
import {
  lbgat,
  type LbgatBase,
} from "../../../src/methods/objectives/lbgat.ts";
import { add } from "../../../src/ops/pointwise.ts";
import { mean } from "../../../src/ops/reduce/reduce.ts";
import { store } from "../../../src/ops/store.ts";
import {
  checkRecorded,
  type LogitsName,
  type RecordedObjective,
  totalOf,
} from "../../support/recorded_logits.ts";
import { evaluateWorld, makeWorld } from "../../support/students.ts";

function guided(
  base: LbgatBase,
  { detach = false, wrt }: {
    readonly detach?: boolean;
    readonly wrt: readonly LogitsName[];
  },
): RecordedObjective {
  return {
    build: (views) =>
      add(
        totalOf(lbgat({ base, detach }), views),
        mean(crossEntropy(views.teacher.logits, views.labels)),
      ),
    wrt,
    // Adversarial and clean logits may nearly agree.
    rounding: 2 ** -22,
  };
}

const ALL = { wrt: ["clean", "adversarial", "teacher"] } as const;
const TWO = { wrt: ["adversarial", "teacher"] } as const;

checkRecorded("lbgat_beta_6", guided({ kind: "trades", beta: 6 }, ALL));
checkRecorded("lbgat_beta_0", guided({ kind: "trades", beta: 0 }, ALL));
checkRecorded("lbgat_alp", guided({ kind: "alp" }, ALL));
checkRecorded("lbgat_vanilla", guided({ kind: "vanilla-at" }, TWO));
checkRecorded(
  "lbgat_detached",
  guided({ kind: "vanilla-at" }, { ...TWO, detach: true }),
);

/** How often a compiled step moves running statistics, of either network. */
function moves(base: LbgatBase): number {
  const { graph, views } = makeWorld();
  store(totalOf(lbgat({ base, detach: false }), views), new Variable("l", []));
  const { blocks: segments } = compile(graph, {
    name: "lbgat",
    adapterClass: "gpu",
  });
  return segments.flatMap(({ dispatches }) => dispatches)
    .filter(({ kernel }) => kernel.name === "running_statistics").length;
}

Deno.test("lbgat() forwards the clean batch even where its divergence weighs nothing", () => {
  const layers = moves({ kind: "none" }) / 2;
  assert(layers > 0);
  assertEquals(moves({ kind: "trades", beta: 6 }), 3 * layers);
  assertEquals(moves({ kind: "trades", beta: 0 }), 3 * layers);
});

Deno.test("lbgat() forwards the student's adversarial batch before the clean one", () => {
  for (const beta of [0, 6]) {
    const { views, hooks } = makeWorld();
    const objective = lbgat({ base: { kind: "trades", beta }, detach: false });
    objective.terms(views, hooks);
    assertEquals([...views.traced.keys()], ["adversarial", "clean", "teacher"]);
  }
});

Deno.test("lbgat() follows the teacher's logits of the images that it is told", async () => {
  const found = await evaluateWorld({}, ({ views, hooks }) => {
    const boundary = (guide?: "clean" | "adversarial") =>
      lbgat({ base: { kind: "none" }, detach: false, ...guide && { guide } })
        .terms(views, hooks)["boundary"]!;
    return {
      plain: boundary(),
      clean: boundary("clean"),
      printed: boundary("adversarial"),
      student: views.adversarial.logits,
      teacher: views.teacher.logits,
      teacherAdversarial: views.teacherAdversarial.logits,
    };
  });
  const errorTo = (logits: Float32Array): number => {
    const student = found["student"]!;
    const squares = [...student].map((z, i) => (z - logits[i]!) ** 2);
    return squares.reduce((a, b) => a + b) / student.length;
  };
  const { plain, clean, printed, teacher, teacherAdversarial } = found;
  assertEquals(clean, plain);
  assertAlmostEquals(clean![0]!, errorTo(teacher!), 1e-6);
  assertAlmostEquals(printed![0]!, errorTo(teacherAdversarial!), 1e-6);
  assert(Math.abs(printed![0]! - clean![0]!) > 1e-6);
});

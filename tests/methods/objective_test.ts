// What holds for every training method, alone and with the FRPAT regularizer.

import { assert, assertEquals } from "@std/assert";
import type { Node } from "../../src/graph/graph.ts";
import type { Tensor } from "../../src/graph/tensor.ts";
import { crossEntropy, meanSquaredError } from "../../src/nn/losses.ts";
import type { Materialized } from "../../src/nn/module.ts";
import { alp } from "../../src/methods/objectives/alp.ts";
import { frpat } from "../../src/methods/regularizers/frpat.ts";
import { mca } from "../../src/methods/regularizers/mca.ts";
import { gairat } from "../../src/methods/objectives/gairat.ts";
import { lbgat, type LbgatBase } from "../../src/methods/objectives/lbgat.ts";
import {
  boostedCrossEntropy,
  mart,
} from "../../src/methods/objectives/mart.ts";
import { type Objective, regularized } from "../../src/methods/objective.ts";
import { standard } from "../../src/methods/objectives/standard.ts";
import { trades } from "../../src/methods/objectives/trades.ts";
import { vanillaAt } from "../../src/methods/objectives/vanilla_at.ts";
import { isStateful } from "../../src/methods/stateful.ts";
import type { Views } from "../../src/methods/views.ts";
import { runningStatisticsOp } from "../../src/ops/norm/batch_norm.ts";
import { grad } from "../../src/ops/grad.ts";
import { add, square } from "../../src/ops/pointwise.ts";
import { mean, sum } from "../../src/ops/reduce/reduce.ts";
import { assertClose } from "../support/check_op.ts";
import { BATCH, evaluateWorld, makeWorld } from "../support/students.ts";

/** A training method and what is to be seen of it. */
interface ObjectiveCase {
  readonly objective: Objective;
  readonly terms: readonly string[];
  /** The student's forwards in the order in which they move the statistics. */
  readonly forwards: readonly ("clean" | "adversarial")[];
  /** What the terms add up to where adversarial images are the clean ones. */
  readonly clean: (views: Views) => Tensor;
  /** Terms that train the teacher as well. */
  readonly teaching?: readonly string[];
  /** Terms of weight 0. */
  readonly weightless?: readonly string[];
}

/** Cross-entropy on clean images: what most methods are without an attack. */
function natural({ clean, labels }: Views): Tensor {
  return mean(crossEntropy(clean.logits, labels));
}

/** The distance from the student's logits to the teacher's: what LBGAT adds. */
function boundary({ clean, teacher }: Views): Tensor {
  return mean(meanSquaredError(clean.logits, teacher.logits));
}

/** LBGAT with a base, under a name that says which. */
function guided(
  base: LbgatBase,
  options: Pick<ObjectiveCase, "terms" | "forwards" | "clean" | "weightless">,
): ObjectiveCase {
  const objective = lbgat({ base, detach: false });
  return {
    ...options,
    objective: { ...objective, name: `lbgat (${Object.values(base).join()})` },
    terms: ["boundary", ...options.terms],
    teaching: ["boundary"],
  };
}

const BASES: readonly ObjectiveCase[] = [
  {
    objective: standard(),
    terms: ["natural"],
    forwards: ["clean"],
    clean: natural,
  },
  {
    objective: vanillaAt(),
    terms: ["adversarial"],
    forwards: ["adversarial"],
    clean: natural,
  },
  {
    objective: trades({ beta: 6 }),
    terms: ["natural", "robust"],
    forwards: ["clean", "adversarial", "clean"],
    clean: natural,
  },
  {
    objective: { ...trades({ beta: 6, cleanForwards: 1 }), name: "trades (1)" },
    terms: ["natural", "robust"],
    forwards: ["clean", "adversarial"],
    clean: natural,
  },
  guided({ kind: "trades", beta: 6 }, {
    terms: ["robust"],
    forwards: ["adversarial", "clean"],
    clean: boundary,
  }),
  guided({ kind: "trades", beta: 0 }, {
    terms: ["robust"],
    forwards: ["adversarial", "clean"],
    clean: boundary,
    weightless: ["robust"],
  }),
  guided({ kind: "vanilla-at" }, {
    terms: ["adversarial"],
    forwards: ["adversarial"],
    clean: (views) => add(boundary(views), natural(views)),
  }),
  guided({ kind: "alp" }, {
    terms: ["pairing"],
    forwards: ["adversarial", "clean"],
    clean: boundary,
  }),
  guided({ kind: "none" }, {
    terms: [],
    forwards: ["adversarial"],
    clean: boundary,
  }),
  {
    objective: lbgat({ base: { kind: "vanilla-at" }, detach: true }),
    terms: ["boundary", "adversarial"],
    forwards: ["adversarial"],
    clean: (views) => add(boundary(views), natural(views)),
  },
  {
    objective: mart({ beta: 6 }),
    terms: ["boosted", "robust"],
    forwards: ["clean", "adversarial"],
    clean: ({ clean, labels }) =>
      mean(boostedCrossEntropy(clean.logits, labels)),
  },
  {
    // In the first epoch; the weights are tests/methods/objectives/gairat_test.ts's.
    objective: gairat({ lambda: -1, fromEpoch: 60 }),
    terms: ["adversarial"],
    forwards: ["adversarial"],
    clean: natural,
  },
  {
    objective: alp({ weight: 1 }),
    terms: ["natural", "adversarial", "pairing"],
    forwards: ["clean", "adversarial"],
    clean: natural,
  },
];

/** The same with FRPAT: one more term, and an adversarial forward if none was. */
const REGULARIZED: readonly ObjectiveCase[] = BASES.map((base) => ({
  ...base,
  objective: regularized(
    base.objective,
    frpat({ weight: { kind: "constant", value: 5 } }),
  ),
  terms: [...base.terms, "relation"],
  forwards: base.forwards.includes("adversarial")
    ? base.forwards
    : [...base.forwards, "adversarial"],
}));

function total(terms: Readonly<Record<string, Tensor>>): Tensor {
  return Object.values(terms).reduce((a, b) => add(a, b));
}

/** The squared norm of the gradient of `loss` by all of a network's parameters. */
function squaredGradient(loss: Tensor, { trainable }: Materialized): Tensor {
  return grad(loss, [...trainable.values()])
    .map((gradient) => sum(square(gradient)))
    .reduce((a, b) => add(a, b));
}

/** The nodes that move a network's running statistics, in order. */
function movesOf(nodes: readonly Node[], { buffers }: Materialized): Node[] {
  return nodes.filter(({ op, inputs: [, , running] }) => {
    if (op !== runningStatisticsOp) return false;
    const { source } = running!;
    return "root" in source && source.root === buffers;
  });
}

for (const objectiveCase of [...BASES, ...REGULARIZED]) {
  const { objective, terms, forwards, clean } = objectiveCase;
  const { teaching = [], weightless = [] } = objectiveCase;
  const { name } = objective;

  Deno.test(`${name}: terms are finite scalars under their names`, async () => {
    const found = await evaluateWorld({}, ({ views, hooks }) => {
      const traced = objective.terms(views, hooks);
      for (const term of Object.values(traced)) assertEquals(term.shape, []);
      return traced;
    });
    assertEquals(Object.keys(found), terms);
    for (const [term, [value]] of Object.entries(found)) {
      if (weightless.includes(term)) assertEquals(value, 0);
      else assert(Number.isFinite(value) && value! > 0);
    }
  });

  Deno.test(`${name}: at radius 0 the base terms are clean training's`, async () => {
    const found = await evaluateWorld(
      { epsilon: 0 },
      ({ views, hooks, student }) => {
        const { relation: _, ...base } = objective.terms(views, hooks);
        const parameters = [...student.trainable.values()];
        const losses = { total: total(base), clean: clean(views) };
        const [own, expected] = Object.values(losses).map((loss) =>
          grad(loss, parameters)
        );
        return {
          ...losses,
          ...Object.fromEntries(
            own!.map((gradient, i) => [`gradient ${i}`, gradient]),
          ),
          ...Object.fromEntries(
            expected!.map((gradient, i) => [`clean gradient ${i}`, gradient]),
          ),
        };
      },
    );
    const close = (actual: string, expected: string, tolerance: number) =>
      assertClose(found[actual]!, found[expected]!, {
        what: actual,
        tolerance,
      });
    close("total", "clean", 1e-6);
    const gradients = Object.keys(found).filter((key) =>
      key.startsWith("gradient")
    );
    assert(gradients.length > 20);
    for (const key of gradients) close(key, `clean ${key}`, 1e-4);
  });

  Deno.test(`${name}: gradients reach the student, and the teacher only where it learns from a term`, async () => {
    const found = await evaluateWorld({}, ({ views, hooks, ...networks }) => {
      const { student, teacher } = networks;
      const traced = objective.terms(views, hooks);
      const norms = Object.entries(traced).flatMap(([term, loss]) => [
        [`${term} by student`, squaredGradient(loss, student)],
        [`${term} by teacher`, squaredGradient(loss, teacher)],
      ]);
      return Object.fromEntries(norms);
    });
    for (const term of terms) {
      const [student, teacher] = ["student", "teacher"].map((network) =>
        found[`${term} by ${network}`]![0]! > 0
      );
      const expected = [!weightless.includes(term), teaching.includes(term)];
      assertEquals([student, teacher], expected, term);
    }
  });

  Deno.test(`${name}: the student's statistics move in the order ${forwards.join(", ")}`, () => {
    const { graph, views, hooks, student, adversarial } = makeWorld();
    objective.terms(views, hooks);
    const moves = movesOf(graph.nodes, student);
    const layers = [...student.named.keys()].filter((key) =>
      key.endsWith("running_mean")
    ).length;
    assertEquals(moves.length, layers * forwards.length);
    forwards.forEach((forward, i) => {
      const own = moves.slice(layers * i, layers * (i + 1));
      const images = forward === "clean" ? views.x : adversarial;
      for (const { inputs: [batchMean] } of own) {
        assert(dependsOn(batchMean!, images), `move ${i} is of ${forward}`);
      }
    });
  });

  Deno.test(`${name}: nothing is traced that no term asks for`, () => {
    const { views, hooks } = makeWorld();
    objective.terms(views, hooks);
    const expected = [...new Set<string>(forwards)];
    const guided = terms.includes("relation") || terms.includes("boundary");
    if (guided) expected.push("teacher");
    assertEquals([...views.traced.keys()].sort(), expected.sort());
  });

  Deno.test(`${name}: the surrogate is one number per image, and no statistic moves`, async () => {
    const { surrogate } = objective;
    if (!surrogate) return assertEquals(forwards[0], "clean");
    const { graph, views, student } = makeWorld({ mode: "eval" });
    assertEquals(surrogate(views).shape, [BATCH]);
    assertEquals(movesOf(graph.nodes, student), []);
    const found = await evaluateWorld({ mode: "eval" }, (world) => {
      const values = surrogate(world.views);
      const [byImages] = grad(values, [world.adversarial]);
      return { values, norms: sum(square(byImages!), { start: 1 }) };
    });
    for (const norm of found["norms"]!) assert(norm > 0);
    assert(found["values"]!.every(Number.isFinite));
  });
}

/** Whether a value was computed from another. */
function dependsOn(value: Tensor, other: Tensor): boolean {
  if (value === other) return true;
  const { source } = value;
  return "inputs" in source &&
    source.inputs.some((input) => dependsOn(input, other));
}

Deno.test("regularized() adds terms in order and leaves the rest as it was", () => {
  const base = trades({ beta: 6 });
  const constant = (value: number) => ({
    ...frpat({ weight: { kind: "constant", value } }),
    name: `relation ${value}`,
  });
  const objective = regularized(base, constant(1), constant(2));
  assertEquals(objective.name, "trades + relation 1 + relation 2");
  assert(objective.surrogate === base.surrogate);
  const { views, hooks } = makeWorld();
  assertEquals(
    Object.keys(objective.terms(views, hooks)),
    ["natural", "robust", "relation 1", "relation 2"],
  );
  assertEquals(regularized(base).name, "trades");
});

Deno.test("regularized() numbers regularizers of one name", () => {
  const relation = frpat({ weight: { kind: "constant", value: 1 } });
  const objective = regularized(trades({ beta: 6 }), relation, relation);
  assertEquals(objective.name, "trades + relation + relation 2");
  const { views, hooks } = makeWorld();
  assertEquals(
    Object.keys(objective.terms(views, hooks)),
    ["natural", "robust", "relation", "relation 2"],
  );
});

Deno.test("regularized() is created where a regularizer has modules, under numbered names", () => {
  const weight = { kind: "constant", value: 1 } as const;
  const bank = mca({ weight, negatives: 2, temperature: 1, momentum: 0.5 });
  const relation = frpat({ weight });
  const objective = regularized(vanillaAt(), bank, relation, bank);
  assertEquals(objective.name, "vanilla-at + mca + relation + mca 2");
  assert(isStateful(objective));
  const setting = {
    classes: 10,
    images: 20,
    batchSize: BATCH,
    featureSize: { student: 8, teacher: null },
  };
  const [one, other] = [objective.create(setting), objective.create(setting)];
  assertEquals(Object.keys(one.modules!), ["mca.bank", "mca 2.bank"]);
  assert(one.modules!["mca.bank"] !== one.modules!["mca 2.bank"]);
  assert(one.modules!["mca.bank"] !== other.modules!["mca.bank"]);
});

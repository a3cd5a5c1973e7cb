import { assert, assertEquals, assertRejects } from "@std/assert";
import { namedAttacks } from "../../../src/config/named_attacks.ts";
import { targetedPgd } from "../../../src/methods/attacks/targeted_pgd.ts";
import { linf } from "../../../src/methods/threat_model.ts";
import { EXAMPLE } from "../../support/example_experiment.ts";
import { examples, small, VALUES } from "../../support/small_classifier.ts";

const budget = {
  threat: linf(0.2),
  steps: 8,
  stepSize: 0.05,
  start: { kind: "clean" },
} as const;

/** The order of classes by logit, the likeliest first, of each image. */
function orders(logits: Float32Array): number[][] {
  return Array.from(
    { length: logits.length / 3 },
    (_, n) =>
      [0, 1, 2].toSorted((a, b) => logits[3 * n + b]! - logits[3 * n + a]!),
  );
}

Deno.test("targetedPgd() raises the class that it aims at", async () => {
  using model = await small({ seed: 5 });
  const shown = examples(6);
  const clean = await model.predict(shown.images);
  const share = (logits: Float32Array, n: number, k: number) => {
    const row = logits.subarray(3 * n, 3 * n + 3);
    return Math.exp(row[k]!) / row.reduce((sum, z) => sum + Math.exp(z), 0);
  };
  for (const target of ["next", "least-likely", 1] as const) {
    const found = await model.attack(shown, targetedPgd({ ...budget, target }));
    const logits = await model.predict(found);
    orders(clean).forEach((order, n) => {
      const wrong = order.filter((k) => k !== shown.labels[n]);
      const aim = typeof target === "number"
        ? target
        : target === "next"
        ? wrong[0]!
        : wrong.at(-1)!;
      assert(
        share(logits, n, aim) > share(clean, n, aim),
        `${target}, image ${n}`,
      );
    });
    assertEquals(found.length, 6 * VALUES);
  }
});

Deno.test("targetedPgd() has names, and refuses classes that there are not", async () => {
  const named = namedAttacks(
    "targeted-pgd-20,least-likely-pgd-10",
    EXAMPLE.evaluation,
  );
  const configs = Object.values(named) as { readonly target: string }[];
  assertEquals(configs.map(({ target }) => target), ["next", "least-likely"]);
  using model = await small();
  await assertRejects(
    () => model.attack(examples(2), targetedPgd({ ...budget, target: 3 })),
    RangeError,
    "expected a class from 0 to 2 as target but found 3",
  );
});

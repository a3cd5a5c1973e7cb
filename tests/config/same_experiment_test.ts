import { assert } from "@std/assert";
import { sameExperiment } from "../../src/config/same_experiment.ts";
import { EXAMPLE } from "../support/example_experiment.ts";

Deno.test("sameExperiment() looks at what decides a result, in any order", () => {
  const { seed, epochs, ...others } = EXAMPLE;
  const reordered = { ...others, epochs, seed, title: "Another" };
  assert(sameExperiment(EXAMPLE, reordered));
  assert(!sameExperiment(EXAMPLE, { ...EXAMPLE, seed: seed + 1 }));
  const student = { network: "resnet8", width: 8 } as const;
  assert(!sameExperiment(EXAMPLE, { ...EXAMPLE, student }));
});

Deno.test("sameExperiment() tells which attack is the first", () => {
  const [attack] = Object.values(EXAMPLE.evaluation.attacks);
  const withAttacks = (...names: string[]) => {
    const attacks = Object.fromEntries(names.map((name) => [name, attack!]));
    return { ...EXAMPLE, evaluation: { ...EXAMPLE.evaluation, attacks } };
  };
  assert(!sameExperiment(withAttacks("a", "b"), withAttacks("b", "a")));
});

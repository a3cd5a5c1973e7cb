import { assertEquals, assertThrows } from "@std/assert";
import { chosenAttacks } from "../../src/config/chosen_attacks.ts";
import {
  buildEnsemble,
  ENSEMBLE_NAMES,
  type EnsembleConfig,
  namedEnsemble,
} from "../../src/config/ensemble_config.ts";
import { recipe } from "../../src/recipes/mod.ts";
import { UsageError } from "../../src/base/errors.ts";

const { evaluation } = recipe("table1/trades");
const STANDARD: EnsembleConfig = {
  method: "autoattack",
  version: "standard",
  norm: "linf",
  epsilon: "0.031",
  attacks: ["apgd-ce", "apgd-t", "fab-t", "square"],
  steps: 100,
  restarts: 1,
  targets: 9,
  queries: 5000,
  samples: 1,
};

Deno.test("namedEnsemble() gives AutoAttack's versions and its attacks alone", () => {
  assertEquals(namedEnsemble("autoattack", evaluation), STANDARD);
  assertEquals(namedEnsemble("autoattack-plus", evaluation), {
    ...STANDARD,
    version: "plus",
    attacks: ["apgd-ce", "apgd-dlr", "fab", "square", "apgd-t", "fab-t"],
    restarts: 5,
  });
  assertEquals(namedEnsemble("autoattack-rand", evaluation), {
    ...STANDARD,
    version: "rand",
    attacks: ["apgd-ce", "apgd-dlr"],
    samples: 20,
  });
  assertEquals(namedEnsemble("fab-t", evaluation), {
    ...STANDARD,
    version: "custom",
    attacks: ["fab-t"],
  });
  assertEquals(namedEnsemble("pgd-20", evaluation), null);
});

Deno.test("buildEnsemble() makes what autoAttack() makes of the same version", () => {
  for (const name of ENSEMBLE_NAMES) {
    const config = namedEnsemble(name, evaluation)!;
    const { members, threat } = buildEnsemble(config);
    const { attacks, warnings } = members(10);
    assertEquals([threat.norm, threat.epsilon], ["linf", 0.031]);
    assertEquals(attacks.map(({ name }) => name), [...config.attacks]);
    assertEquals(warnings, []);
  }
  const rounds = (name: string) =>
    buildEnsemble(namedEnsemble(name, evaluation)!).members(10).attacks
      .map((search) => search.rounds);
  assertEquals(rounds("autoattack"), [1, 9, 9, 1]);
  assertEquals(rounds("autoattack-plus"), [5, 5, 5, 1, 9, 9]);
});

Deno.test("buildEnsemble() leaves out what there are too few classes for, and says so", () => {
  const { attacks, warnings } = buildEnsemble(STANDARD).members(3);
  assertEquals(
    attacks.map(({ name, rounds }) => [name, rounds]),
    [["apgd-ce", 1], ["fab-t", 2], ["square", 1]],
  );
  assertEquals(warnings, [
    "apgd-t is left out: it needs at least 4 classes, and there are 3",
    "fab-t aims at 2 instead of 9 classes, since there are 3",
  ]);
});

Deno.test("chosenAttacks() tells ensembles from attacks, and takes the experiment's own without a list", () => {
  const { attacks, ensembles } = chosenAttacks("clean, autoattack,pgd-20", {
    evaluation,
  });
  assertEquals(Object.keys(attacks), ["clean", "pgd-20"]);
  assertEquals(ensembles, { autoattack: STANDARD });
  const own = chosenAttacks(undefined, { evaluation });
  assertEquals(Object.keys(own.attacks), ["clean", "pgd-20"]);
  assertEquals(own.ensembles, {});
});

Deno.test("chosenAttacks() applies settings to the attacks that have them", () => {
  const { attacks, ensembles } = chosenAttacks("fgsm,cw-20,pgd-20,autoattack", {
    evaluation,
    settings: [
      "epsilon=8/255",
      "cw-20.stepSize=2/255",
      "steps=50",
      'start={"kind":"clean"}',
    ],
  });
  assertEquals(attacks["fgsm"], {
    method: "fgsm",
    norm: "linf",
    epsilon: "8/255",
  });
  const setting = { norm: "linf", epsilon: "8/255", steps: 50 } as const;
  const start = { kind: "clean" } as const;
  assertEquals(attacks["pgd-20"], {
    method: "pgd",
    ...setting,
    stepSize: "0.003",
    start,
  });
  assertEquals(attacks["cw-20"], {
    method: "cw",
    ...setting,
    stepSize: "2/255",
    start,
    restarts: 1,
    stop: false,
  });
  assertEquals(ensembles["autoattack"], {
    ...STANDARD,
    epsilon: "8/255",
    steps: 50,
    version: "custom",
  });
});

Deno.test("chosenAttacks() refuses settings that no attack has, and other kinds of values", () => {
  const refuse = (setting: string, expected: string) =>
    assertThrows(
      () => chosenAttacks("clean,pgd-20", { evaluation, settings: [setting] }),
      UsageError,
      expected,
    );
  refuse(
    "stepsize=1",
    "(norm, epsilon, stepSize, steps, start), but found ste",
  );
  refuse("cw-20.steps=1", "but found cw-20.steps");
  refuse("steps", "but found steps");
  refuse("steps=many", "expected a whole number of at least 1 but found many");
  refuse(
    "epsilon=-1",
    'such as "8/255" above 0 but found -1',
  );
  refuse("method=fgsm", "but found method");
  refuse("epsilon=8", "but found 8; did you mean 8/255?");
  refuse("steps=0", "expected a whole number of at least 1 but found 0");
});

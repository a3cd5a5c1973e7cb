import { assert, assertEquals, assertThrows } from "@std/assert";
import { chosenAttacks } from "../../src/config/chosen_attacks.ts";
import type { AttackConfig } from "../../src/config/experiment.ts";
import { namedAttacks, ownAttacks } from "../../src/config/named_attacks.ts";
import { recipe, RECIPES } from "../../src/recipes/mod.ts";
import { UsageError } from "../../src/base/errors.ts";

const { evaluation } = recipe("table1/trades");
const PGD20 = {
  method: "pgd",
  norm: "linf",
  epsilon: "0.031",
  stepSize: "0.003",
  steps: 20,
  start: { kind: "uniform", clip: false },
} as const satisfies AttackConfig;

Deno.test("ownAttacks() begins with clean images", () => {
  assertEquals(ownAttacks(evaluation), { clean: null, "pgd-20": PGD20 });
});

Deno.test("namedAttacks() knows the experiment's own, FGSM, and PGD of any length", () => {
  assertEquals(namedAttacks("clean, fgsm,pgd-20,pgd-100", evaluation), {
    clean: null,
    fgsm: { method: "fgsm", norm: "linf", epsilon: "0.031" },
    "pgd-20": PGD20,
    "pgd-100": { ...PGD20, steps: 100 },
  });
});

Deno.test("namedAttacks() knows the names of the field for attacks of many steps", () => {
  const { method: _, ...setting } = PGD20;
  const list = "pgd-50-10,cw-20,cw-100-5,mim-20,fgsm-rs";
  assertEquals(namedAttacks(list, evaluation), {
    "pgd-50-10": {
      ...setting,
      method: "pgd-restarts",
      steps: 50,
      restarts: 10,
      stop: true,
    },
    "cw-20": { ...setting, method: "cw", restarts: 1, stop: false },
    "cw-100-5": {
      ...setting,
      method: "cw",
      steps: 100,
      restarts: 5,
      stop: false,
    },
    "mim-20": { ...setting, method: "mim", decay: 1 },
    "fgsm-rs": {
      method: "fgsm-rs",
      norm: "linf",
      epsilon: "0.031",
      stepSize: String(1.25 * 0.031),
    },
  });
});

Deno.test("namedAttacks() takes an experiment's own attack by its name, whatever that is", () => {
  const fgsm = { method: "fgsm", norm: "l2", epsilon: "0.5" } as const;
  const own = { ...evaluation, attacks: { "pgd-7": fgsm } };
  assertEquals(namedAttacks("pgd-7", own), { "pgd-7": fgsm });
});

Deno.test("namedAttacks() knows every name where the experiment has FGSM alone", () => {
  const fgsm = { method: "fgsm", norm: "linf", epsilon: "8/255" } as const;
  const own = { ...evaluation, attacks: { fgsm } };
  const search = {
    norm: "linf",
    epsilon: "8/255",
    stepSize: "2/255",
    start: { kind: "uniform", clip: true },
  } as const;
  assertEquals(namedAttacks("pgd-20,cw-7,mim-5", own), {
    "pgd-20": { method: "pgd", ...search, steps: 20 },
    "cw-7": { method: "cw", ...search, steps: 7, restarts: 1, stop: false },
    "mim-5": { method: "mim", ...search, steps: 5, decay: 1 },
  });
});

/** An attack of every name that the field has. */
const EVERY_NAME =
  "clean,fgsm,fgsm-rs,pgd-20,pgd-50,pgd-50-10,cw-20,cw-100-5," +
  "mim-20,autoattack,autoattack-plus,autoattack-rand,apgd-ce,apgd-dlr,apgd-t,fab," +
  "fab-t,square";

Deno.test("every recipe can be attacked by every name, in the way of its evaluation", () => {
  for (const { name, evaluation } of RECIPES) {
    const { attacks, ensembles } = chosenAttacks(EVERY_NAME, { evaluation });
    const found = { ...attacks, ...ensembles };
    assertEquals(
      EVERY_NAME.split(",").filter((one) => !Object.hasOwn(found, one)),
      [],
      name,
    );
    // Jia et al. leave an image alone once it is misclassified, by C&W too.
    const stop = /^supplement[78]\//.test(name);
    const { "cw-20": cw20, "pgd-50": pgd50 } = attacks;
    assert(cw20?.method === "cw", name);
    assertEquals(cw20.stop, stop, name);
    assertEquals(pgd50?.method, stop ? "pgd-restarts" : "pgd", name);
    const { attacks: { "pgd-20": own } } = evaluation;
    assert(own?.method === "pgd" || own?.method === "pgd-restarts", name);
    const { epsilon, stepSize, start } = cw20;
    assertEquals({ epsilon, stepSize, start }, {
      epsilon: own.epsilon,
      stepSize: own.stepSize,
      start: own.start,
    }, name);
  }
});

Deno.test("namedAttacks() refuses a name that stands for no attack", () => {
  assertThrows(
    () => namedAttacks("clean,pdg-20", evaluation),
    UsageError,
    "Cannot attack by pdg-20: expected one of clean, pgd-20, pgd-STEPS, " +
      "pgd-STEPS-RESTARTS, cw-STEPS, cw-STEPS-RESTARTS, targeted-pgd-STEPS, least-likely-pgd-STEPS, mim-STEPS, fgsm, " +
      "fgsm-rs, autoattack, autoattack-plus, autoattack-rand, apgd-ce, " +
      "apgd-dlr, apgd-t, fab, fab-t, square with numbers for the words in " +
      "capitals, but found pdg-20; did you mean pgd-20?",
  );
  for (const name of ["pgd-0", "pgd-1.5", "pgd-9999999", "mim-2-2"]) {
    assertThrows(() => namedAttacks(name, evaluation), UsageError, name);
  }
});

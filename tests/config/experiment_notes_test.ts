import { assertEquals, assertThrows } from "@std/assert";
import { UserError } from "../../src/base/errors.ts";
import { recipe, RECIPES } from "../../src/recipes/mod.ts";
import { experimentNotes } from "../../src/config/experiment_notes.ts";
import { applySettings } from "../../src/config/settings.ts";

Deno.test("experimentNotes() has nothing to say of a recipe at its own length", () => {
  for (const name of ["shapes/frpat", "table1/trades", "table2/trades-frpat"]) {
    assertEquals(experimentNotes(recipe(name)), [], name);
  }
});

Deno.test("experimentNotes() names the drops and ramps that a short run never reaches", () => {
  const short = applySettings(recipe("table2/trades-frpat"), ["epochs=80"]);
  assertEquals(experimentNotes(short), [
    "The learning rate does not drop at epoch 90: the run ends with epoch 80",
    // 20 (2 / (1 + exp(-8)) - 1)
    "The weight of frpat rises over 100 epochs: the run ends with epoch 80, " +
    "at 20.0 instead of 20",
  ]);
  const shorter = applySettings(recipe("table2/trades-frpat"), ["epochs=10"]);
  assertEquals(experimentNotes(shorter), [
    "The learning rate does not drop at epoch 75 and 90: the run ends with " +
    "epoch 10",
    // 20 (2 / (1 + exp(-1)) - 1)
    "The weight of frpat rises over 100 epochs: the run ends with epoch 10, " +
    "at 9.24 instead of 20",
  ]);
});

Deno.test("a list of learning rates is refused unless it goes from epoch 1 on", () => {
  const list = (rates: object[]) =>
    applySettings(recipe("table1/trades"), [
      `optimizer.learningRate=${JSON.stringify({ kind: "list", rates })}`,
    ]);
  const [first, second] = [{ epoch: 1, rate: 0.02 }, { epoch: 2, rate: 0.1 }];
  assertEquals(list([first, second]).optimizer.learningRate, {
    kind: "list",
    rates: [first, second],
  });
  for (const rates of [[second], [second, first], [first, first]]) {
    assertThrows(() => list(rates), UserError, "from epoch 1 on, in the order");
  }
  const late = list([first, second, { epoch: 101, rate: 0.01 }]);
  assertEquals(experimentNotes(late), [
    "The learning rate does not drop at epoch 101: the run ends with epoch 100",
  ]);
});

Deno.test("experimentNotes() names what a method would do only after the run", () => {
  const notes = (name: string, epochs: number) =>
    experimentNotes({ ...recipe(name), epochs })
      .filter((note) => !note.startsWith("The learning rate"));
  assertEquals(notes("supplement7/gairat", 50), [
    "Weights of examples set in with epoch 60: the run ends with epoch 50",
  ]);
  assertEquals(notes("supplement7/gairat", 60), []);
  assertEquals(notes("supplement7/fat", 60), [
    "The attack does not wait longer after epoch 90: the run ends with epoch 60",
  ]);
  const awp = {
    ...recipe("supplement7/awp"),
    epochs: 105,
    weightPerturbation: { gamma: 0.005, fromEpoch: 110 },
  };
  assertEquals(experimentNotes(awp), [
    "The learning rate does not drop at epoch 151: the run ends with epoch 105",
    "Perturbations of weights set in with epoch 110: the run ends with epoch 105",
  ]);
  const sat = recipe("supplement8/sat");
  const { attack } = sat;
  if (attack?.method !== "curriculum-pgd") {
    throw new TypeError("not a curriculum");
  }
  const { from, to, over } = attack.level;
  const half = from + (to - from) / 2;
  assertEquals(notes("supplement8/sat", over / 2), [
    `The attack's level rises over ${over} epochs: the run ends with epoch ` +
    `${over / 2}, at ${half.toPrecision(3)} instead of ${to}`,
  ]);
});

Deno.test("experimentNotes() leaves schedules alone that follow the run's length", () => {
  const cyclic = applySettings(recipe("shapes/frpat"), ["epochs=1"]);
  assertEquals(experimentNotes(cyclic), []);
});

Deno.test("experimentNotes() doubts an attack whose steps do not cross its ball", () => {
  const short = applySettings(recipe("shapes/trades"), [
    "attack.stepSize=0.0001",
    "evaluation.attacks.pgd-20.steps=3",
  ]);
  assertEquals(experimentNotes(short), [
    "3 steps of 0.0001 move an image by at most 0.0003: the attack cannot " +
    "cross its ball of radius 8/255",
    // 3 x 2/255
    "3 steps of 2/255 move an image by at most 0.0235: the attack cannot " +
    "cross its ball of radius 8/255",
  ]);
  for (const { name } of RECIPES) {
    const notes = experimentNotes(recipe(name));
    assertEquals(notes.filter((note) => note.includes("ball")), [], name);
  }
});

import { assertEquals, assertThrows } from "@std/assert";
import { UserError } from "../../src/base/errors.ts";
import { settingGrid } from "../../src/config/setting_grid.ts";
import { recipe } from "../../src/recipes/mod.ts";

const TRADES = recipe("shapes/trades");

Deno.test("settingGrid() gives one point without lists, and leaves settings alone", () => {
  const settings = ["objective.beta=3", "attack.epsilon=8/255"];
  assertEquals(settingGrid(TRADES, settings), [{ settings, chosen: [] }]);
  assertEquals(settingGrid(TRADES, []), [{ settings: [], chosen: [] }]);
});

Deno.test("settingGrid() spans a grid, the last list varying fastest", () => {
  const points = settingGrid(TRADES, [
    "objective.beta=1, 2",
    "epochs=3",
    "attack.epsilon=4/255,8/255",
  ]);
  assertEquals(points.map(({ settings }) => settings.join(" ")), [
    "objective.beta=1 epochs=3 attack.epsilon=4/255",
    "objective.beta=1 epochs=3 attack.epsilon=8/255",
    "objective.beta=2 epochs=3 attack.epsilon=4/255",
    "objective.beta=2 epochs=3 attack.epsilon=8/255",
  ]);
  assertEquals(points[1]!.chosen, ["objective.beta=1", "attack.epsilon=8/255"]);
});

Deno.test("settingGrid() takes a value with commas for one value", () => {
  const settings = [
    'student={"network":"resnet8","width":4}',
    "student.width=2,4",
  ];
  const points = settingGrid(TRADES, settings);
  assertEquals(points.map(({ chosen }) => chosen), [
    ["student.width=2"],
    ["student.width=4"],
  ]);
});

Deno.test("settingGrid() refuses what no field takes", () => {
  const refused: readonly [setting: string, message: string][] = [
    ["objective.beta=1,x", "Cannot set objective.beta: expected a number"],
    ["objective.bta=1,2", "did you mean objective.beta?"],
    [
      "objective.beta=1,1",
      "expected different values but found objective.beta=1",
    ],
    ["epochs=1,", "Cannot set epochs"],
  ];
  for (const [setting, message] of refused) {
    assertThrows(() => settingGrid(TRADES, [setting]), UserError, message);
  }
});

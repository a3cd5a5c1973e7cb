import { assert, assertEquals, assertThrows } from "@std/assert";
import { UsageError } from "../../src/base/errors.ts";
import { fractionValue } from "../../src/base/fraction.ts";
import { namedNetwork } from "../../src/config/named_networks.ts";
import { namedNormalization } from "../../src/config/named_normalizations.ts";
import {
  modelDefaults,
  robustBenchModel,
} from "../../src/config/robustbench.ts";
import { ROBUSTBENCH_LISTS } from "../../src/config/robustbench_lists.ts";
import { namedDataset } from "../../src/evaluation/standard_evaluation.ts";

Deno.test("every model of the lists has a network, images, a ball and accuracies", () => {
  let count = 0;
  for (const [list, text] of Object.entries(ROBUSTBENCH_LISTS)) {
    const [dataset, norm] = list.split(" ");
    for (const line of text.trim().split("\n")) {
      const [name] = line.split(" ");
      const model = robustBenchModel(`robustbench:${name}`, { dataset, norm })!;
      namedNetwork(model.network);
      namedNormalization(model.normalization);
      namedDataset(model.dataset);
      const { clean, autoattack, leastKnown, epsilon } = model.entry;
      assert(fractionValue(epsilon) > 0, line);
      assert(0 <= autoattack && autoattack < clean && clean < 100, line);
      assert(leastKnown === null || leastKnown <= autoattack, line);
      assert(!/^dm-/.test(model.network) || model.normalization !== "none");
      count++;
    }
  }
  assert(count > 100, `${count}`);
});

Deno.test("robustBenchModel() chooses the list by data set and norm", () => {
  const named = (choice: Parameters<typeof robustBenchModel>[1]) => {
    const name = "robustbench:rice2020overfitting";
    const { network, entry } = robustBenchModel(name, choice)!;
    return [network, entry.autoattack];
  };
  assertEquals(named({}), ["wide-resnet-34-20", 53.42]);
  assertEquals(named({ norm: "l2" }), ["preact-resnet18-v2", 67.68]);
  assertEquals(named({ dataset: "cifar-100" }), ["preact-resnet18-v2", 18.95]);
  assertEquals(robustBenchModel("wide-resnet-34-10"), null);
});

Deno.test("modelDefaults() leaves out what a list says of other images or balls", () => {
  const name = "robustbench:Rade2021Helper_R18_ddpm";
  const { dataset, epsilon, leaderboard } = modelDefaults(name, {});
  assertEquals([dataset, epsilon, leaderboard!.clean], [
    "cifar10",
    "8/255",
    86.86,
  ]);
  const other = modelDefaults(name, { dataset: "folder" });
  assertEquals([other.network, other.leaderboard], [
    "dm-preact-resnet18",
    null,
  ]);
  const wide = "robustbench:Wong2020Fast";
  assertEquals(modelDefaults(wide, { norm: "l2" }).epsilon, undefined);
  assertEquals(modelDefaults("resnet18", {}), {
    network: "resnet18",
    leaderboard: null,
  });
});

Deno.test("robustBenchModel() refuses what no list has, and suggests", () => {
  assertThrows(
    () => robustBenchModel("robustbench:Rice2020Overfiting"),
    UsageError,
    "but found Rice2020Overfiting; did you mean Rice2020Overfitting?",
  );
});

import { assertEquals, assertRejects } from "@std/assert";
import { extendRun } from "../../../src/cli/commands/extend_run.ts";
import { UsageError } from "../../../src/base/errors.ts";
import type { Experiment } from "../../../src/config/experiment.ts";
import { RunFolder } from "../../../src/runs/run_folder.ts";
import { exampleCard } from "../../support/example_card.ts";
import {
  EXAMPLE,
  EXAMPLE_ENVIRONMENT,
} from "../../support/example_experiment.ts";
import { recordedTerminal } from "../../support/recorded_terminal.ts";
import { withFolder } from "../../support/temporary_folder.ts";

/** The example with a learning rate of this kind. */
function withSchedule(
  learningRate: Experiment["optimizer"]["learningRate"],
): Experiment {
  return { ...EXAMPLE, optimizer: { ...EXAMPLE.optimizer, learningRate } };
}

const STEP = withSchedule({
  kind: "step",
  initial: 0.1,
  drops: [],
  factor: 0.1,
});

const environment = EXAMPLE_ENVIRONMENT;

Deno.test("extendRun() gives a run more epochs, and keeps its card", () =>
  withFolder(async (parent) => {
    const path = `${parent}/run`;
    {
      using folder = await RunFolder.create(path, {
        experiment: STEP,
        environment,
      });
      const card = exampleCard();
      await folder.writeCard(card);
      const { terminal, out } = recordedTerminal(null);
      await extendRun(folder, { epochs: 12, terminal });
      assertEquals([out(), await folder.readCard()], ["", card]);
      await extendRun(folder, { epochs: 20, terminal });
      assertEquals(
        out(),
        "The run goes on to epoch 20 instead of 12; its card so far is kept in " +
          `${path}/card-epochs12.json\n`,
      );
      await extendRun(folder, { epochs: 30, terminal });
    }
    const { experiment } = await RunFolder.open(path);
    assertEquals(experiment.epochs, 30);
    assertEquals(experiment.title, `${STEP.title}, with epochs=30`);
    assertEquals(experiment.reported, null);
    const kept = Array.from(Deno.readDirSync(path), ({ name }) => name);
    assertEquals(kept.filter((name) => name.startsWith("card")), [
      "card-epochs12.json",
    ]);
  }));

Deno.test("extendRun() refuses fewer epochs, and a learning rate that ends with the run", () =>
  withFolder(async (parent) => {
    const cyclic = withSchedule({ kind: "cyclic", peak: 0.1, peakAt: 0.4 });
    const cases = [[STEP, 11, "at least the run's 12 but found 11"], [
      cyclic,
      13,
      "found cyclic, which falls to 0 by epoch 12",
    ]] as const;
    for (const [i, [experiment, epochs, message]] of cases.entries()) {
      const path = `${parent}/${i}`;
      using folder = await RunFolder.create(path, { experiment, environment });
      const { terminal } = recordedTerminal(null);
      const extending = extendRun(folder, { epochs, terminal });
      await assertRejects(() => extending, UsageError, message);
      assertEquals(folder.experiment, experiment);
    }
  }));

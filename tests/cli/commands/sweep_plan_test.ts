import { assertEquals } from "@std/assert";
import { printPlan } from "../../../src/cli/commands/sweep_plan.ts";
import { resultCard } from "../../../src/runs/result_card.ts";
import { RunFolder } from "../../../src/runs/run_folder.ts";
import { MEASURED } from "../../support/example_card.ts";
import {
  EXAMPLE,
  EXAMPLE_ENVIRONMENT,
} from "../../support/example_experiment.ts";
import { recordedTerminal } from "../../support/recorded_terminal.ts";
import { withFolder } from "../../support/temporary_folder.ts";

Deno.test("printPlan() lists runs, where they stand, and their total", () =>
  withFolder(async (folder) => {
    const runs = [1, 2, 3, 4, 5].map((seed) => ({
      experiment: { ...EXAMPLE, epochs: 10, seed },
      label: "a/b beta=1",
      path: `${folder}/${seed}`,
      settings: [],
    }));
    const create = (index: number, epochs = 10): Promise<RunFolder> => {
      const { path, experiment } = runs[index]!;
      const record = { ...experiment, epochs };
      const environment = EXAMPLE_ENVIRONMENT;
      return RunFolder.create(path, { experiment: record, environment });
    };
    using finished = await create(0);
    await finished.writeCard(resultCard(runs[0]!.experiment, MEASURED));
    (await create(1)).dispose();
    using _held = await create(2);
    (await create(3, 11)).dispose();
    const { terminal, out } = recordedTerminal(null);
    assertEquals(await printPlan(runs, terminal), 1);
    assertEquals(
      out().replaceAll(folder, "OUT"),
      [
        "a/b beta=1  seed 1  OUT/1  finished",
        "a/b beta=1  seed 2  OUT/2  begun",
        "a/b beta=1  seed 3  OUT/3  held",
        "a/b beta=1  seed 4  OUT/4  not usable",
        "a/b beta=1  seed 5  OUT/5  new",
        "Runs: 5, of 50 epochs in all; 1 finished, 1 held, 1 begun, 1 new, " +
        "1 not usable. Nothing was started\n",
      ].join("\n"),
    );
  }));

// A program for run_folder_test.ts: starts a run in the folder that it is given,
// says so, and stays until it is killed.

import { RunFolder } from "../../src/runs/run_folder.ts";
import { EXAMPLE, EXAMPLE_ENVIRONMENT } from "./example_experiment.ts";

const [path = ""] = Deno.args;
using _run = await RunFolder.create(path, {
  experiment: EXAMPLE,
  environment: EXAMPLE_ENVIRONMENT,
});
await Deno.stdout.write(new TextEncoder().encode(`${Deno.pid}`));
await new Promise((resolve) => setTimeout(resolve, 600_000));

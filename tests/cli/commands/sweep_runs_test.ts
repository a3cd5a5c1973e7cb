// Which runs the words of a sweep ask for, and how they are shared.

import { assertEquals, assertThrows } from "@std/assert";
import { parseArgs } from "@std/cli/parse-args";
import { UsageError, UserError } from "../../../src/base/errors.ts";
import { Invocation } from "../../../src/cli/commands/invocation.ts";
import { SWEEP } from "../../../src/cli/commands/sweep.ts";
import {
  plannedRuns,
  shardOf,
  shardRuns,
} from "../../../src/cli/commands/sweep_runs.ts";
import { checkWays } from "../../../src/cli/commands/sweep_ways.ts";

function invoked(...words: readonly string[]): Invocation {
  return Invocation.read(
    SWEEP,
    words,
    (all, options) => parseArgs([...all], options),
  );
}

/** The labels, seeds and folders of the runs that words ask for. */
function planned(...words: readonly string[]): string[] {
  return plannedRuns(invoked(...words), "out")
    .map(({ label, experiment, path }) =>
      `${label} ${experiment.seed} ${path}`
    );
}

Deno.test("plannedRuns() gives every seed of every point of every recipe a folder", () => {
  assertEquals(planned("shapes/standard", "shapes/trades", "--seeds", "1,2"), [
    "shapes/standard 1 out/shapes-standard-seed1",
    "shapes/standard 2 out/shapes-standard-seed2",
    "shapes/trades 1 out/shapes-trades-seed1",
    "shapes/trades 2 out/shapes-trades-seed2",
  ]);
  const grid = [
    "--set",
    "objective.beta=1,6",
    "--set",
    "attack.epsilon=4/255,8/255",
  ];
  assertEquals(planned("shapes/trades", ...grid), [
    "shapes/trades beta=1 epsilon=4/255 1 out/shapes-trades-beta=1-epsilon=4-255-seed1",
    "shapes/trades beta=1 epsilon=8/255 1 out/shapes-trades-beta=1-epsilon=8-255-seed1",
    "shapes/trades beta=6 epsilon=4/255 1 out/shapes-trades-beta=6-epsilon=4-255-seed1",
    "shapes/trades beta=6 epsilon=8/255 1 out/shapes-trades-beta=6-epsilon=8-255-seed1",
  ]);
});

Deno.test("plannedRuns() tells keys that end alike apart, and refuses equal folders", () => {
  const widths = ["--set", "student.width=2,4", "--set", "teacher.width=2,4"];
  assertEquals(
    planned("shapes/frpat", ...widths)[1],
    "shapes/frpat student.width=2 teacher.width=4 1 " +
      "out/shapes-frpat-student.width=2-teacher.width=4-seed1",
  );
  const alike = ["--set", "objective.beta=1,1.0"];
  assertEquals(planned("shapes/trades", ...alike).length, 2);
  const equal = ["--set", "attack.epsilon=8/255,8 /255"];
  assertThrows(() => planned("shapes/trades", ...equal), UserError);
});

Deno.test("shardRuns() shares a list without rest or repetition", () => {
  const runs = [1, 2, 3, 4, 5, 6, 7];
  assertEquals(shardRuns(runs, { number: 2, of: 3 }), [2, 5]);
  assertEquals(shardRuns(runs, shardOf(undefined)), runs);
  for (let of = 1; of <= 9; of++) {
    const shards = Array.from(
      { length: of },
      (_, i) => shardRuns(runs, shardOf(`${i + 1}/${of}`)),
    );
    assertEquals(shards.flat().sort(), runs);
  }
  for (const text of ["0/3", "4/3", "1", "1/0", "-1/3", "1/3/5", ""]) {
    assertThrows(() => shardOf(text), UsageError, "Cannot use --shard");
  }
});

Deno.test("checkWays() refuses options that exclude each other", () => {
  const refused: readonly [words: string, message: string][] = [
    ["--table --slurm", "found --table and --slurm"],
    ["--shard 1/2 --slurm", "found --slurm and --shard"],
    ["--wait", "expected --slurm with --wait"],
    ["--slurm-options --time=5", "expected --slurm with --slurm-options"],
  ];
  for (const [words, message] of refused) {
    const invocation = invoked("shapes/*", ...words.split(" "));
    assertThrows(() => checkWays(invocation), UsageError, message);
  }
  checkWays(invoked("shapes/*", "--shard", "1/2", "--jobs", "2"));
});

Deno.test("Invocation keeps a dashed value, and says the same words again", () => {
  const options = "--gres=gpu:1 --time=5";
  const words = ["a/*", "--slurm-options", options, "--slurm", "--set", "b=1"];
  const invocation = invoked(...words);
  assertEquals(invocation.value("slurm-options"), options);
  assertEquals(invocation.args, ["a/*"]);
  assertEquals(
    invocation.words(SWEEP.options).toSorted(),
    ["--set=b=1", "--slurm", `--slurm-options=${options}`, "a/*"],
  );
});

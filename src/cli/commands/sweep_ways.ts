// Where and how a sweep carries out its runs: here, one after another or several at a
// time; its share of them; by Slurm; or not at all.

import { UsageError } from "../../base/errors.ts";
import type { Invocation } from "./invocation.ts";
import type { Option } from "./syntax.ts";

/** The options that say so. They decide nothing about the runs themselves. */
export const WAYS: readonly Option[] = [
  { name: "jobs", value: "N", about: "Runs at a time; 1 if left out" },
  {
    name: "shard",
    value: "K/N",
    about: "Only every N-th run, from the K-th one on, and no table",
  },
  { name: "dry-run", about: "List the runs and where they stand" },
  { name: "table", about: "Only make the table of what is finished" },
  { name: "slurm", about: "Submit one array job, a task for each run" },
  {
    name: "slurm-options",
    value: "TEXT",
    dashed: true,
    about: 'What sbatch is to be told, such as "--gres=gpu:1 --time=8:00:00"',
  },
  {
    name: "wait",
    about: "With --slurm: wait for the job, then make the table",
  },
];

/**
 * Refuses options that exclude each other.
 *
 * @throws {UsageError} naming them.
 */
export function checkWays(invocation: Invocation): void {
  const isGiven = (name: string): boolean =>
    invocation.flag(name) || typeof invocation.value(name) === "string";
  const given = ["table", "slurm", "shard", "jobs"].filter(isGiven);
  if (given.length > 1 && given.join() !== "shard,jobs") {
    const found = given.map((name) => `--${name}`).join(" and ");
    throw new UsageError(
      `Cannot sweep: expected one of them but found ${found}`,
    );
  }
  const lost = ["wait", "slurm-options"].find(isGiven);
  if (lost === undefined || isGiven("slurm")) return;
  throw new UsageError(
    `Cannot sweep: expected --slurm with --${lost} but found none`,
  );
}

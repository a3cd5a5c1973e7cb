import { assertEquals } from "@std/assert";
import {
  progressOf,
  speedOf,
  stepsPerEpochOf,
  timesOf,
} from "../../src/report/progress.ts";
import type { LogLine } from "../../src/runs/log_line.ts";
import { EXAMPLE } from "../support/example_experiment.ts";
import { epochLines, stepLine } from "../support/example_run.ts";

const START: LogLine = {
  kind: "start",
  epoch: 0,
  step: 0,
  experiment: "x",
  seed: 1,
  stepsPerEpoch: 14,
  time: "2026-01-01T00:09:59.000Z",
};

const END: LogLine = {
  kind: "end",
  epoch: 12,
  step: 168,
  seconds: 1,
  time: "2026-01-02T00:00:00.000Z",
};

function run(...lines: readonly LogLine[]) {
  return { experiment: EXAMPLE, lines };
}

Deno.test("progress is told in words, with times and what is left", () => {
  assertEquals(progressOf(run()), "not begun");
  assertEquals(timesOf(run(START)), "begun 2026-01-01 00:09 UTC");
  const under = run(START, ...epochLines(1), stepLine(2));
  assertEquals(progressOf(under), "epoch 2 of 12, step 24 of 168");
  assertEquals(
    timesOf(under),
    "begun 2026-01-01 00:09 UTC, last heard of 2026-01-01 00:12 UTC",
  );
  // 144 steps of 64 images at 17 images/s, and eleven evaluations of 2 s.
  assertEquals(speedOf(under), "17 images/s, about 9 min 24 s left");
  const ended = run(START, ...epochLines(12), END);
  assertEquals(progressOf(ended), "finished, 12 epochs");
  assertEquals(speedOf(ended), "");
  assertEquals(
    timesOf(ended),
    "begun 2026-01-01 00:09 UTC, ended 2026-01-02 00:00 UTC",
  );
});

Deno.test("old logs say less, and nothing wrong", () => {
  const { time: _, stepsPerEpoch: __, ...start } = START as
    & typeof START
    & { stepsPerEpoch: number };
  assertEquals(timesOf(run(start)), "");
  assertEquals(timesOf(run({ ...start, time: "then" })), "begun then");
  const inFirst = { ...stepLine(1), time: undefined } as unknown as LogLine;
  assertEquals(stepsPerEpochOf(run(start, inFirst)), null);
  assertEquals(speedOf(run(start, inFirst)), "17 images/s");
  assertEquals(progressOf(run(start, inFirst)), "epoch 1 of 12, step 10");
  assertEquals(stepsPerEpochOf(run(start, ...epochLines(2))), 14);
});

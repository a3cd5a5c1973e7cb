import { assertEquals } from "@std/assert";
import { epochSeconds } from "../../src/runs/epoch_seconds.ts";
import type { LogLine } from "../../src/runs/log_line.ts";

/** The line of an epoch of ten steps. */
function epochLine(epoch: number, seconds: number): LogLine {
  const means = { means: {}, learningRate: 0.1, imagesPerSecond: 1 };
  return { kind: "epoch", epoch, step: 10 * epoch, ...means, seconds };
}

const resumedAfter = (step: number): LogLine => ({
  kind: "resume",
  epoch: Math.ceil(step / 10),
  step,
  changes: [],
  time: "",
});

const EVALUATION: LogLine = {
  kind: "evaluation",
  epoch: 1,
  step: 10,
  network: "student",
  split: "validation",
  results: {},
  seconds: 1000,
};

Deno.test("epochSeconds() counts training alone", () => {
  const lines = [epochLine(1, 30), EVALUATION, epochLine(2, 40)];
  assertEquals(epochSeconds(lines), 35);
});

Deno.test("epochSeconds() leaves out epochs in which a run was resumed", () => {
  const first = epochLine(1, 30);
  const inside = [first, resumedAfter(17), epochLine(2, 3), epochLine(3, 40)];
  assertEquals(epochSeconds(inside), 35);
  const between = [first, resumedAfter(10), epochLine(2, 40)];
  assertEquals(epochSeconds(between), 35);
  assertEquals(epochSeconds([resumedAfter(4), epochLine(1, 7)]), 7);
});

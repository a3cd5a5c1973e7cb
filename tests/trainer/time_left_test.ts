import { assertEquals } from "@std/assert";
import { Pace } from "../../src/trainer/pace.ts";
import { TimeLeft } from "../../src/trainer/time_left.ts";

/** 5 epochs of 10 steps, evaluated after epochs 2, 4 and 5. */
const WORK = {
  steps: 50,
  stepsPerEpoch: 10,
  every: 2,
  step: 100,
  validation: 500,
  test: 2000,
};

Deno.test("TimeLeft.seconds() counts steps and evaluations, at training's speed at first", () => {
  const timeLeft = new TimeLeft(WORK);
  assertEquals(timeLeft.seconds(0), null);
  timeLeft.trained(2);
  // 0.02 s per operation: 50 steps, three evaluations, and the test images.
  assertEquals(timeLeft.seconds(0), 100 + 30 + 40);
  assertEquals(timeLeft.seconds(25), 50 + 20 + 40);
  assertEquals(timeLeft.seconds(45), 10 + 10 + 40);
});

Deno.test("TimeLeft.seconds() judges evaluations by those that there were", () => {
  const timeLeft = new TimeLeft(WORK);
  timeLeft.trained(2);
  const part = {
    isTest: false,
    step: 20,
    flops: 250,
    seconds: 1,
  } as const;
  timeLeft.evaluated(part);
  // 0.004 s per operation from here on.
  assertEquals(timeLeft.seconds(20), 60 + 1 + 4 + 8);
  timeLeft.evaluated(part);
  assertEquals(timeLeft.seconds(20), 60 + 4 + 8);
  assertEquals(timeLeft.seconds(30), 40 + 4 + 8);
});

Deno.test("TimeLeft.seconds() ends with the test images", () => {
  const timeLeft = new TimeLeft(WORK);
  const part = { step: 50, flops: 500, seconds: 5 } as const;
  timeLeft.evaluated({ isTest: false, ...part });
  assertEquals(timeLeft.seconds(50), 20);
  timeLeft.evaluated({ isTest: true, ...part });
  assertEquals(timeLeft.seconds(50), 15);
  timeLeft.evaluated({ isTest: true, ...part, flops: 1500, seconds: 15 });
  assertEquals(timeLeft.seconds(50), 0);
});

Deno.test("TimeLeft.seconds() knows a resumed run's speed from an evaluation", () => {
  const timeLeft = new TimeLeft(WORK);
  timeLeft.evaluated({ isTest: false, step: 40, flops: 500, seconds: 5 });
  assertEquals(timeLeft.seconds(40), 10 + 5 + 20);
});

Deno.test("Pace.secondsPerStep() forgets the first step, which is slow, for the others", () => {
  let now = 1000;
  const pace = new Pace({ step: 7, time: now }, () => now);
  now = 61_000;
  assertEquals(pace.secondsPerStep(8), 60);
  now = 65_000;
  assertEquals(pace.secondsPerStep(10), 2);
  assertEquals(pace.seconds, 64);
});

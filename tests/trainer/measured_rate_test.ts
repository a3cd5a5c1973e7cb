import { assert, assertEquals } from "@std/assert";
import { extentOf } from "../../src/data/load_dataset.ts";
import type { Experiment } from "../../src/config/experiment.ts";
import { recipe } from "../../src/recipes/mod.ts";
import { applySettings } from "../../src/config/settings.ts";
import { evaluationFlops } from "../../src/trainer/evaluation_flops.ts";
import { estimateRun } from "../../src/trainer/run_estimate.ts";
import { affordable, measureRate } from "../../src/trainer/measured_rate.ts";
import { testDevice } from "../support/check_op.ts";

Deno.test("affordable() takes as many images as it can, then shortens the attack", () => {
  const experiment = recipe("table1/trades");
  // As if an image cost a unit per step of the attack.
  const stepFlops = ({ batchSize, attack }: Experiment): number =>
    batchSize * (attack?.method === "pgd" ? attack.steps : 1);
  const sample = (flops: number): readonly (number | undefined)[] => {
    const { batchSize, attack } = affordable(experiment, { flops, stepFlops });
    return [batchSize, attack?.method === "pgd" ? attack.steps : undefined];
  };
  assertEquals(sample(1e9), [128, 10]);
  assertEquals(sample(405), [40, 10]);
  assertEquals(sample(20), [2, 10]);
  assertEquals(sample(19), [2, 1]);
  const standard = affordable(recipe("table1/standard"), {
    flops: 1,
    stepFlops,
  });
  assertEquals([standard.batchSize, standard.attack], [2, null]);
});

Deno.test("evaluationFlops() counts held-out images each time and test images twice", async () => {
  const experiment = recipe("table1/vanilla-at-frpat");
  const extent = await extentOf(experiment.data);
  const target = { adapterClass: "gpu" } as const;
  const { step } = estimateRun(experiment, { extent, target });
  const flops = evaluationFlops(experiment, { step, extent, target });
  // PGD-20 is 20 forward and backward passes and one more, clean images are one.
  const student = 42 * 2 * 6.6589e9 * (100 * 1000 + 2 * 10_000);
  const teacher = 42 * 2 * 1.7634e9 * 2 * 10_000;
  const ratio = flops / (student + teacher);
  assert(ratio > 0.99 && ratio < 1.01, `${ratio} of the expected work`);
});

Deno.test("measureRate() times steps of an experiment that fit the device", async () => {
  const experiment = applySettings(recipe("shapes/frpat"), [
    "batchSize=4",
    "attack.steps=1",
  ]);
  const extent = await extentOf(experiment.data);
  const device = await testDevice();
  const measured = await measureRate(device, { experiment, extent });
  const { rate, images, attackSteps, steps } = measured;
  assertEquals([images, attackSteps], [4, 1]);
  assert(steps >= 1);
  assert(rate > 1e6 && rate < 1e14, `${rate} FLOP/s`);
});

import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { UserError } from "../../src/base/errors.ts";
import type { Experiment } from "../../src/config/experiment.ts";
import { costOf } from "../../src/graph/cost.ts";
import { extentOf } from "../../src/data/load_dataset.ts";
import { recipe } from "../../src/recipes/mod.ts";
import {
  estimateRun,
  type RunEstimate,
} from "../../src/trainer/run_estimate.ts";
import { applySettings } from "../../src/config/settings.ts";

async function estimateOf(experiment: Experiment): Promise<RunEstimate> {
  return estimateRun(experiment, {
    extent: await extentOf(experiment.data),
    target: { adapterClass: "gpu" },
  });
}

Deno.test("estimateRun() counts the paper's networks, steps and work", async () => {
  const estimate = await estimateOf(recipe("table1/vanilla-at-frpat"));
  assertEquals(estimate.parameters, {
    student: 46_160_474,
    teacher: 11_173_962,
  });
  // 49,000 images: 382 steps of 128 and one of 104.
  assertEquals([estimate.images, estimate.stepsPerEpoch], [49_000, 383]);
  // Ten ascents of two passes and a step of three, at 6.66 GMAC per pass of the
  // student and 1.76 of the teacher, which takes a step of three alone.
  const expected = 49_000 * 2 * (23 * 6.6589e9 + 3 * 1.7634e9);
  const ratio = estimate.flopsPerEpoch / expected;
  assert(ratio > 0.99 && ratio < 1.01, `${ratio} of the expected work`);
});

Deno.test("estimateRun() adds up the steps of an epoch, the last one smaller", async () => {
  const settings = ["data.train=100", "evaluation.validation=10"];
  const even = applySettings(recipe("shapes/vanilla-at"), [
    ...settings,
    "batchSize=30",
  ]);
  const { step, stepsPerEpoch, flopsPerEpoch } = await estimateOf(even);
  assertEquals([stepsPerEpoch, step.programs.rest], [3, null]);
  assertEquals(flopsPerEpoch, 3 * costOf(step.programs.full).flops);
  const uneven = await estimateOf(applySettings(even, ["batchSize=40"]));
  assertEquals(uneven.stepsPerEpoch, 3);
  const ratio = uneven.flopsPerEpoch / flopsPerEpoch;
  assert(ratio > 0.99 && ratio < 1.01, `${ratio} for as many images`);
  assertEquals(uneven.parameters.teacher, null);
});

Deno.test("estimateRun() counts the steps in which a method does more, and their memory", async () => {
  const las = recipe("supplement7/las-trades");
  const { objective } = las;
  if (objective.method !== "las-trades") throw new TypeError("not LAS-TRADES");
  const estimate = (interval: number) => {
    const strategy = {
      ...objective.strategy,
      network: { network: "resnet8", width: 2 },
      interval,
    } as const;
    return estimateOf({
      ...las,
      student: { network: "resnet8", width: 2 },
      objective: { ...objective, strategy },
    });
  };
  const [always, fourth] = await Promise.all([estimate(1), estimate(4)]);
  const { programs, update } = fourth!.step;
  const [usual, more] = [
    costOf(programs.full),
    costOf(update!.programs.full),
  ];
  assert(more.flops > usual.flops);
  assertEquals(costOf(always!.step.programs.full).flops, more.flops);
  const ratio = fourth!.flopsPerEpoch / always!.flopsPerEpoch;
  const expected = (3 * usual.flops / more.flops + 1) / 4;
  assert(Math.abs(ratio - expected) < 1e-3, `${ratio}, not ${expected}`);
  assertEquals(fourth!.bytes, more.scratchBytes + more.variableBytes);
});

Deno.test("estimateRun() refuses to hold out every image", async () => {
  const settings = ["data.train=256", "evaluation.validation=256"];
  const nothing = applySettings(recipe("shapes/standard"), settings);
  await assertRejects(
    () => estimateOf(nothing),
    UserError,
    "expected evaluation.validation to be less than the 256 training images",
  );
});

const SMALL = { channels: 3, height: 4, width: 4 } as const;

/** The work of a small network on a few small images. */
function smallEstimate(name: string, train: number): RunEstimate {
  const experiment = applySettings(recipe(name), [
    "batchSize=16",
    "student.width=4",
    "evaluation.validation=16",
  ]);
  return estimateRun(experiment, {
    extent: { shape: SMALL, classes: 10, train, test: 16 },
    target: { adapterClass: "software" },
  });
}

Deno.test("estimateRun() leaves out a last batch of one image where the method relates images", async () => {
  const settings = [
    "batchSize=16",
    "data.train=49",
    "evaluation.validation=16",
  ];
  const estimate = await estimateOf(
    applySettings(recipe("shapes/trades-frpat"), settings),
  );
  assertEquals([estimate.images, estimate.stepsPerEpoch], [33, 2]);
  assertEquals(estimate.notes, [
    "Each epoch leaves out its last batch, of 1 image, another one every time. " +
    "Cannot relate images to each other: expected at least 2 in a batch but " +
    "found 1",
  ]);
  const alone = await estimateOf(
    applySettings(recipe("shapes/trades"), settings),
  );
  assertEquals([alone.stepsPerEpoch, alone.notes], [3, []]);
});

Deno.test("estimateRun() leaves out an image whose batch norm has no variance", () => {
  const { stepsPerEpoch, notes } = smallEstimate("shapes/trades", 49);
  assertEquals(stepsPerEpoch, 2);
  assertStringIncludes(notes[0]!, "that of one image at 1 x 1 pixels");
  const pairs = smallEstimate("shapes/trades", 50);
  assertEquals([pairs.stepsPerEpoch, pairs.notes], [3, []]);
});

Deno.test("estimateRun() refuses batches of more images than there are", () => {
  assertThrows(
    () => smallEstimate("shapes/trades", 17),
    UserError,
    "expected batchSize to be at most the 1 images to train on but found 16",
  );
});

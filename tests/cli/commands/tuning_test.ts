// Measured algorithms in a run: it records those that it uses, goes on with the same ones
// to the same bytes, and says which of them a device lacks.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { tuningTable } from "../../../src/cli/commands/tune.ts";
import { useRunAlgorithms } from "../../../src/cli/commands/tuning.ts";
import { applySettings } from "../../../src/config/settings.ts";
import { extentOf, loadDataset } from "../../../src/data/load_dataset.ts";
import type { TunedAlgorithms } from "../../../src/gpu/target.ts";
import { recipe } from "../../../src/recipes/mod.ts";
import { describeEnvironment } from "../../../src/runs/environment.ts";
import { RunFolder } from "../../../src/runs/run_folder.ts";
import { train } from "../../../src/trainer/trainer.ts";
import { testDevice } from "../../support/check_op.ts";
import { recordedTerminal } from "../../support/recorded_terminal.ts";
import { withFolder } from "../../support/temporary_folder.ts";

const experiment = applySettings(recipe("shapes/vanilla-at"), [
  "epochs=2",
  "batchSize=16",
  "data.train=48",
  "data.test=16",
  "student.width=4",
  "attack.steps=1",
  "evaluation.validation=16",
  "evaluation.batchSize=16",
  "evaluation.attacks.pgd-20.steps=1",
]);

const TUNED: TunedAlgorithms = {
  "forward 3x3 8->8 at 16x16": "winograd 4 64",
  "input gradient 3x3 8->8 at 16x16": "winograd 2 64",
};

/** Lets the device compute as a run that was begun with these algorithms. */
async function goOnWith(begun: TunedAlgorithms): Promise<readonly string[]> {
  const device = await testDevice();
  const extent = await extentOf(experiment.data);
  const run = { experiment, extent, begun, tune: false };
  const { terminal } = recordedTerminal(null);
  const found = await useRunAlgorithms(device, { run, terminal });
  return found!.changes;
}

/** Trains in a folder, until a signal or to the end. Returns the last checkpoint. */
async function trained(
  folder: RunFolder,
  options: { readonly resume: boolean; readonly stopAfter?: number },
): Promise<Uint8Array> {
  const device = await testDevice();
  const dataset = await loadDataset(experiment.data, {});
  const { stopAfter, resume } = options;
  const controller = new AbortController();
  await train({
    device,
    experiment,
    dataset,
    folder,
    resume,
    signal: controller.signal,
    onEvent: ({ kind }) => {
      if (stopAfter && kind === "saved") controller.abort();
    },
  });
  return await Deno.readFile(folder.files.last);
}

Deno.test("a run goes on with the algorithms that it began with, to the same bytes", () =>
  withFolder(async (parent) => {
    const device = await testDevice();
    const dataset = await loadDataset(experiment.data, {});
    try {
      device.tune(TUNED);
      const commit = null;
      const environment = await describeEnvironment({
        device,
        dataset,
        commit,
      });
      const record = { experiment, environment };
      using whole = await RunFolder.create(join(parent, "whole"), record);
      const expected = await trained(whole, { resume: false });
      const path = join(parent, "stopped");
      {
        using begun = await RunFolder.create(path, record);
        await trained(begun, { resume: false, stopAfter: 1 });
      }
      device.tune({ "forward 3x3 8->8 at 16x16": "direct" });
      using begun = await RunFolder.resume(path);
      const recorded = begun.environment.adapter.tuned;
      assertEquals(recorded, TUNED);
      assertEquals(await goOnWith(recorded!), []);
      assertEquals(device.adapter.tuned, TUNED);
      assertEquals(await trained(begun, { resume: true }), expected);
      // Without any, bytes differ: the algorithms were used.
      device.tune({});
      using usual = await RunFolder.create(join(parent, "usual"), record);
      const other = await trained(usual, { resume: false });
      assert(other.some((byte, i) => byte !== expected[i]));
    } finally {
      device.tune({});
    }
  }));

Deno.test("a run says which of its algorithms this device lacks", async () => {
  const device = await testDevice();
  try {
    const key = "forward 3x3 8->8 at 16x16";
    const changes = await goOnWith({ [key]: "of another version", x: "y" });
    assertEquals(changes.length, 1);
    assertStringIncludes(changes[0]!, `no of another version for ${key}`);
    // A run that began without any goes on without any.
    assertEquals(await goOnWith({}), []);
    assertEquals(device.adapter.tuned, undefined);
  } finally {
    device.tune({});
  }
});

Deno.test("tuningTable() names what is faster than what arithmetic chooses", () => {
  const time = (algorithm: string, milliseconds: number) => (
    { algorithm, milliseconds, turns: 5 }
  );
  const text = tuningTable([
    { key: "one", times: [time("simd", 2), time("direct", 1)], failures: [] },
    { key: "two", times: [time("simd", 2), time("direct", 3)], failures: [] },
    { key: "three", times: [], failures: ["three, simd: why"] },
  ]);
  assertEquals(text.split("\n").map((line) => line.trim().split(/ {2,}/)), [
    ["shape", "by arithmetic", "ms", "fastest", "ms"],
    ["one", "simd", "2", "direct", "1"],
    ["two", "simd", "2", "the same"],
    ["three", "none"],
  ]);
});

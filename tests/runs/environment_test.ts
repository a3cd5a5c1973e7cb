import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { datasetFromArrays } from "../../src/data/arrays.ts";
import { contentHash } from "../../src/data/dataset.ts";
import {
  describeEnvironment,
  type Environment,
  environmentChanges,
} from "../../src/runs/environment.ts";
import { parseJson, writeJson } from "../../src/runs/stored_json.ts";
import { testDevice } from "../support/check_op.ts";
import { EXAMPLE_ENVIRONMENT } from "../support/example_experiment.ts";

const DATASET = datasetFromArrays({
  name: "dots",
  title: "Two dots",
  classNames: ["dark", "bright"],
  height: 1,
  width: 1,
  layout: "planar",
  train: { images: Uint8Array.of(0, 0, 0, 9, 9, 9), labels: [0, 1] },
  test: { images: Uint8Array.of(1, 1, 1), labels: [0] },
  notes: ["Two images are few."],
});

Deno.test("describeEnvironment() is plain data that says what runs on what", async () => {
  const device = await testDevice();
  const found = await describeEnvironment({
    device,
    dataset: DATASET,
    commit: "0123abc",
  });
  assertEquals(parseJson(writeJson(found), "a test"), found);
  assertEquals(found.deno, Deno.version.deno);
  assertEquals(found.commit, "0123abc");
  assertEquals(found.adapter, device.adapter);
  assertEquals(found.limits["maxBufferSize"], device.limits.maxBufferSize);
  assert(/^[0-9a-f]{64}$/.test(found.shaders));
  assertEquals(found.dataset, {
    name: "dots",
    title: "Two dots",
    contents: await contentHash(DATASET),
    notes: ["Two images are few."],
  });
});

Deno.test("environmentChanges() is empty for the same machine, program and data", () => {
  const other: Environment = {
    ...EXAMPLE_ENVIRONMENT,
    limits: {},
    dataset: { ...EXAMPLE_ENVIRONMENT.dataset, notes: ["Another note."] },
  };
  assertNotEquals(other, EXAMPLE_ENVIRONMENT);
  assertEquals(environmentChanges(EXAMPLE_ENVIRONMENT, other), []);
});

Deno.test("environmentChanges() says what may change a run's numbers", () => {
  const { adapter, dataset } = EXAMPLE_ENVIRONMENT;
  const other: Environment = {
    ...EXAMPLE_ENVIRONMENT,
    deno: "2.10.0",
    commit: null,
    adapter: { ...adapter, description: "Another GPU", adapterClass: "gpu" },
    dataset: { ...dataset, contents: "b" },
  };
  assertEquals(environmentChanges(EXAMPLE_ENVIRONMENT, other), [
    "deno 2.9.6 became 2.10.0",
    "commit 0123abc became null",
    "adapter A processor became Another GPU",
    "adapter class software became gpu",
    "data set a became b",
  ]);
});

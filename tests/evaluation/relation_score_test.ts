// The whole score of a small network, against a search of all pairs in double
// precision among the features that the network has.

import { assertEquals, assertRejects } from "@std/assert";
import { UserError } from "../../src/base/errors.ts";
import { shapes } from "../../src/data/shapes.ts";
import type { AttackConfig } from "../../src/config/experiment.ts";
import { Memory } from "../../src/gpu/memory.ts";
import { initialValues, materialize } from "../../src/nn/module.ts";
import { resnet8 } from "../../src/nn/resnet.ts";
import { FeaturePasses } from "../../src/evaluation/feature_passes.ts";
import { majority } from "../../src/evaluation/neighbor_vote.ts";
import type { EvaluatedNetwork } from "../../src/evaluation/evaluated_network.ts";
import {
  NEIGHBORS,
  relationScore,
} from "../../src/evaluation/relation_score.ts";
import { testDevice } from "../support/check_op.ts";

// Without random numbers, so that every pass over an image finds the same.
const attack: AttackConfig = {
  method: "pgd",
  norm: "linf",
  epsilon: "8/255",
  stepSize: "4/255",
  steps: 2,
  start: { kind: "clean" },
};

const dataset = shapes({ train: 45, test: 23 });

/** A network at its starting values. */
function network(): EvaluatedNetwork & { readonly featureSize: number } {
  const classes = dataset.classNames.length;
  const materialized = materialize(resnet8({ classes, width: 4 }), "student");
  const flats = [materialized.parameters, materialized.buffers!];
  return {
    name: "student",
    network: materialized.module,
    featureSize: materialized.module.featureSize,
    upload: (memory) => {
      for (const flat of flats) {
        memory.write(flat, initialValues(materialized, { flat, seed: 1 }));
      }
    },
  };
}

/** Directions of rows, in double precision. */
function directions(flat: Float32Array, size: number): number[][] {
  return Array.from({ length: flat.length / size }, (_, i) => {
    const row = Array.from(flat.subarray(i * size, (i + 1) * size));
    const norm = Math.hypot(...row) + 1e-7;
    return row.map((x) => x / norm);
  });
}

Deno.test("relationScore() agrees with a search of all pairs", async () => {
  const device = await testDevice();
  const own = network();
  const options = { dataset, attack, batchSize: 16, seed: 1 };
  const found = await relationScore({ ...options, device, network: own });

  using memory = new Memory(device);
  const again = network();
  again.upload(memory);
  const { shape } = dataset;
  const passes = new FeaturePasses(memory, {
    ...options,
    network: again.network,
    shape,
  });
  const train = await passes.features(dataset.train, dataset.train.count);
  const test = await passes.features(dataset.test, dataset.test.count);
  const size = own.featureSize;
  const support = [train.clean, train.robust].flatMap((features) =>
    directions(features, size).map((row, i) => ({
      row,
      label: dataset.train.labels[i]!,
    }))
  );
  for (const kind of ["clean", "robust"] as const) {
    const queries = directions(test[kind], size);
    for (const k of NEIGHBORS) {
      const right = queries.filter((query, i) => {
        const near = support.map(({ row, label }) => ({
          similarity: row.reduce((sum, x, d) => sum + x * query[d]!, 0),
          label,
        })).sort((a, b) => b.similarity - a.similarity).slice(0, k);
        const labels = near.map(({ label }) => label);
        const similarities = near.map(({ similarity }) => similarity);
        return majority({ labels, similarities }, k) === dataset.test.labels[i];
      });
      const expected = { correct: right.length, count: dataset.test.count };
      assertEquals(found[kind][k], expected, `${kind}, k = ${k}`);
    }
  }
  assertEquals(found.support, 90);
});

Deno.test("relationScore() limits queries and support, and tells how far it is", async () => {
  const seen: string[] = [];
  const found = await relationScore({
    device: await testDevice(),
    network: network(),
    dataset,
    attack,
    batchSize: 16,
    seed: 1,
    limit: 17,
    support: 30,
    onProgress: ({ stage, count, of }) => seen.push(`${stage} ${count}/${of}`),
  });
  assertEquals(found.support, 60);
  assertEquals(found.clean["5"]!.count, 17);
  assertEquals(seen, [
    "test features 16/17",
    "test features 17/17",
    "training features 16/30",
    "training features 30/30",
  ]);
});

Deno.test("relationScore() refuses fewer features than neighbors before any work", async () => {
  const device = await testDevice();
  await assertRejects(
    () =>
      relationScore({
        device,
        network: network(),
        dataset,
        attack,
        batchSize: 16,
        seed: 1,
        support: 24,
      }),
    UserError,
    "expected at least 50 features of training images but found 48",
  );
});

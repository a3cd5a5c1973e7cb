// Black-box evaluation: images made on one network, shown to another, as PyTorch does it.

import { assertEquals } from "@std/assert";
import { Evaluator } from "../../src/evaluation/accuracy.ts";
import { evaluateEnsemble } from "../../src/evaluation/auto_attack/ensemble.ts";
import { Memory } from "../../src/gpu/memory.ts";
import { autoAttack } from "../../src/methods/attacks/auto_attack.ts";
import { linf } from "../../src/methods/threat_model.ts";
import { materialize } from "../../src/nn/module.ts";
import { Normalized } from "../../src/nn/normalized.ts";
import { resnet8 } from "../../src/nn/resnet.ts";
import { ResidentBatches } from "../../src/step/batch_source.ts";
import { ResidentSplit } from "../../src/step/resident_split.ts";
import { testDevice } from "../support/check_op.ts";
import {
  imagesInPyTorchOrder,
  noiseBatch,
  writeRebuilt,
} from "../support/fixture.ts";
import { readFixture } from "../support/read_fixture.ts";

const FIXTURE = readFixture("transfer");
const values = (name: string) => FIXTURE.get(name)!.values;
const COUNT = values("labels").length;

const PGD = {
  method: "pgd",
  norm: "linf",
  epsilon: "12/255",
  stepSize: "3/255",
  steps: 5,
  start: { kind: "clean" },
} as const;

/** The fixture's two networks and its images, on a device. */
async function setUp() {
  const memory = new Memory(await testDevice());
  const inner = materialize(resnet8({ classes: 10 }), "source");
  const outer = materialize(resnet8({ classes: 10 }), "target");
  writeRebuilt(memory, inner);
  writeRebuilt(memory, outer);
  const source = new Normalized(inner.module), target = outer.module;
  memory.write(source.mean, Float32Array.of(0.4914, 0.4822, 0.4465));
  memory.write(source.std, Float32Array.of(0.2471, 0.2435, 0.2616));
  const batch = noiseBatch(COUNT, values("draw")[0]!);
  const shape = { channels: 3, height: 32, width: 32 } as const;
  const data = new ResidentSplit("test", { count: COUNT, shape });
  const noise = imagesInPyTorchOrder(batch.images, batch.shape);
  const images = Uint8Array.from(noise, (value) => Math.round(255 * value));
  const labels = Uint8Array.from(values("labels"));
  data.upload(memory, { images, labels, count: COUNT });
  return { memory, source, target, data };
}

Deno.test("Evaluator shows a network the images that PGD made on another, as PyTorch does", async () => {
  const { memory, source, target, data } = await setUp();
  using _owned = memory;
  for (
    const [craftedOn, expected] of [
      [source, values("transfer")],
      [undefined, values("own")],
    ] as const
  ) {
    using evaluator = await Evaluator.create(memory, {
      network: target,
      craftedOn,
      data,
      attacks: { pgd: PGD },
      batchSize: 1,
      seed: 0,
    });
    const sums: number[] = [];
    await evaluator.run((_, { correct }) => sums.push(correct));
    assertEquals(sums.map((sum, i) => sum - (sums[i - 1] ?? 0)), [...expected]);
  }
});

Deno.test("evaluateEnsemble() breaks fewer images by those that APGD made on another network", async () => {
  const { memory, source, target, data } = await setUp();
  using _owned = memory;
  const left: number[] = [];
  for (const craftedOn of [source, undefined]) {
    const state = await evaluateEnsemble(memory, {
      network: target,
      craftedOn,
      source: new ResidentBatches(data, { batchSize: COUNT }),
      ensemble: autoAttack({
        threat: linf(12 / 255),
        attacks: ["apgd-ce"],
        steps: 5,
      }),
      batchSize: COUNT,
      seed: 0,
    });
    left.push(state.verdicts.filter((verdict) => verdict === null).length);
  }
  const [transferred, own] = left;
  assertEquals([transferred! > own!, transferred! < COUNT], [true, true]);
});

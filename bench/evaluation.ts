// Does evaluation attack as fast as training? PGD-20 on ResNet-8, batch 128: all that
// `evaluate` does for a batch, with its count read back, beside the attack of a
// training step alone, twenty steps of it, on an augmented batch. The two take turns.
//
// `deno task bench:evaluation [turns] [width]`

import { pgd } from "../src/methods/attacks/pgd.ts";
import { linf } from "../src/methods/threat_model.ts";
import { shapes } from "../src/data/shapes.ts";
import type { AttackConfig } from "../src/config/experiment.ts";
import { Device } from "../src/gpu/device.ts";
import { Memory } from "../src/gpu/memory.ts";
import type { Graph } from "../src/graph/graph.ts";
import { type Tensor, Variable } from "../src/graph/tensor.ts";
import { crossEntropy } from "../src/nn/losses.ts";
import { initialValues, materialize } from "../src/nn/module.ts";
import { resnet8 } from "../src/nn/resnet.ts";
import { gatherAugment } from "../src/ops/gather_augment.ts";
import { store } from "../src/ops/store.ts";
import { Evaluator } from "../src/evaluation/accuracy.ts";
import { bindBatches } from "../src/step/batch_programs.ts";
import { ResidentSplit } from "../src/step/resident_split.ts";
import { medianOf } from "../src/gpu/stopwatch.ts";
import { loadText } from "./suite.ts";
import { print, tableText } from "./table.ts";

const BATCH = 128;
const [turns = "5", width = "16"] = Deno.args;
const START = { kind: "uniform", clip: true } as const;
const CONFIG: AttackConfig = {
  method: "pgd",
  norm: "linf",
  epsilon: "8/255",
  stepSize: "2/255",
  steps: 20,
  start: START,
};

using device = await Device.open();
using memory = new Memory(device);
const network = materialize(
  resnet8({ classes: 10, width: Number(width) }),
  "network",
);
for (const flat of [network.parameters, network.buffers!]) {
  memory.write(flat, initialValues(network, { flat, seed: 1 }));
}
const { test, shape } = shapes({ train: 10, test: BATCH });
const data = new ResidentSplit("images", { count: test.count, shape });
data.upload(memory, test);

using evaluator = await Evaluator.create(memory, {
  network: network.module,
  data,
  attacks: { "pgd-20": CONFIG },
  batchSize: BATCH,
  seed: 1,
});
using training = await bindBatches(memory, {
  name: "training attack",
  sizes: [BATCH],
  trace: traceAttack,
});

const runs: Record<string, () => Promise<unknown>> = {
  "training's attack": async () => {
    training.run(BATCH);
    await device.finished();
  },
  "evaluation": () => evaluator.run(),
};
const times: Record<string, number[]> = {};
for (let turn = 0; turn <= Number(turns); turn++) {
  for (const [name, run] of Object.entries(runs)) {
    const start = performance.now();
    await run();
    // The first turn warms up.
    if (turn > 0) (times[name] ??= []).push(performance.now() - start);
  }
}
const rate = (name: string) => 1000 * BATCH / medianOf(times[name]!);
print(`${device.adapter.description}, ${loadText()}`);
print(tableText(
  ["PGD-20, ResNet-8", "images/s", "of training"],
  Object.keys(runs).map((name) => [
    name,
    rate(name).toFixed(1),
    `${(100 * rate(name) / rate("training's attack")).toFixed(0)} %`,
  ]),
));

/** A training step's attack, on an augmented batch. */
function traceAttack(graph: Graph): void {
  const scalar = (name: string) => graph.read(new Variable(name, [], "u32"));
  const { height, width } = shape;
  const step = scalar("step");
  const { x, labels } = gatherAugment(
    { ...data, position: scalar("position") },
    {
      batch: BATCH,
      height,
      width,
      augmentation: {
        padding: 4,
        flip: true,
        key: { seed: 1, stream: "augment", step },
      },
    },
  );
  const logits = (images: Tensor) => network.module.call(images, "eval").logits;
  const attack = pgd({
    threat: linf(8 / 255),
    steps: 20,
    stepSize: 2 / 255,
    start: START,
  });
  const found = attack.maximize((at) => crossEntropy(logits(at), labels), {
    images: x,
    labels,
    logits,
    random: { seed: 1, stream: "attack", step },
  });
  store(found, new Variable("adversarial", found.shape));
}

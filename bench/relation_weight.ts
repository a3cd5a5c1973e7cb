// How strong FRPAT's term is at a weight of 1, by the size of the batch: of a run's
// networks, on its training images, the student's adversarial. Per image is the length
// of the gradient by the features of one image against that of a mean over images,
// such as the cross-entropy: N times the mean length in a batch of N, for the sum of
// eq. 8. The last column is the weight that pulls as strongly on an image as 5 does in
// the paper's batches of 128.
//
//   deno task bench:weight RUN [--data DIR] [--images 1024]

import { parseArgs } from "node:util";
import { loadDataset } from "../src/data/load_dataset.ts";
import { checkpointNetworks } from "../src/evaluation/checkpoint_networks.ts";
import { FeaturePasses } from "../src/evaluation/feature_passes.ts";
import { Device } from "../src/gpu/device.ts";
import { Memory } from "../src/gpu/memory.ts";
import { Plan } from "../src/gpu/plan.ts";
import { compile } from "../src/graph/compile.ts";
import { Graph } from "../src/graph/graph.ts";
import { Variable } from "../src/graph/tensor.ts";
import { grad } from "../src/ops/grad.ts";
import { relationLoss } from "../src/ops/relation/relation.ts";
import { store } from "../src/ops/store.ts";
import { loadCheckpoint } from "../src/runs/checkpoint.ts";
import { RunFolder } from "../src/runs/run_folder.ts";
import { figure, print, tableText } from "./table.ts";

const BATCHES = [16, 32, 64, 128, 256] as const;
const PAPER = { batch: 128, weight: 5 } as const;

const { values: { data, images }, positionals: [run] } = parseArgs({
  args: Deno.args,
  allowPositionals: true,
  options: {
    data: { type: "string" },
    images: { type: "string", default: "1024" },
  },
});
if (!run) throw new TypeError("Expected the folder of a run but found nothing");
using device = await Device.open();
using memory = new Memory(device);
const folder = await RunFolder.open(run);
const features = await runFeatures(Number(images));
const rows = [];
for (const batch of BATCHES.filter((batch) => batch <= features.count)) {
  rows.push({ batch, ...await strength(batch) });
}
const { perImage: papers } = rows.find(({ batch }) => batch === PAPER.batch)!;
print(tableText(
  ["batch", "L_RP, summed", "gradient per image", "weight like 5 at 128"],
  rows.map(({ batch, loss, perImage }) => [
    `${batch}`,
    figure(loss),
    figure(perImage),
    figure(PAPER.weight * papers / perImage),
  ]),
));

/** Features of the first training images: the teacher's clean, the student's adversarial. */
async function runFeatures(most: number) {
  const { experiment, files: { best: source } } = folder;
  const { seed, evaluation: { attacks, batchSize } } = experiment;
  const dataset = await loadDataset(
    experiment.data,
    data ? { folder: data } : {},
  );
  const count = Math.min(most, dataset.train.count);
  if (!(count >= PAPER.batch)) {
    throw new TypeError(
      `Expected at least ${PAPER.batch} images but found ${count}`,
    );
  }
  const checkpoint = await loadCheckpoint(source, { of: experiment });
  const networks = checkpointNetworks(checkpoint, { dataset, source });
  const [attack] = Object.values(attacks);
  const of = async (wanted: string) => {
    const found = networks.find(({ name }) => name === wanted);
    if (!found || !attack) throw new TypeError(`${run} has no ${wanted}`);
    found.upload(memory);
    const passes = new FeaturePasses(memory, {
      network: found.network,
      shape: dataset.shape,
      attack,
      batchSize,
      seed,
    });
    return await passes.features(dataset.train, count);
  };
  const [teacher, student] = [await of("teacher"), await of("student")];
  return { teacher: teacher.clean, student: student.robust, count };
}

/** The mean over batches of the loss, and of the gradient's length per image. */
async function strength(
  batch: number,
): Promise<{ readonly loss: number; readonly perImage: number }> {
  const width = features.student.length / features.count;
  const own = features.teacher.length / features.count;
  const [t, s] = [
    new Variable("teacher", [batch, own]),
    new Variable("student", [batch, width]),
  ];
  const [value, slope] = [
    new Variable("loss", []),
    new Variable("gradient", [batch, width]),
  ];
  const graph = new Graph();
  const options = { self: "exclude", reduction: "sum" } as const;
  const student = graph.read(s);
  const loss = relationLoss(graph.read(t), student, options);
  store(loss, value);
  store(grad(loss, [student])[0]!, slope);
  using plan = await Plan.bind(
    compile(graph, { name: "relation", ...device.adapter }),
    memory,
  );
  const batches = Math.floor(features.count / batch);
  let [losses, lengths] = [0, 0];
  for (let i = 0; i < batches; i++) {
    memory.write(
      t,
      features.teacher.slice(i * batch * own, (i + 1) * batch * own),
    );
    memory.write(
      s,
      features.student.slice(i * batch * width, (i + 1) * batch * width),
    );
    plan.run();
    const [bytes, gradient] = await memory.read([value, slope]);
    losses += new Float32Array(bytes!)[0]!;
    const numbers = new Float32Array(gradient!);
    for (let row = 0; row < batch; row++) {
      lengths += Math.hypot(
        ...numbers.subarray(row * width, (row + 1) * width),
      );
    }
  }
  // N times the mean length, against a mean's 1 / N of one image's gradient.
  return { loss: losses / batches, perImage: lengths / batches };
}

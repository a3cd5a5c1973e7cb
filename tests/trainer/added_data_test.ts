// What training reads beside its data set: extra images with labels, images without, and a
// teacher's features. That they are used as is said, and what is refused before training.

import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { join } from "@std/path";
import { UserError } from "../../src/base/errors.ts";
import { checkExperiment } from "../../src/config/check_experiment.ts";
import type { Experiment } from "../../src/config/experiment.ts";
import type { Split } from "../../src/data/dataset.ts";
import { mixedOrder } from "../../src/data/sampler.ts";
import { shapes } from "../../src/data/shapes.ts";
import { Classifier } from "../../src/library/classifier.ts";
import { resnet8 } from "../../src/nn/resnet.ts";
import { loadAdded, readFeatures } from "../../src/trainer/added_data.ts";
import { readTeacher } from "../../src/trainer/pretrained_teacher.ts";
import { TrainingSession } from "../../src/trainer/session.ts";
import type { AddedData } from "../../src/trainer/session_images.ts";
import { testDevice } from "../support/check_op.ts";
import { EXAMPLE } from "../support/example_experiment.ts";
import { writeNpy } from "../support/npy_file.ts";
import { withFolder } from "../support/temporary_folder.ts";

const dataset = shapes({ seed: 1, train: 48, test: 8 });
const others = shapes({ seed: 2, train: 20, test: 1 }).train;
const BYTES = 3 * 32 * 32;

const base: Experiment = {
  ...EXAMPLE,
  batchSize: 16,
  data: { dataset: "shapes", train: 48, test: 8 },
  augmentation: { padding: 0, flip: false },
  student: { network: "resnet8", width: 4 },
  teacher: { network: "resnet8", width: 4 },
  attack: { ...EXAMPLE.attack!, steps: 1 } as Experiment["attack"],
};

/** What a session holds after so many steps. */
async function after(
  steps: number,
  { experiment, added, split = dataset.train }: {
    readonly experiment: Experiment;
    readonly added?: AddedData;
    readonly split?: Split;
  },
) {
  const teacher = experiment.teacher?.pretrained
    ? (await readTeacher(experiment, { classes: 10 }))!.values
    : null;
  await using session = await TrainingSession.open(await testDevice(), {
    experiment,
    dataset,
    split,
    teacher,
    added,
  });
  for (let step = 0; step < steps; step++) session.runStep(step);
  return await session.save();
}

type State = Awaited<ReturnType<typeof after>>;

function weightsOf({ tensors }: State): number[] {
  return [...tensors.student!.values()].flatMap(({ data }) => [...data]);
}

/** The images as (N, H, W, C). */
function interleaved({ images }: Split): Uint8Array<ArrayBuffer> {
  const plane = BYTES / 3;
  return images.map((_, i) => {
    const [image, at] = [Math.floor(i / BYTES), i % BYTES];
    return images[image * BYTES + at % 3 * plane + Math.floor(at / 3)]!;
  }) as Uint8Array<ArrayBuffer>;
}

const EXTRA: Experiment = {
  ...base,
  data: { ...base.data, extra: { from: "unused", share: 0.25 } },
};

Deno.test("each batch has its share of extra images, and each image comes once before any again", () => {
  const batching = { count: 48, batchSize: 16 };
  const extra = { count: 20, of: (size: number) => Math.round(size / 4) };
  const order = mixedOrder({ seed: 1, epoch: 0 }, { batching, extra });
  const own: number[] = [], added: number[] = [];
  for (let start = 0; start < 48; start += 16) {
    const batch = [...order.subarray(start, start + 16)];
    const more = batch.filter((place) => place >= 48);
    assertEquals(more.length, 4);
    added.push(...more);
    own.push(...batch.filter((place) => place < 48));
  }
  assertEquals(new Set(own).size, 36);
  assertEquals(new Set(added).size, 12);
  assert(added.every((place) => place < 68));
  const again = mixedOrder({ seed: 1, epoch: 0 }, { batching, extra });
  assertEquals(again, order);
  const next = mixedOrder({ seed: 1, epoch: 1 }, { batching, extra });
  assert(next.some((place, i) => place !== order[i]));
});

Deno.test("extra images are trained on with their labels, and a session goes on bit by bit", async () => {
  const added = { extra: others };
  const expected = await after(4, { experiment: EXTRA, added });
  await using session = await TrainingSession.open(await testDevice(), {
    experiment: EXTRA,
    dataset,
    split: dataset.train,
    added,
  });
  session.restore(await after(2, { experiment: EXTRA, added }), "the half");
  session.runStep(2);
  session.runStep(3);
  assertEquals((await session.save()).tensors, expected.tensors);
  const labels = others.labels.map((label) => (label + 1) % 10);
  const relabeled = { extra: { ...others, labels } };
  const changed = await after(4, { experiment: EXTRA, added: relabeled });
  const weights = weightsOf(expected);
  assert(weightsOf(changed).some((w, i) => w !== weights[i]));
});

Deno.test("a teacher's features from a file give the steps of the frozen teacher that computed them", async () => {
  await withFolder(async (folder) => {
    const from = join(folder, "teacher.safetensors");
    using model = new Classifier(await testDevice(), {
      network: resnet8({ classes: 10, width: 4 }),
      height: 32,
      width: 32,
      seed: 7,
    });
    await model.save(from);
    const pretrained = { from, frozen: true, mode: "eval" } as const;
    const teacher = { network: "resnet8", width: 4, pretrained } as const;
    const expected = await after(3, { experiment: { ...base, teacher } });

    const data = await model.features(interleaved(dataset.train));
    const path = join(folder, "features.npy");
    await writeNpy(path, { shape: [48, data.length / 48], data });
    const experiment = {
      ...base,
      teacher: null,
      teacherFeatures: { from: path },
    };
    const added = await loadAdded(experiment, { dataset });
    const found = await after(3, { experiment, added });

    assert(found.metrics["sum of relation"]! > 0);
    assertEquals(found.tensors.teacher, undefined);
    const weights = weightsOf(expected);
    const apart = weightsOf(found).map((w, i) => Math.abs(w - weights[i]!));
    assert(Math.max(...apart) < 1e-5, `${Math.max(...apart)}`);
    // Held-out images are the last ones: their rows change nothing.
    const [split, rest] = [32, 48].map((count) => ({
      images: dataset.train.images.subarray(0, count * BYTES),
      labels: dataset.train.labels.subarray(0, count),
      count,
    }));
    const rows = added.features!.rows.slice();
    rows.fill(3, 32 * added.features!.width);
    const other = { ...added, features: { ...added.features!, rows } };
    const kept = async (split: Split, added: AddedData) =>
      weightsOf(await after(2, { experiment, added, split }));
    assertEquals(await kept(split!, other), await kept(split!, added));
    const all = await kept(rest!, added);
    assert((await kept(rest!, other)).some((w, i) => w !== all[i]));
  });
});

Deno.test("images without labels of a second source join each batch, without labels", async () => {
  const weight = { kind: "constant", value: 2 } as const;
  const experiment: Experiment = {
    ...base,
    unlabeled: {
      from: "unused",
      batchSize: 8,
      regularizers: [
        { method: "frpat", weight, self: "exclude", reduction: "sum" },
      ],
    },
  };
  const { images, count } = others;
  const unlabeled = { images, count };
  const state = await after(2, { experiment, added: { unlabeled } });
  assert(state.metrics["sum of unlabeled relation"]! > 0);
  // All 48 images of the data set keep their labels: the batches are of 16.
  assert(state.metrics["sum of clean correct"]! <= 32);
  const darker = { images: images.map((byte) => byte >> 1), count };
  const changed = await after(2, {
    experiment,
    added: { unlabeled: darker },
  });
  const weights = weightsOf(state);
  assert(weightsOf(changed).some((w, i) => w !== weights[i]));
});

Deno.test("features are refused that are not a finite row for each training image", async () => {
  await withFolder(async (folder) => {
    const path = join(folder, "features.npy");
    const refused = async (
      array: Parameters<typeof writeNpy>[1],
      message: string,
    ) => {
      await writeNpy(path, array);
      await assertRejects(() => readFeatures(path, 3), UserError, message);
    };
    const six = Float32Array.from([1, 2, 3, 4, 5, 6]);
    await refused(
      { shape: [2, 3], data: six },
      "expected a row for each of the 3 training images but found 2",
    );
    await refused(
      { shape: [6], data: six },
      "expected an array (images, numbers) but found (6)",
    );
    await refused(
      { shape: [3, 2], data: new Uint8Array(6) },
      "expected numbers in floating point",
    );
    await refused(
      { shape: [3, 2], data: six.with(3, NaN) as Float32Array<ArrayBuffer> },
      "expected finite numbers but found NaN in the row of image 1",
    );
    await assertRejects(
      () => readFeatures(join(folder, "none.npy"), 3),
      UserError,
      "none.npy",
    );
  });
});

Deno.test("extra images are refused without labels of the data set's classes, or of another size", async () => {
  await withFolder(async (folder) => {
    const from = join(folder, "images.npy"),
      labels = join(folder, "labels.npy");
    const data = others.images.slice(0, 2 * BYTES);
    const refused = async (
      { shape = [2, 3, 32, 32], numbers, named = true }: {
        readonly shape?: readonly number[];
        readonly numbers: readonly number[];
        readonly named?: boolean;
      },
      message: string,
    ) => {
      await writeNpy(from, { shape, data });
      const shapeOfLabels = [numbers.length];
      const bytes = Uint8Array.from(numbers);
      await writeNpy(labels, { shape: shapeOfLabels, data: bytes });
      const extra = { from, share: 0.5, ...named && { labels } };
      const experiment = { ...base, data: { ...base.data, extra } };
      await assertRejects(
        () => loadAdded(experiment, { dataset }),
        UserError,
        message,
      );
    };
    await refused({ numbers: [1, 2, 3] }, "a label for each of 2 images");
    await refused(
      { numbers: [1, 10] },
      "expected labels from 0 to 9 but found 10 at image 1",
    );
    await refused(
      { numbers: [1, 2], named: false },
      "expected data.extra.labels",
    );
    await refused(
      { numbers: [1, 2], shape: [2, 3, 16, 64] },
      "expected images (N, 32, 32, 3) or (N, 3, 32, 32) but found (2, 3, 16, 64)",
    );
  });
});

Deno.test("experiments are refused in which what is added has no place", () => {
  const refused = (changes: Partial<Experiment>, message: string) =>
    assertThrows(
      () => checkExperiment({ ...base, ...changes }),
      UserError,
      message,
    );
  const extra = (share: number) => ({
    data: { ...base.data, extra: { from: "images", share } },
  });
  refused(extra(0.01), "so that a batch has images of both sources");
  refused(extra(0.99), "so that a batch has images of both sources");
  refused(extra(1), "data.extra.share");
  const teacherFeatures = { from: "features.npy" };
  refused({ teacherFeatures }, "teacher to be null with them");
  const without = { teacher: null, teacherFeatures };
  refused({ ...without, ...extra(0.5) }, "data.extra to be absent");
  refused(
    {
      ...without,
      objective: { method: "lbgat", base: { kind: "none" }, detach: false },
    },
    "teacherFeatures to be absent for lbgat",
  );
});

// The figures of a network, from its checkpoint to files in its run's folder.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { shapes } from "../../../src/data/shapes.ts";
import {
  storedPictures,
  storePictures,
  writePictures,
} from "../../../src/report/figures/picture.ts";
import { drawnCurves } from "../../../src/report/figures/training_curves.ts";
import { shownImages } from "../../../src/report/figures/feature_map.ts";
import { runFigures } from "../../../src/report/figures/run_figures.ts";
import { Classifier } from "../../../src/library/classifier.ts";
import { resnet8 } from "../../../src/nn/resnet.ts";
import {
  decodeSafeTensors,
  encodeSafeTensors,
} from "../../../src/weights/safetensors.ts";
import { testDevice } from "../../support/check_op.ts";
import { namesIn, withFolder } from "../../support/temporary_folder.ts";
import { EXAMPLE } from "../../support/example_experiment.ts";
import { epochLines } from "../../support/example_run.ts";

const ATTACK = {
  method: "pgd",
  norm: "linf",
  epsilon: "8/255",
  stepSize: "4/255",
  steps: 2,
  start: { kind: "clean" },
} as const;

const SMALL = {
  ...EXAMPLE,
  student: { network: "resnet8", width: 4 },
  evaluation: { ...EXAMPLE.evaluation, attacks: { "pgd-2": ATTACK } },
} as const;

Deno.test("runFigures() draws nothing of a network that has diverged", () =>
  withFolder(async (folder) => {
    const device = await testDevice();
    const checkpoint = `${folder}/network.safetensors`;
    for (const value of [NaN, 1e30]) {
      const network = resnet8({ classes: 10, width: 4 });
      using saved = new Classifier(device, { network, height: 32, width: 32 });
      await saved.save(checkpoint);
      const { tensors } = decodeSafeTensors(
        await Deno.readFile(checkpoint),
        checkpoint,
      );
      for (const { data } of tensors.values()) data.fill(value);
      const bytes = encodeSafeTensors({ tensors, metadata: {} });
      await Deno.writeFile(checkpoint, bytes);
      const { pictures, missing } = await runFigures({
        device,
        experiment: SMALL,
        checkpoint,
        dataset: shapes({ train: 16, test: 16 }),
        limit: 16,
      });
      assertEquals(pictures, []);
      assertStringIncludes(
        missing!,
        "expected it to compute numbers but found",
      );
    }
  }));

Deno.test("runFigures() draws accuracies, images and features, and storePictures() keeps them", () =>
  withFolder(async (folder) => {
    const device = await testDevice();
    const dataset = shapes({ train: 16, test: 64 });
    const checkpoint = `${folder}/network.safetensors`;
    const classes = dataset.classNames.length;
    {
      const network = resnet8({ classes, width: 4 });
      using saved = new Classifier(device, { network, height: 32, width: 32 });
      await saved.save(checkpoint);
    }
    const { pictures, missing } = await runFigures({
      device,
      experiment: SMALL,
      checkpoint,
      dataset,
      limit: 40,
    });
    assertEquals(missing, null);
    const names = pictures.map(({ name }) => name);
    assertEquals(names, [
      "class-accuracy",
      "images",
      "radius-accuracy",
      "features",
      "training-features",
    ]);
    assert(pictures[2]!.description.includes("on 40 test images"));
    assert(pictures[3]!.description.includes("features of 40 test images"));
    assert(pictures[4]!.description.includes("features of 16 training images"));
    const files = await storePictures(folder, pictures);
    assertEquals(files, names.map((name) => `${folder}/figures/${name}.svg`));
    assertEquals(
      await namesIn(`${folder}/figures`),
      [
        ...names.flatMap((name) => [`${name}.png`, `${name}.svg`]),
        "figures.json",
      ]
        .sort(),
    );
    const read = await storedPictures(folder);
    assertEquals(read.map(({ svg }) => svg), pictures.map(({ svg }) => svg));
    // The curves are written beside them, and drawn anew by a report.
    const lines = [1, 2].flatMap(epochLines);
    const curves = await drawnCurves({ experiment: EXAMPLE, lines });
    const [losses] = await writePictures(folder, curves);
    assertEquals(losses, `${folder}/figures/losses.svg`);
    assertEquals((await storedPictures(folder)).length, 5);
    // A figure drawn again takes the place of the old one.
    await storePictures(folder, [{ ...pictures[0]!, title: "Anew" }]);
    const titles = (await storedPictures(folder)).map(({ title }) => title);
    assertEquals([titles.length, titles.at(-1)], [5, "Anew"]);
  }));

Deno.test("shownImages() finds 512 images of ten classes among those of a hundred", () => {
  const count = 10_000;
  const labels = Uint8Array.from({ length: count }, (_, i) => i % 100);
  const images = Uint8Array.from({ length: 3 * count }, (_, i) => i % 251);
  const classNames = Array.from({ length: 100 }, (_, i) => `class ${i}`);
  const split = { images, labels, count };
  const shown = shownImages(split, { classNames, seed: 1, limit: 512 });
  assertEquals([shown.count, shown.labels.length], [512, 512]);
  const classes = [...new Set(shown.labels)];
  assertEquals(classes.length, 10);
  // The images are those of their labels, in the order of the set.
  const places = [...labels.keys()].filter((i) => classes.includes(labels[i]!));
  const expected = places.slice(0, 512).flatMap((i) => [
    ...images.subarray(3 * i, 3 * i + 3),
  ]);
  assertEquals([...shown.images], expected);
  const few = shownImages(split, { classNames, seed: 1, limit: 40 });
  assertEquals(few.count, 40);
});

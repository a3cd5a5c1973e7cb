// What figures say of a network, without a network.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { imageStrip } from "../../../src/report/figures/image_strip.ts";
import { radiusAccuracyChart } from "../../../src/report/figures/radius_accuracy.ts";
import { svgToPng } from "../../../src/report/figures/png.ts";
import { ATTACKS } from "../../support/example_card.ts";

const ATTACK = ATTACKS["fgsm"]!;

Deno.test("radiusAccuracyChart() never rises: what a smaller radius did, counts", async () => {
  const labels = Uint8Array.from([0, 1, 1]);
  const images = new Float32Array();
  // FGSM with a larger step misses the second image again.
  const found = [[0, 1, 1], [0, 0, 1], [0, 1, 1], [1, 0, 1]];
  let asked = 0;
  const answer = () =>
    Promise.resolve({
      images,
      predictions: found[Math.min(asked++, found.length - 1)]!,
    });
  const chart = await radiusAccuracyChart({
    split: { images: new Uint8Array(), labels, count: 3 },
    clean: answer,
    attacked: answer,
  }, { name: "fgsm", attack: ATTACK });
  assert(chart.kind === "lines");
  const hits = chart.points.map(({ y }) => Math.round(3 * y / 100));
  assertEquals(hits, [3, 2, 2, 1, 1, 1, 1, 1]);
  assertStringIncludes(chart.description, "no smaller radius succeeded either");
});

Deno.test("radiusAccuracyChart() asks for no radius at which all images are one", async () => {
  const images = new Float32Array();
  const answer = () => Promise.resolve({ images, predictions: [0] });
  const farthest = async (norm: "linf" | "l2") => {
    const chart = await radiusAccuracyChart({
      split: { images: new Uint8Array(), labels: Uint8Array.of(0), count: 1 },
      clean: answer,
      attacked: answer,
    }, { name: "fgsm", attack: { ...ATTACK, norm, epsilon: "128/255" } });
    assert(chart.kind === "lines");
    return chart.points.at(-1)!.x;
  };
  assertEquals([await farthest("linf"), await farthest("l2")], [192, 512]);
});

Deno.test("imageStrip() marks what an attack achieved, and states its scale", async () => {
  const images = Float32Array.from(
    { length: 2 * 4 * 4 * 3 },
    (_, i) => (i * 37 % 200) / 255,
  );
  const strip = (norm: "linf" | "l2") =>
    imageStrip({
      clean: { images, predictions: [0, 1] },
      adversarial: {
        images: images.map((value) => value + 4 / 255),
        predictions: [0, 0],
      },
      labels: [0, 1],
      classNames: ["cat", "dog"],
      shape: { height: 4, width: 4 },
      attack: "fgsm",
      config: { ...ATTACK, norm },
    });
  const { svg, description } = await strip("linf");
  const texts = [...svg.matchAll(/<text[^>]*>([^<]*)/g)].map(([, text]) =>
    text
  );
  assertEquals(texts, [
    "clean",
    "cat",
    "dog",
    "perturbation",
    "× 16 on gray",
    "8/255 is white",
    "adversarial",
    "cat",
    "✗ cat",
  ]);
  assertEquals(svg.match(/fill="none" stroke="#B3261E"/g)?.length, 1);
  assertStringIncludes(description, "of which 1 are classified wrongly");
  assertStringIncludes(description, "enlarged 16 times");
  assertStringIncludes((await strip("l2")).svg, "4/255 is white");
  // Pixels stay squares, which makes the picture small.
  const { length } = await svgToPng(svg);
  assert(length > 1000 && length < 40_000, `${length} bytes`);
});

Deno.test("imageStrip() and charts have colors for dark pages", async () => {
  const { svg } = await imageStrip({
    clean: { images: new Float32Array(), predictions: [] },
    adversarial: { images: new Float32Array(), predictions: [] },
    labels: [],
    classNames: [],
    shape: { height: 4, width: 4 },
    attack: "fgsm",
    config: ATTACK,
  });
  assertStringIncludes(svg, '[fill="white"]{fill:#1B1B1B}');
});

import { assert, assertEquals, assertThrows } from "@std/assert";
import { compile } from "../../src/graph/compile.ts";
import { Graph } from "../../src/graph/graph.ts";
import { Variable } from "../../src/graph/tensor.ts";
import { gatherAugment } from "../../src/ops/gather_augment.ts";
import { store } from "../../src/ops/store.ts";
import { permutation, words } from "../../src/base/random_sequence.ts";
import { checkOp, type OpCase } from "../support/check_op.ts";
import { runOnDevice, u32Scalar } from "../support/run_on_device.ts";

/** Every bit of `count` words that survives the rounding of a case's values. */
function shortWords(count: number): number[] {
  const address = { seed: 3, stream: "images", step: 0 };
  return [...words(address, count)].map((word) => word >>> 8);
}

/** The bits of as many numbers from 0.5 to 1. */
function floatWords(count: number): number[] {
  return shortWords(count).map((word) => 0x3f000000 + (word & 0x7fffff));
}

/**
 * [images, height, width, batch, position, padding, flip, channels, floats, cutout]:
 * even, odd and 1 x 1.
 */
const cases = [
  [6, 4, 4, 4, 0, 0, 0],
  [6, 4, 4, 3, 2, 4, 0],
  [5, 5, 7, 5, 0, 0, 1],
  [7, 5, 7, 7, 0, 2, 1],
  [9, 1, 1, 8, 1, 1, 1],
  [40, 8, 8, 33, 7, 4, 1],
  [7, 5, 7, 7, 0, 2, 1, 1],
  [7, 5, 7, 7, 0, 2, 1, 4],
  [7, 5, 7, 7, 0, 2, 1, 3, 1],
  [6, 4, 5, 4, 0, 0, 0, 1, 1],
  [9, 8, 8, 9, 0, 0, 0, 3, 0, 4],
  [9, 5, 7, 9, 0, 2, 1, 3, 0, 3],
  [9, 5, 7, 9, 0, 0, 1, 1, 1, 12],
].map((row): OpCase => {
  const [images, height, width, batch, position, padding, flip] = row;
  const [, , , , , , , channels = 3, floats = 0, cutout = 0] = row;
  const numbers = images! * height! * width! * channels;
  const count = floats ? numbers : Math.ceil(numbers / 4);
  const order = permutation({ seed: 1, stream: "o", step: 0 }, images!);
  const u32 = (values: readonly number[], shape = [values.length]) => ({
    shape,
    dtype: "u32" as const,
    values,
  });
  return {
    name: `${batch} of ${images} images ${height}x${width} from ${position}, ` +
      `padding ${padding}${flip ? ", mirrored" : ""}, ${channels} channels of ${
        floats ? "numbers" : "bytes"
      }${cutout ? `, a square of ${cutout} erased` : ""}`,
    inputs: [
      u32(floats ? floatWords(count) : shortWords(count)),
      u32(Array.from(order, (i) => 10 * i)),
      u32([...order].reverse()),
      u32([position!], []),
      u32([12], []),
    ],
    build: ([, , , position, step], [images, labels, order]) => {
      const { x, labels: y } = gatherAugment(
        {
          images: images!,
          labels: labels!,
          order: order!,
          position: position!,
          floats: floats === 1,
        },
        {
          batch: batch!,
          height: height!,
          width: width!,
          channels,
          augmentation: {
            padding: padding!,
            flip: flip === 1,
            cutout,
            key: { seed: 9, stream: "augment", step: step! },
          },
        },
      );
      return [x, y];
    },
    tolerance: 1e-7,
    kernelOnly: true,
  };
});
checkOp("gatherAugment()", cases);

/** A data set on the device, its order as stored, and its contents. */
function source(images: Uint8Array<ArrayBuffer>, labels: readonly number[]) {
  const count = labels.length;
  const position = u32Scalar("position", 0);
  const variables = {
    images: new Variable("images", [images.length / 4], "u32"),
    labels: new Variable("labels", [count], "u32"),
    order: new Variable("order", [count], "u32"),
  };
  return {
    variables,
    position: position[0],
    contents: [
      [variables.images, images],
      [variables.labels, Uint32Array.from(labels)],
      [variables.order, Uint32Array.from(labels.keys())],
      position,
    ] as const,
  };
}

Deno.test("gatherAugment() rounds every byte / 255 correctly", async () => {
  const bytes = Uint8Array.from({ length: 3 * 256 }, (_, i) => i);
  const { variables, position, contents } = source(bytes, [5]);
  const [x] = await runOnDevice(contents, (graph) => {
    const at = { ...variables, position: graph.read(position) };
    return [gatherAugment(at, { batch: 1, height: 16, width: 16 }).x];
  });
  assertEquals(
    new Float32Array(x!),
    Float32Array.from({ length: 3 * 256 }, (_, i) => Math.floor(i / 3) / 255),
  );
});

Deno.test("gatherAugment() crops and mirrors everywhere equally often", async () => {
  // Images of one white pixel in the middle: its place gives the draws away.
  const size = 9, batch = 4096;
  const bytes = new Uint8Array(4 * 3 * size * size);
  bytes.fill(255, 40, 41);
  const { variables, position, contents } = source(bytes, [0, 0, 0, 0]);
  const order = new Variable("order", [batch], "u32");
  const step = u32Scalar("step", 3);
  const [x] = await runOnDevice([...contents, step], (graph) => {
    const key = { seed: 1, stream: "augment", step: graph.read(step[0]) };
    const at = { ...variables, order, position: graph.read(position) };
    const augmentation = { padding: 4, flip: true, key };
    const options = { batch, height: size, width: size, augmentation };
    return [gatherAugment(at, options).x];
  });
  const red = new Float32Array(x!).filter((_, i) => i % 3 === 0);
  const places = new Array<number>(81).fill(0);
  red.forEach((value, i) => places[i % 81]! += value);
  assertEquals(places.reduce((sum, n) => sum + n, 0), batch);
  // Chi-squared with 80 degrees of freedom: mean 80, deviation sqrt(160).
  const expected = batch / 81;
  const chi = places.reduce((sum, n) => sum + (n - expected) ** 2, 0) /
    expected;
  assert(Math.abs(chi - 80) < 4 * Math.sqrt(160), `chi-squared is ${chi}`);
});

Deno.test("gatherAugment() mirrors half of the images", async () => {
  const batch = 4096;
  const bytes = Uint8Array.of(255, 0, 255, 0, 255, 0, 0, 0);
  const { variables, position, contents } = source(bytes, [0]);
  const order = new Variable("order", [batch], "u32");
  const step = u32Scalar("step", 3);
  const [x] = await runOnDevice(
    [...contents, step],
    (graph) => {
      const key = { seed: 1, stream: "augment", step: graph.read(step[0]) };
      const at = {
        ...variables,
        order,
        position: graph.read(position),
      };
      const augmentation = { padding: 0, flip: true, key };
      return [
        gatherAugment(at, { batch, height: 1, width: 2, augmentation }).x,
      ];
    },
  );
  const mirrored = new Float32Array(x!).filter((_, i) => i % 6 === 3)
    .reduce((sum, value) => sum + value, 0);
  const deviation = Math.sqrt(batch) / 2;
  assert(Math.abs(mirrored - batch / 2) < 4 * deviation, `${mirrored} of 4096`);
});

Deno.test("gatherAugment() repeats the last image where the order ends", async () => {
  const bytes = new Uint8Array(4 * 12).map((_, i) => Math.floor(i / 12));
  const { variables, contents } = source(bytes, [7, 8, 9, 6]);
  const position = u32Scalar("position", 3);
  const [y] = await runOnDevice([...contents, position], (graph) => {
    const at = { ...variables, position: graph.read(position[0]) };
    return [gatherAugment(at, { batch: 2, height: 2, width: 2 }).labels];
  });
  assertEquals([...new Uint32Array(y!)], [6, 6]);
});

Deno.test("gatherAugment() reads a data set that is larger than a binding", async () => {
  const count = 50_000, bytes = 3072;
  const images = new Variable("images", [count * bytes / 4], "u32");
  const labels = new Variable("labels", [count], "u32");
  const order = new Variable("order", [4], "u32");
  const position = u32Scalar("position", 0);
  const chosen = [49_999, 0, 43_690, 43_691];
  const contents = new Uint8Array(count * bytes);
  for (const [i, image] of chosen.entries()) {
    contents.fill(50 * i + 5, image * bytes, (image + 1) * bytes);
  }
  const [x, y] = await runOnDevice(
    [
      [images, contents],
      [labels, Uint32Array.from({ length: count }, (_, i) => i % 97)],
      [order, Uint32Array.from(chosen)],
      position,
    ],
    (graph) => {
      const at = { images, labels, order, position: graph.read(position[0]) };
      const batch = gatherAugment(at, { batch: 4, height: 32, width: 32 });
      return [batch.x, batch.labels];
    },
  );
  const values = new Float32Array(x!);
  const wrong = values.findIndex((value, i) =>
    value !== Math.fround((50 * Math.floor(i / bytes) + 5) / 255)
  );
  assertEquals(wrong, -1);
  assertEquals([...new Uint32Array(y!)], chosen.map((image) => image % 97));
});

Deno.test("gatherAugment() of CIFAR-10 binds the images in two parts", () => {
  const graph = new Graph();
  const u32 = (name: string, shape: number[]) =>
    new Variable(name, shape, "u32");
  const images = u32("images", [50_000 * 768]);
  const labels = u32("labels", [50_000]);
  const position = graph.read(u32("position", []));
  const batch = gatherAugment(
    { images, labels, order: u32("order", [50_000]), position },
    { batch: 128, height: 32, width: 32 },
  );
  store(batch.x, new Variable("x", batch.x.shape));
  const { blocks: segments } = compile(graph, {
    name: "batch",
    adapterClass: "gpu",
  });
  const parts = segments.flatMap(({ dispatches }) =>
    dispatches.flatMap(({ reads: [images], arguments: sizes }) => [[
      images!.offset,
      images!.size,
      sizes!["first_image"],
      sizes!["images"],
    ]])
  );
  const first = 43_690 * 3072, rest = 6_310 * 3072;
  assertEquals(parts, [[0, first, 0, 43_690], [first, rest, 43_690, 6_310]]);
});

Deno.test("gatherAugment() refuses images of another size", () => {
  const { variables, position } = source(new Uint8Array(48), [1, 2]);
  const at = { ...variables, position: new Graph().read(position) };
  assertThrows(
    () => gatherAugment(at, { batch: 1, height: 2, width: 3 }),
    TypeError,
    "expected 9 u32 words for 2 images of 3 x 2 x 3 but found u32 (12)",
  );
  assertThrows(
    () => gatherAugment(at, { batch: 3, height: 2, width: 4 }),
    RangeError,
    "expected a batch of at most 2 images",
  );
});

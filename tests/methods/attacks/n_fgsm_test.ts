// N-FGSM leaves the ball on purpose: how far, and how far not.

import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { nFgsm } from "../../../src/methods/attacks/n_fgsm.ts";
import { type Tensor, Variable } from "../../../src/graph/tensor.ts";
import { multiply } from "../../../src/ops/pointwise.ts";
import { sum } from "../../../src/ops/reduce/reduce.ts";
import { uniform } from "../../../src/base/random_sequence.ts";
import { runOnDevice } from "../../support/run_on_device.ts";
import { blindInputs } from "../../support/blind_inputs.ts";

const SHAPE = [4, 16, 16, 3];
const SIZE = 4 * 16 * 16 * 3;
const EPSILON = 8 / 255;

/** Images of which a third is black or white, where the border matters. */
const IMAGES = uniform({ seed: 1, stream: "images", step: 0 }, SIZE)
  .map((x, i) => i % 6 === 0 ? 0 : i % 6 === 3 ? 1 : x);

/** The gradient of the surrogate, everywhere; some of it is 0. */
const WEIGHTS = uniform({ seed: 1, stream: "weights", step: 0 }, SIZE)
  .map((x, i) => i % 5 === 0 ? 0 : 2 * x - 1);

/** What the attack makes of the images under a linear surrogate. */
async function attacked(
  options: { readonly stepSize: number; readonly noise: number },
  step = 0,
): Promise<{ readonly images: Float32Array; readonly surrogates: number }> {
  const [x, w] = ["x", "w"].map((name) => new Variable(name, SHAPE));
  const at = new Variable("step", [], "u32");
  let surrogates = 0;
  const surrogate = (images: Tensor): Tensor => {
    surrogates++;
    return sum(multiply(images, w!), { start: 1 });
  };
  const [bytes] = await runOnDevice(
    [[x!, IMAGES], [w!, WEIGHTS], [at, Uint32Array.of(step)]],
    (graph) => [
      nFgsm({ epsilon: EPSILON, ...options }).maximize(
        surrogate,
        blindInputs({
          images: graph.read(x!),
          random: { seed: 1, stream: "attack", step: graph.read(at) },
        }),
      ),
    ],
  );
  return { images: new Float32Array(bytes!), surrogates };
}

/** The perturbations of pixels that the border of [0, 1] could not stop. */
function moved(images: Float32Array): Float32Array {
  const far = 3.01 * EPSILON;
  return images.map((x, i) => x - IMAGES[i]!)
    .filter((_, i) => IMAGES[i]! > far && IMAGES[i]! < 1 - far);
}

function largest(values: Float32Array): number {
  return values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}

const PAPER = { stepSize: EPSILON, noise: 2 };

Deno.test("nFgsm() moves images by up to three radii, within [0, 1], with one gradient", async () => {
  const { images, surrogates } = await attacked(PAPER);
  assertEquals(surrogates, 1);
  assert(images.every((x) => x >= 0 && x <= 1));
  const distance = largest(images.map((x, i) => x - IMAGES[i]!));
  assert(distance <= 3 * EPSILON + 1e-6, `${distance}`);
  // Nothing takes it back into the ball: of 3072 draws some come close to the border.
  assert(distance >= 2.9 * EPSILON, `${distance}`);
});

Deno.test("nFgsm() adds a signed step to the noise that it would have drawn without", async () => {
  const noisy = (await attacked({ ...PAPER, stepSize: 0 })).images;
  const { images } = await attacked(PAPER);
  images.forEach((x, i) => {
    const stepped = noisy[i]! + EPSILON * Math.sign(WEIGHTS[i]!);
    const expected = Math.min(1, Math.max(0, stepped));
    assert(Math.abs(x - expected) <= 1e-6, `pixel ${i}`);
  });
});

Deno.test("nFgsm() draws its noise uniformly from a cube of the given width", async () => {
  for (const noise of [1, 2]) {
    const { images } = await attacked({ stepSize: 0, noise });
    const noises = moved(images);
    const radius = noise * EPSILON;
    assert(noises.length > 1000);
    assert(largest(noises) <= radius + 1e-6);
    const mean = noises.reduce((a, b) => a + b) / noises.length;
    const square = noises.reduce((a, b) => a + b * b, 0) / noises.length;
    // Standard errors are 0.018 and 0.009 of these at 1000 numbers.
    assert(Math.abs(mean) < 0.08 * radius, `${mean}`);
    assert(Math.abs(square / radius ** 2 - 1 / 3) < 0.04, `${square}`);
  }
});

Deno.test("nFgsm() without noise is one step from the images", async () => {
  const { images } = await attacked({ stepSize: EPSILON, noise: 0 });
  images.forEach((x, i) => {
    const stepped = IMAGES[i]! + EPSILON * Math.sign(WEIGHTS[i]!);
    assert(Math.abs(x - Math.min(1, Math.max(0, stepped))) <= 1e-6);
  });
});

Deno.test("nFgsm() is a function of the step of the run", async () => {
  const [first, next, again] = await Promise.all(
    [3, 4, 3].map((step) => attacked(PAPER, step)),
  );
  assertEquals(again!.images, first!.images);
  assertNotEquals(next!.images, first!.images);
});

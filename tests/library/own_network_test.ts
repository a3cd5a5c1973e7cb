// A network of one's own, of the layers that others are made of, on images of one and of
// four channels: it learns, and every attack finds images within its ball.

import { assert, assertEquals } from "@std/assert";
import * as frpat from "../../mod.ts";
import { testDevice } from "../support/check_op.ts";

const { attacks, data, functional, nn, objectives } = frpat;
const SIDE = 8;
type Layer<K extends keyof typeof nn> = InstanceType<
  Extract<(typeof nn)[K], new (...args: never[]) => unknown>
>;

/** Convolutions with biases, pooling, normalization, two branches and dropout. */
class Own extends frpat.Network {
  readonly classes = 2;
  readonly featureSize = 16;
  readonly conv: Layer<"Conv2d">;
  readonly norm: Layer<"GroupNorm"> = new nn.GroupNorm(2, 8);
  readonly hidden: Layer<"Linear"> = new nn.Linear([8 * 4 * 4, 8]);
  readonly layerNorm: Layer<"LayerNorm"> = new nn.LayerNorm(8);
  readonly dropout: Layer<"Dropout"> = new nn.Dropout(0.1);
  readonly linear: Layer<"Linear"> = new nn.Linear([16, 2]);

  constructor(channels: number) {
    super();
    this.conv = new nn.Conv2d([channels, 8], { kernelSize: 3, bias: true });
  }

  call(x: frpat.Tensor, mode: frpat.Mode, random?: frpat.RandomKey) {
    const y = functional.gelu(this.norm.call(this.conv.call(x)));
    functional.inspect(y, "activation");
    const pooled = functional.maxPool2d(y, { kernelSize: 2 });
    const hidden = this.hidden.call(functional.flatten(pooled));
    const means = functional.globalAveragePool(
      functional.avgPool2d(y, { kernelSize: 2 }),
    );
    const features = this.dropout.call(
      functional.concat([this.layerNorm.call(hidden), means]),
      { mode, random },
    );
    functional.inspect(features, "features");
    return { logits: this.linear.call(features), features };
  }
}

/** Squares in the upper or the lower half, in the first channel. */
function examples(count: number, channels: number) {
  const labels = Array.from({ length: count }, (_, i) => i % 2);
  const images = new Uint8Array(count * SIDE * SIDE * channels).map((_, at) => {
    const pixel = Math.floor(at / channels) % (SIDE * SIDE);
    const image = Math.floor(at / (channels * SIDE * SIDE));
    const upper = pixel < SIDE * SIDE / 2;
    const noise = (37 * at * at + 11 * at) % 60;
    return noise +
      (at % channels === 0 && upper === (image % 2 === 0) ? 150 : 0);
  });
  return { images, labels };
}

for (const channels of [1, 4]) {
  Deno.test(`a network of one's own learns images of ${channels} channels, and is attacked`, async () => {
    const shown = examples(32, channels);
    using model = new frpat.Classifier(await testDevice(), {
      network: new Own(channels),
      height: SIDE,
      width: SIDE,
      channels,
      seed: 1,
    });
    const threat = attacks.linf(0.9);
    const start = { kind: "uniform", clip: true } as const;
    const pgd = attacks.pgd({ threat, steps: 5, stepSize: 0.3, start });
    await model.fit(shown, {
      objective: objectives.vanillaAt(),
      attack: attacks.pgd({
        threat: attacks.linf(0.05),
        steps: 1,
        stepSize: 0.05,
        start,
      }),
      epochs: 12,
      batchSize: 16,
      augmentation: { padding: 0, flip: true },
    });
    const accuracy = await model.accuracy(shown);
    assert(accuracy > 0.9, `${accuracy}`);

    const found = await model.attack(shown, pgd);
    assertEquals(found.length, shown.images.length);
    const clean = Float32Array.from(shown.images, (byte) => byte / 255);
    assert(found.every((x, i) => Math.abs(x - clean[i]!) <= 0.9 + 1e-6));
    const robust = await model.accuracy({ ...shown, images: found });
    assert(robust < accuracy, `${robust}`);

    const looked = await model.inspect(shown, { attack: pgd });
    assertEquals([...looked.keys()], [
      "activation",
      "features",
      "activation 2",
      "features 2",
    ]);
    const { shape: extent, values } = looked.get("features 2")!;
    assertEquals(extent, [32, 16]);
    assertEquals(values, await model.features(found));

    const { train, shape } = data.datasetFromArrays({
      name: "own",
      classNames: ["upper", "lower"],
      height: SIDE,
      width: SIDE,
      channels,
      layout: "interleaved",
      train: shown,
      test: shown,
    });
    assertEquals(shape.channels, channels);
    for (const norm of ["linf", "l2"] as const) {
      const { images, stages } = await model.autoAttack(train, {
        norm,
        epsilon: norm === "linf" ? 0.9 : 9,
        attacks: ["apgd-ce", "fab", "square"],
        steps: 4,
        queries: 20,
      });
      assertEquals(images.length, shown.images.length);
      assert(stages.at(-1)!.correct < stages[0]!.correct);
    }
  });
}

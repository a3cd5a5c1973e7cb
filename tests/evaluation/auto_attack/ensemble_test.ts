// Ensembles of attacks on linear classifiers, whose robust images are known, and on
// networks that hide their gradients.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import {
  autoAttack,
  type AutoAttackOptions,
} from "../../../src/methods/attacks/auto_attack.ts";
import { inRounds } from "../../../src/methods/round_attack.ts";
import { l2, linf } from "../../../src/methods/threat_model.ts";
import { Memory } from "../../../src/gpu/memory.ts";
import { type Tensor, Variable } from "../../../src/graph/tensor.ts";
import type { Output } from "../../../src/nn/network.ts";
import { increment } from "../../../src/ops/counter.ts";
import { add, addScalar, mulScalar, sign } from "../../../src/ops/pointwise.ts";
import { normal } from "../../../src/ops/random/random.ts";
import { softmax } from "../../../src/ops/loss/softmax.ts";
import {
  type EnsembleEvaluation,
  evaluateEnsemble,
} from "../../../src/evaluation/auto_attack/ensemble.ts";
import { UploadedBatches } from "../../../src/step/batch_source.ts";
import {
  type EnsembleState,
  stages,
} from "../../../src/runs/ensemble_state.ts";
import {
  LinearClassifier,
  type LinearExamples,
  linearExamples,
  linearExamplesAt,
} from "../../support/linear_classifier.ts";
import { testDevice } from "../../support/check_op.ts";

const SIDE = 6;
const SHAPE = { channels: 3, height: SIDE, width: SIDE } as const;
const NORMS = { linf, l2 };
/** Numbers that are enough for linear classifiers. */
const BUDGET = { steps: 12, targets: 4, queries: 60 };

type Options = Partial<EnsembleEvaluation>;

async function evaluate(
  network: LinearClassifier,
  { images, labels }: Pick<LinearExamples, "images" | "labels">,
  attack: AutoAttackOptions,
  options: Options = {},
): Promise<EnsembleState> {
  using memory = new Memory(await testDevice());
  memory.write(network.weight, network.values);
  return await evaluateEnsemble(memory, {
    network,
    source: new UploadedBatches({ shape: SHAPE, batchSize: 7 })
      .of({ images, labels }),
    ensemble: autoAttack(attack),
    batchSize: 7,
    seed: 1,
    ...options,
  });
}

/** Examples of which half can be broken, none of them barely, and one is mislabeled. */
function halfRobust(network: LinearClassifier, norm: "linf" | "l2") {
  const all = linearExamples(network, { count: 26, norm });
  const sorted = all.radii.toSorted((a, b) => a - b);
  const epsilon = (sorted[12]! + sorted[13]!) / 2;
  const kept = Array.from(all.labels.keys()).filter((n) =>
    Math.abs(all.radii[n]! / epsilon - 1) > 0.03
  );
  const size = all.images.length / all.labels.length;
  const images = Float32Array.from(
    kept.flatMap((n) => [...all.images.slice(n * size, (n + 1) * size)]),
  );
  const labels = Uint32Array.from(kept, (n) => all.labels[n]!);
  labels[3] = (labels[3]! + 1) % network.classes;
  const robust = kept.map((n, i) => i !== 3 && all.radii[n]! > epsilon);
  return { images, labels, epsilon, robust };
}

for (const norm of ["linf", "l2"] as const) {
  Deno.test(`evaluateEnsemble() leaves what is robust in the ${norm} ball, and names who broke the rest`, async () => {
    const network = new LinearClassifier(5, SIDE);
    const { robust, epsilon, ...examples } = halfRobust(network, norm);
    const threat = NORMS[norm](epsilon);
    const state = await evaluate(network, examples, { threat, ...BUDGET });
    assert(state.finished);
    assertEquals(state.verdicts.map((verdict) => verdict === null), robust);
    assertEquals(state.verdicts[3], "clean");
    const names = ["apgd-ce", "apgd-t", "fab-t", "square"];
    const results = stages(state.verdicts, names);
    assertEquals(results.map(({ name }) => name), ["clean", ...names]);
    assertEquals(results[0]!.correct, robust.length - 1);
    assertEquals(results.at(-1)!.correct, robust.filter(Boolean).length);
    assertEquals(state.warnings, []);
  });
}

Deno.test("evaluateEnsemble() goes on after every batch as if it had not been stopped", async () => {
  const network = new LinearClassifier(5, SIDE);
  const { robust: _, epsilon, ...examples } = halfRobust(network, "linf");
  const attack = { threat: linf(epsilon), ...BUDGET, steps: 3 };
  const kept: string[] = [];
  const whole = await evaluate(network, examples, attack, {
    onState: (state) => void kept.push(JSON.stringify(state)),
  });
  const plain = ({ seconds: _, ...state }: EnsembleState) => state;
  assert(kept.length > 15);
  for (const index of [0, 5, kept.length - 2]) {
    const state: EnsembleState = JSON.parse(kept[index]!);
    const resumed = await evaluate(network, examples, attack, { state });
    assertEquals(plain(resumed), plain(whole), `after save ${index}`);
  }
});

Deno.test("evaluateEnsemble() stops at a signal, keeping what is done", async () => {
  const network = new LinearClassifier(5, SIDE);
  const { robust: _, epsilon, ...examples } = halfRobust(network, "linf");
  const attack = { threat: linf(epsilon), ...BUDGET };
  const controller = new AbortController();
  let batches = 0;
  const stopped = await evaluate(network, examples, attack, {
    signal: controller.signal,
    onState: () => {
      if (++batches === 3) controller.abort();
    },
  });
  assertEquals([stopped.finished, batches], [false, 3]);
  assertEquals(stopped.round?.done, 14);
});

Deno.test("evaluateEnsemble() hands out the images that broke", async () => {
  const network = new LinearClassifier(5, SIDE);
  const { robust: _, epsilon, ...examples } = halfRobust(network, "linf");
  const broken = new Map<number, Float32Array>();
  const state = await evaluate(network, examples, {
    threat: linf(epsilon),
    ...BUDGET,
  }, {
    onBroken: (index, image) => broken.set(index, image.slice()),
  });
  const size = 3 * SIDE * SIDE;
  state.verdicts.forEach((verdict, n) => {
    assertEquals(broken.has(n), verdict !== null && verdict !== "clean");
    const image = broken.get(n);
    if (!image) return;
    const z = network.logits(Float32Array.from(image));
    assert(z.indexOf(Math.max(...z)) !== examples.labels[n], `image ${n}`);
    image.forEach((x, i) => {
      const away = Math.abs(x - examples.images[n * size + i]!);
      assert(away <= epsilon + 1e-6, `image ${n}`);
    });
  });
});

/** Logits in steps: their gradient is 0 wherever it exists. */
class Quantized extends LinearClassifier {
  override call(x: Tensor): Output {
    const { logits, features } = super.call(x);
    const steps = Array.from(
      { length: 41 },
      (_, k) => sign(addScalar(logits, (20 - k) / 4)),
    );
    return { logits: steps.reduce((sum, step) => add(sum, step)), features };
  }

  override logits(image: Float32Array<ArrayBuffer>): number[] {
    return super.logits(image).map((z) => {
      let sum = 0;
      for (let k = 0; k < 41; k++) sum += Math.sign(z + (20 - k) / 4);
      return sum;
    });
  }
}

Deno.test("evaluateEnsemble() warns of hidden gradients, which stop Auto-PGD and not Square", async () => {
  const network = new Quantized(3, SIDE);
  const examples = linearExamples(network, { count: 14, norm: "linf" });
  const threat = linf(0.06);
  const names = ["apgd-ce", "apgd-dlr", "square"] as const;
  const state = await evaluate(network, examples, {
    threat,
    attacks: names,
    steps: 5,
    queries: 200,
  });
  const [, ce, dlr, square] = stages(state.verdicts, names);
  assert(square!.correct < dlr!.correct, JSON.stringify([ce, dlr, square]));
  assertStringIncludes(state.warnings.join("\n"), "where its gradient is 0");
  assertStringIncludes(
    state.warnings.join("\n"),
    "Square lowered the robust accuracy by",
  );
});

/** Logits so far apart that the cross-entropy's gradient is 0 in float32. */
class Saturated extends LinearClassifier {
  override call(x: Tensor): Output {
    const { logits, features } = super.call(x);
    return { logits: mulScalar(logits, 1e4), features };
  }
}

Deno.test("evaluateEnsemble() breaks saturated networks, where cross-entropy has no gradient", async () => {
  const network = new Saturated(5, SIDE);
  const { robust, epsilon, ...examples } = halfRobust(network, "linf");
  const names = ["apgd-ce", "apgd-t", "fab-t"] as const;
  const attack = { threat: linf(epsilon), ...BUDGET, attacks: names };
  const state = await evaluate(network, examples, attack);
  const [clean, ce, targeted] = stages(state.verdicts, names);
  assert(ce!.correct > clean!.correct - 4, JSON.stringify(ce));
  assertEquals(targeted!.correct, robust.filter(Boolean).length);
  const alone = await evaluate(network, examples, {
    ...attack,
    attacks: ["fab-t"],
  });
  assertEquals(alone.verdicts.map((verdict) => verdict === null), robust);
});

/** An attack that takes images out of [0, 1]. */
const OUT_OF_RANGE = inRounds({
  name: "brighter",
  rounds: 1,
  passes: () => 1,
  leastClasses: 2,
  round: () => ({
    begin: ({ images }) => ({ images: addScalar(images, 2) }),
  }),
});

Deno.test("evaluateEnsemble() counts no image outside of the ball or [0, 1], and warns", async () => {
  const network = new LinearClassifier(4, SIDE);
  const examples = linearExamples(network, { count: 10, norm: "l2" });
  const wide = { threat: l2(5), attacks: ["apgd-ce"], steps: 5 } as const;
  const broken = await evaluate(network, examples, wide);
  assertEquals(broken.verdicts, Array(10).fill("apgd-ce"));
  for (
    const ensemble of [
      // Its attack moves images by 5.
      { ...autoAttack(wide), threat: l2(1e-3) },
      {
        ...autoAttack({ ...wide, threat: l2(1e3) }),
        members: () => ({ attacks: [OUT_OF_RANGE], warnings: [] }),
      },
    ]
  ) {
    const state = await evaluate(network, examples, wide, { ensemble });
    assertEquals(state.verdicts, Array(10).fill(null));
    assertStringIncludes(state.warnings.join("\n"), "returned 10 images that");
  }
});

/** Noise on the logits, other noise in every pass. */
class Random extends LinearClassifier {
  readonly #passes = new Variable("passes", [], "u32");

  override call(x: Tensor): Output {
    const { logits, features } = super.call(x);
    increment(x.graph, this.#passes);
    const step = x.graph.read(this.#passes);
    const key = { seed: 1, stream: "defense", step };
    const noise = normal(key, logits.shape, { scale: 0.01 });
    return { logits: add(logits, noise), features };
  }
}

/** Probabilities in the place of logits. */
class Probabilities extends LinearClassifier {
  override call(x: Tensor): Output {
    const { logits, features } = super.call(x);
    return { logits: softmax(logits), features };
  }
}

Deno.test("evaluateEnsemble() warns of random outputs and of probabilities", async () => {
  const warnings = async (
    network: LinearClassifier,
    version: "standard" | "rand",
  ) => {
    const examples = linearExamples(network, { count: 9, norm: "linf" });
    const attack = { threat: linf(1e-3), version, attacks: [] };
    const state = await evaluate(network, examples, attack);
    return state.warnings.join("\n");
  };
  const random = new Random(4, SIDE);
  assertStringIncludes(await warnings(random, "standard"), "use version rand");
  assertEquals(await warnings(random, "rand"), "");
  assertStringIncludes(
    await warnings(new Probabilities(4, SIDE), "standard"),
    "look like probabilities",
  );
  assertEquals(await warnings(new LinearClassifier(4, SIDE), "standard"), "");
});

Deno.test("evaluateEnsemble() counts what lies at 0.97 of the radius as broken, however large", async () => {
  for (
    const [norm, side, epsilon] of [["l2", 64, 3], ["l2", 200, 1], [
      "linf",
      64,
      8 / 255,
    ]] as const
  ) {
    const network = new LinearClassifier(2, side);
    const radius = 0.97 * epsilon;
    const at = { count: 6, norm, radius, apart: 2 };
    const examples = linearExamplesAt(network, at);
    using memory = new Memory(await testDevice());
    memory.write(network.weight, network.values);
    const shape = { channels: 3, height: side, width: side } as const;
    const state = await evaluateEnsemble(memory, {
      network,
      source: new UploadedBatches({ shape, batchSize: 3 }).of(examples),
      ensemble: autoAttack({
        threat: NORMS[norm](epsilon),
        attacks: ["apgd-ce"],
        steps: 15,
      }),
      batchSize: 3,
      seed: 1,
    });
    assertEquals(state.warnings, []);
    assertEquals(state.verdicts, Array(6).fill("apgd-ce"));
  }
});

// What holds for every attack, whatever its rule: it stays in the ball and in the
// range of images, raises its surrogate, and is a function of its address.

import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { apgd } from "../../../src/methods/attacks/apgd.ts";
import { apgdTargeted } from "../../../src/methods/attacks/apgd_targeted.ts";
import type { Attack } from "../../../src/methods/attack.ts";
import { curriculumPgd } from "../../../src/methods/attacks/curriculum_pgd.ts";
import { friendlyPgd } from "../../../src/methods/attacks/friendly_pgd.ts";
import { cw } from "../../../src/methods/attacks/cw.ts";
import { fgsm, fgsmRandomStart } from "../../../src/methods/attacks/fgsm.ts";
import { mim } from "../../../src/methods/attacks/mim.ts";
import { type AttackStart, pgd } from "../../../src/methods/attacks/pgd.ts";
import { restarted } from "../../../src/methods/attacks/restarted.ts";
import { square } from "../../../src/methods/attacks/square.ts";
import {
  l2,
  linf,
  type ThreatModel,
} from "../../../src/methods/threat_model.ts";
import { Memory } from "../../../src/gpu/memory.ts";
import { Plan } from "../../../src/gpu/plan.ts";
import { compile } from "../../../src/graph/compile.ts";
import { Graph } from "../../../src/graph/graph.ts";
import { type Tensor, Variable } from "../../../src/graph/tensor.ts";
import { crossEntropy } from "../../../src/nn/losses.ts";
import { materialize } from "../../../src/nn/module.ts";
import { resnet8 } from "../../../src/nn/resnet.ts";
import { store } from "../../../src/ops/store.ts";
import { testDevice } from "../../support/check_op.ts";
import { tintedBatch, writeRebuilt } from "../../support/fixture.ts";

const THREATS: readonly ThreatModel[] = [linf(8 / 255), l2(0.5)];

/** An attack, what to call it, and whether it draws random numbers. */
interface AttackCase {
  readonly name: string;
  readonly attack: Attack;
  readonly random: boolean;
  /** Set where it pursues another goal than the surrogate. */
  readonly stubborn?: true;
}

/** Every attack under one threat model. */
function attacksOn(threat: ThreatModel, stepSize: number): AttackCase[] {
  const from = (start: AttackStart, name: string): AttackCase => ({
    name: `pgd() from ${name}`,
    attack: pgd({ threat, stepSize, steps: 4, start }),
    random: start.kind !== "clean",
  });
  return [
    from({ kind: "clean" }, "clean images"),
    from({ kind: "uniform", clip: true }, "a clipped start"),
    from({ kind: "uniform", clip: false }, "anywhere in the ball"),
    from({ kind: "gaussian", scale: 0.001 }, "a Gaussian start"),
    {
      name: "cw()",
      attack: cw({ threat, stepSize, steps: 4, start: { kind: "clean" } }),
      random: false,
    },
    {
      name: "mim()",
      attack: mim({
        threat,
        stepSize,
        steps: 4,
        start: { kind: "clean" },
        decay: 1,
      }),
      random: false,
    },
    {
      name: "apgd()",
      attack: apgd("ce", { threat, steps: 5, restarts: 2 }),
      random: true,
    },
    {
      name: "apgdTargeted()",
      attack: apgdTargeted({ threat, steps: 5, targets: 2 }),
      random: true,
      stubborn: true,
    },
    {
      name: "square()",
      attack: square({ threat, queries: 5 }),
      random: true,
      stubborn: true,
    },
    {
      name: "restarted()",
      attack: restarted(
        fgsmRandomStart({ threat, stepSize: 3.75 * stepSize }),
        {
          restarts: 2,
        },
      ),
      random: true,
    },
    {
      name: "friendlyPgd()",
      attack: friendlyPgd({
        threat,
        stepSize,
        steps: 4,
        start: { kind: "uniform", clip: true },
        noise: 0.001,
        tauRises: [50, 90],
      }),
      random: true,
    },
    {
      name: "curriculumPgd()",
      attack: curriculumPgd({
        threat,
        stepSize,
        steps: 4,
        start: { kind: "uniform", clip: true },
        level: { from: 0, to: 1, over: 100 },
      }),
      random: true,
    },
    { name: "fgsm()", attack: fgsm({ threat }), random: false },
    {
      name: "fgsmRandomStart()",
      attack: fgsmRandomStart({ threat, stepSize: 3.75 * stepSize }),
      random: true,
    },
  ];
}

const BATCH = tintedBatch(4, 0);
// Some pixels at either end of the range, where clipping matters.
BATCH.images.forEach((_, i) => {
  if (i % 7 === 0) BATCH.images[i] = i % 2;
});

/** What an attack made, and what it was to maximize, (4), there. */
interface Attacked {
  readonly images: Float32Array;
  readonly surrogate: Float32Array;
}

/** Attacks a small network's cross-entropy in each of the given steps of a run. */
async function attackBatch(
  attack: Attack,
  { seed, steps }: { readonly seed: number; readonly steps: readonly number[] },
): Promise<Attacked[]> {
  const device = await testDevice();
  using memory = new Memory(device);
  const network = materialize(resnet8({ classes: 10, width: 4 }), "network");
  writeRebuilt(memory, network);
  const x = new Variable("x", BATCH.shape);
  const labels = new Variable("labels", [4], "u32");
  const step = new Variable("step", [], "u32");
  memory.write(x, BATCH.images);
  memory.write(labels, BATCH.labels);
  const graph = new Graph();
  const logits = (images: Tensor) => network.module.call(images, "eval").logits;
  const surrogate = (images: Tensor) => crossEntropy(logits(images), labels);
  const found = attack.maximize(surrogate, {
    images: graph.read(x),
    labels: graph.read(labels),
    logits,
    random: { seed, stream: "attack", step: graph.read(step) },
  });
  const results = [found, surrogate(found)].map((value) => {
    const result = new Variable("result", value.shape);
    store(value, result);
    return result;
  });
  const program = compile(graph, { ...device.adapter, name: attack.name });
  using plan = await Plan.bind(program, memory);
  const made: Attacked[] = [];
  for (const at of steps) {
    memory.write(step, Uint32Array.of(at));
    plan.run();
    const [images, values] = await memory.read(results);
    made.push({
      images: new Float32Array(images!),
      surrogate: new Float32Array(values!),
    });
  }
  return made;
}

/** The clean images, and the surrogate there. */
async function clean(): Promise<Attacked> {
  const none = pgd({
    threat: linf(0),
    steps: 1,
    stepSize: 0,
    start: { kind: "clean" },
  });
  const [found] = await attackBatch(none, { seed: 1, steps: [0] });
  assertEquals(found!.images, BATCH.images);
  return found!;
}

/** The size of each image's perturbation in the threat model's norm. */
function sizes({ norm }: ThreatModel, images: Float32Array): number[] {
  return [0, 1, 2, 3].map((n) => {
    const own = images.subarray(3072 * n, 3072 * (n + 1));
    const difference = own.map((x, i) => x - BATCH.images[3072 * n + i]!);
    return norm === "l2"
      ? Math.sqrt(difference.reduce((sum, d) => sum + d * d, 0))
      : difference.reduce((most, d) => Math.max(most, Math.abs(d)), 0);
  });
}

for (const threat of THREATS) {
  const { norm, epsilon } = threat;
  for (const one of attacksOn(threat, epsilon / 3)) {
    const { name, attack, random, stubborn } = one;
    Deno.test(`${name} stays in the ${norm} ball and in [0, 1], and reaches the border`, async () => {
      const [found] = await attackBatch(attack, { seed: 1, steps: [0] });
      assert(found!.images.every((x) => x >= 0 && x <= 1));
      const far = sizes(threat, found!.images);
      // Rounding moves x + epsilon by at most half a unit in the last place.
      assert(far.every((size) => size <= epsilon + 1e-6), `${far}`);
      assert(far.every((size) => size >= 0.7 * epsilon), `${far}`);
    });

    const raises =
      `${name} raises its surrogate for every image in the ${norm} ball`;
    if (!stubborn) {
      Deno.test(raises, async () => {
        const before = await clean();
        const [after] = await attackBatch(attack, { seed: 1, steps: [0] });
        after!.surrogate.forEach((value, n) =>
          assert(value > before.surrogate[n]!, `image ${n}`)
        );
      });
    }

    Deno.test(`${name} is a function of seed and step in the ${norm} ball`, async () => {
      const runs = await attackBatch(attack, { seed: 1, steps: [3, 4, 3] });
      const [again] = await attackBatch(attack, { seed: 1, steps: [3] });
      const [other] = await attackBatch(attack, { seed: 2, steps: [3] });
      const [first, next, third] = runs.map(({ images }) => images);
      assertEquals(third, first);
      assertEquals(again!.images, first);
      const compare = random ? assertNotEquals : assertEquals;
      compare(next, first);
      compare(other!.images, first);
    });
  }

  Deno.test(`every attack leaves images as they are in the ${norm} ball of radius 0`, async () => {
    for (const { name, attack } of attacksOn({ linf, l2 }[norm](0), 0.01)) {
      const [found] = await attackBatch(attack, { seed: 1, steps: [0] });
      const far = sizes(threat, found!.images);
      assert(far.every((size) => size <= 1e-6), `${name}: ${far}`);
    }
  });
}

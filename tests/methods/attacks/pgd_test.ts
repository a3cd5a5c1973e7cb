// PGD's iterates against PyTorch, and its end where the worst case is known.

import { assert, assertEquals } from "@std/assert";
import type { Attack } from "../../../src/methods/attack.ts";
import {
  type AttackStart,
  pgd,
  startingPoint,
} from "../../../src/methods/attacks/pgd.ts";
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
import { fill } from "../../../src/ops/fill.ts";
import { multiply } from "../../../src/ops/pointwise.ts";
import type { RandomKey } from "../../../src/ops/random/random.ts";
import { sum } from "../../../src/ops/reduce/reduce.ts";
import { store } from "../../../src/ops/store.ts";
import * as sequence from "../../../src/base/random_sequence.ts";
import { assertClose, testDevice } from "../../support/check_op.ts";
import {
  imagesInPyTorchOrder,
  noiseBatch,
  uniformStart,
  writeRebuilt,
} from "../../support/fixture.ts";
import { readFixture } from "../../support/read_fixture.ts";
import { runOnDevice, u32Scalar } from "../../support/run_on_device.ts";
import { pgdFrom } from "../../support/given_start.ts";
import { blindInputs } from "../../support/blind_inputs.ts";

const FIXTURE = readFixture("pgd");
const DRAW = FIXTURE.get("draw")!.values[0]!;
const BATCH = noiseBatch(8, DRAW);
const START = uniformStart(BATCH, { epsilon: 8 / 255, draw: DRAW });

/** The recorded attack under a norm, cut after a number of steps. */
function recordedAttack(
  norm: "linf" | "l2",
  { steps, start }: { readonly steps: number; readonly start: Tensor },
): Attack {
  return norm === "linf"
    ? pgdFrom({ threat: linf(8 / 255), stepSize: 2 / 255, steps, start })
    : pgd({
      threat: l2(0.5),
      // After no steps everything is where a step of no length leaves it.
      stepSize: steps === 0 ? 0 : 0.1,
      steps: Math.max(1, steps),
      start: { kind: "clean" },
    });
}

/** Images and losses of the recorded attack after some steps on this device. */
async function attackResNet8(
  norm: "linf" | "l2",
  steps: number,
): Promise<{ images: Float32Array<ArrayBuffer>; loss: Float32Array }> {
  const device = await testDevice();
  using memory = new Memory(device);
  const network = materialize(resnet8({ classes: 10 }), "network");
  writeRebuilt(memory, network);
  const [x, start] = ["x", "start"].map((name) =>
    new Variable(name, BATCH.shape)
  );
  const labels = new Variable("labels", [8], "u32");
  memory.write(x!, BATCH.images);
  memory.write(start!, START);
  memory.write(labels, BATCH.labels);
  const graph = new Graph();
  const logits = (images: Tensor) => network.module.call(images, "eval").logits;
  const surrogate = (images: Tensor) => crossEntropy(logits(images), labels);
  const attack = recordedAttack(norm, { steps, start: graph.read(start!) });
  const found = attack.maximize(surrogate, {
    images: graph.read(x!),
    labels: graph.read(labels),
    logits,
    random: keyOf(graph.read(new Variable("step", [], "u32"))),
  });
  const results = [found, surrogate(found)].map((value) => {
    const result = new Variable("result", value.shape);
    store(value, result);
    return result;
  });
  const program = compile(graph, { ...device.adapter, name: attack.name });
  using plan = await Plan.bind(program, memory);
  plan.run();
  const [images, loss] = await memory.read(results);
  return {
    images: imagesInPyTorchOrder(new Float32Array(images!), BATCH.shape),
    loss: new Float32Array(loss!),
  };
}

function keyOf(step: Tensor): RandomKey {
  return { seed: 1, stream: "attack", step };
}

for (const norm of ["linf", "l2"] as const) {
  Deno.test(`pgd() takes PyTorch's ten steps in the ${norm} ball`, async () => {
    const expected = FIXTURE.get(`${norm}/loss`)!.values;
    for (const steps of [0, 1, 2, 5, 10]) {
      const { images, loss } = await attackResNet8(norm, steps);
      // PyTorch's own float32 is within 3e-7 of float64, and its images too.
      assertClose(loss, expected.slice(8 * steps, 8 * steps + 8), {
        what: `loss after ${steps} steps`,
        tolerance: 2e-6,
      });
      if (steps < 10) continue;
      assertClose(images, FIXTURE.get(`${norm}/images`)!.values, {
        what: "images",
        tolerance: 1e-6,
      });
    }
  });
}

// A linear surrogate s(x) = w · x has its worst case in closed form.

const SHAPE = [3, 4, 4, 3];
const SIZE = 48;
const random = (stream: string, count: number): Float32Array<ArrayBuffer> =>
  sequence.uniform({ seed: 5, stream, step: 0 }, count);
const WEIGHTS = random("weights", SIZE).map((u) => u - 0.5);
const IMAGES = random("images", 3 * SIZE);

/** What an attack on the linear surrogate makes of the images. */
async function attackLinear(
  attack: Attack,
  images = IMAGES,
): Promise<Float32Array> {
  const x = new Variable("x", SHAPE);
  const w = new Variable("w", [1, 4, 4, 3]);
  const [step, zero] = u32Scalar("step", 0);
  const [found] = await runOnDevice(
    [[x, images], [w, WEIGHTS], [step, zero]],
    (graph) => [
      attack.maximize(
        (x) => sum(multiply(x, w), { start: 1 }),
        blindInputs({
          images: graph.read(x),
          random: keyOf(graph.read(step)),
        }),
      ),
    ],
  );
  return new Float32Array(found!);
}

Deno.test("pgd() ends at the worst case of a linear surrogate in the linf ball", async () => {
  const epsilon = 0.1;
  const worst = IMAGES.map((x, i) => {
    const moved = x + epsilon * Math.sign(WEIGHTS[i % SIZE]!);
    return Math.min(1, Math.max(0, moved));
  });
  const threat = linf(epsilon);
  const starts = [
    { kind: "clean" },
    { kind: "uniform", clip: true },
    { kind: "uniform", clip: false },
    { kind: "gaussian", scale: 0.01 },
  ] as const;
  for (const start of starts) {
    // Ten steps of epsilon / 4 cross the ball from any start.
    const attack = pgd({ threat, steps: 10, stepSize: epsilon / 4, start });
    assertClose(await attackLinear(attack), worst, {
      what: start.kind,
      tolerance: 1e-6,
    });
  }
});

Deno.test("pgd() ends at the worst case of a linear surrogate in the l2 ball", async () => {
  const epsilon = 0.2;
  // Away from 0 and 1, so that the ball alone bounds the images.
  const images = IMAGES.map((x) => 0.3 + 0.4 * x);
  const length = Math.hypot(...WEIGHTS);
  const worst = images.map((x, i) => x + epsilon * WEIGHTS[i % SIZE]! / length);
  for (const kind of ["clean", "uniform"] as const) {
    const start = kind === "clean" ? { kind } : { kind, clip: true };
    // Each step turns towards the gradient; far beyond the ball it is all of it.
    const attack = pgd({ threat: l2(epsilon), steps: 3, stepSize: 1e4, start });
    assertClose(await attackLinear(attack, images), worst, {
      what: kind,
      tolerance: 3e-5, // 1e-4 of the start is left after the first step.
    });
  }
});

Deno.test("pgd() stays where its surrogate is flat", async () => {
  for (const threat of [linf(0.1), l2(0.5)] satisfies ThreatModel[]) {
    const attack = pgd({
      threat,
      steps: 3,
      stepSize: 0.05,
      start: { kind: "clean" },
    });
    const x = new Variable("x", SHAPE);
    const [step, zero] = u32Scalar("step", 0);
    const [found] = await runOnDevice(
      [[x, IMAGES], [step, zero]],
      (graph) => [
        attack.maximize(
          (x) => fill(x.graph, { shape: [3], value: 1 }),
          blindInputs({
            images: graph.read(x),
            random: keyOf(graph.read(step)),
          }),
        ),
      ],
    );
    assertClose(new Float32Array(found!), IMAGES, {
      what: threat.norm,
      tolerance: 1e-7,
    });
  }
});

Deno.test("startingPoint() gives the images, or draws from the ball", async () => {
  const startOnly = (start: AttackStart): Attack => ({
    name: "start",
    maximize: (_, inputs) =>
      startingPoint(inputs, { threat: linf(0.1), start }),
  });
  const clean = await attackLinear(startOnly({ kind: "clean" }));
  assertEquals(clean, IMAGES);
  const found = await attackLinear(startOnly({ kind: "uniform", clip: false }));
  const address = { seed: 1, stream: "attack", step: 0 };
  const u = sequence.uniform(address, IMAGES.length);
  const expected = IMAGES.map((x, i) => x + 0.1 * (2 * u[i]! - 1));
  assertClose(found, expected, { what: "start", tolerance: 1e-6 });
});

Deno.test("startingPoint() clips where asked to, and only there", async () => {
  const threat = linf(0.4);
  const x = new Variable("x", SHAPE);
  const [step, zero] = u32Scalar("step", 0);
  const found = await runOnDevice([[x, IMAGES], [step, zero]], (graph) => {
    const inputs = {
      images: graph.read(x),
      random: keyOf(graph.read(step)),
    };
    return ([
      { kind: "clean" },
      { kind: "uniform", clip: true },
      { kind: "uniform", clip: false },
      { kind: "gaussian", scale: 0.3 },
    ] as const).map((start) => startingPoint(inputs, { threat, start }));
  });
  const [clean, clipped, free, gaussian] = found.map((bytes) =>
    new Float32Array(bytes)
  );
  assertEquals(clean, IMAGES);
  const outside = (images: Float32Array) => images.some((x) => x < 0 || x > 1);
  assertEquals(
    [clipped!, free!, gaussian!].map(outside),
    [false, true, true],
  );
  assertEquals(clipped, free!.map((x) => Math.min(1, Math.max(0, x))));
  assert(free!.every((x, i) => Math.abs(x - IMAGES[i]!) <= 0.4 + 1e-6));
  const z = sequence.normal(
    { seed: 1, stream: "attack", step: 0 },
    IMAGES.length,
  );
  assertClose(gaussian!, IMAGES.map((x, i) => x + 0.3 * z[i]!), {
    what: "Gaussian start",
    tolerance: 1e-5,
  });
});

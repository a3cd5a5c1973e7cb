// What the field trains with, against PyTorch: AdamW, smoothed labels, averages of weights
// and their running statistics; and Cutout's masks against its authors' code. `tests/fixtures/make_field.py` makes what is compared with.

import { assertAlmostEquals, assertEquals } from "@std/assert";
import { constant } from "../../src/nn/initializers.ts";
import { crossEntropy, smoothedTargets } from "../../src/nn/losses.ts";
import { Buffer, materialize, Module, Parameter } from "../../src/nn/module.ts";
import { BatchNorm2d, type Mode } from "../../src/nn/layers.ts";
import type { Network } from "../../src/nn/network.ts";
import {
  type AveragingConfig,
  averagingWeight,
} from "../../src/config/averaging.ts";
import { store } from "../../src/ops/store.ts";
import { averageStudent } from "../../src/step/average_student.ts";
import { Controls } from "../../src/step/controls.ts";
import { traceStatistics } from "../../src/step/recomputed_statistics.ts";
import { type Tensor, Variable } from "../../src/graph/tensor.ts";
import { gatherAugment } from "../../src/ops/gather_augment.ts";
import { grad } from "../../src/ops/grad.ts";
import { mean } from "../../src/ops/reduce/reduce.ts";
import { TrainedNetwork } from "../../src/step/trained_network.ts";
import { runOnDevice, u32Scalar } from "../support/run_on_device.ts";
import field from "../fixtures/field.json" with { type: "json" };

function assertNear(
  found: ArrayBuffer,
  expected: readonly number[],
  tolerance = 1e-6,
): void {
  const values = [...new Float32Array(found)];
  assertEquals(values.length, expected.length);
  values.forEach((value, i) =>
    assertAlmostEquals(value, expected[i]!, tolerance)
  );
}

/** A weight and a bias. */
class Affine extends Module {
  readonly weight = new Parameter("weight", [2, 3], constant(0));
  readonly bias = new Parameter("bias", [3], constant(0));
}

for (const [name, run] of Object.entries(field.adamw)) {
  Deno.test(`AdamW takes the steps that PyTorch takes: ${name}`, async () => {
    const network = new TrainedNetwork(materialize(new Affine(), name));
    const parameters = network.parameters;
    const { betas: [beta1, beta2], eps: epsilon, weight_decay } = run;
    const optimizer = {
      kind: "adamw",
      beta1: beta1!,
      beta2: beta2!,
      epsilon,
      weightDecay: weight_decay,
      decay: run.decay as "all" | "weights",
    } as const;
    const parts = (values: readonly number[]) => [
      Float32Array.from(values.slice(0, 6)),
      Float32Array.from(values.slice(6)),
    ];
    const contents = parts(run.start).map((values, i) =>
      [parameters[i]!, values] as [Variable, BufferSource]
    );
    const given = (name: string, shape: number[], values: Float32Array) => {
      const variable = new Variable(name, shape);
      contents.push([variable, new Float32Array(values)]);
      return variable;
    };
    const scalar = (name: string, value: number) =>
      given(name, [], Float32Array.of(value));
    const slice = (flat: Variable) =>
      parameters.map((one) => flat.slice(one.name, one.byteOffset, one));
    const found = await runOnDevice(contents, (graph) => {
      run.steps.forEach(({ rate, gradients }, t) => {
        const own = parts(gradients).map((values, i) =>
          graph.read(given("gradient", [...parameters[i]!.shape], values))
        );
        const correction = (beta: number) =>
          graph.read(scalar("correction", 1 - beta ** (t + 1)));
        const corrections = [correction(beta1!), correction(beta2!)] as const;
        network.descend(own, {
          learningRate: graph.read(scalar("rate", rate)),
          optimizer: { ...optimizer, corrections },
        });
      });
      const { velocity, squares } = network;
      return [...parameters, ...slice(velocity), ...slice(squares!)];
    });
    const last = run.steps.at(-1)!;
    [last.parameters, last.moments, last.squares].forEach((values, i) =>
      parts(values).forEach((part, k) =>
        assertNear(found[2 * i + k]!, [...part])
      )
    );
  });
}

Deno.test("smoothedTargets() gives CrossEntropyLoss(label_smoothing) of PyTorch", async () => {
  const { smoothing, logits, labels, losses, gradient } = field.smoothing;
  const z = new Variable("logits", [4, 5]);
  const y = new Variable("labels", [4], "u32");
  const contents = [
    [z, Float32Array.from(logits)],
    [y, Uint32Array.from(labels)],
  ] as const;
  const [found, slope] = await runOnDevice(contents, (graph) => {
    const x = graph.read(z);
    const targets = smoothedTargets(graph.read(y), { classes: 5, smoothing });
    const each = crossEntropy(x, targets);
    return [each, grad(mean(each), [x])[0]!];
  });
  assertNear(found!, losses, 2e-6);
  assertNear(slope!, gradient);
});

Deno.test("gatherAugment() erases the squares that Cutout's authors erase", async () => {
  const { images, height, width, cutout, seed, stream, step, masks } =
    field.cutout;
  const values = images * height * width;
  const variables = {
    images: new Variable("images", [values / 4], "u32"),
    labels: new Variable("labels", [images], "u32"),
    order: new Variable("order", [images], "u32"),
  };
  const position = u32Scalar("position", 0);
  const time = u32Scalar("step", step);
  const contents = [
    [variables.images, new Uint32Array(values / 4).fill(0xffffffff)],
    [variables.order, Uint32Array.from({ length: images }, (_, i) => i)],
    position,
    time,
  ] as const;
  const [found] = await runOnDevice(contents, (graph) => {
    const source = { ...variables, position: graph.read(position[0]) };
    const key = { seed, stream, step: graph.read(time[0]) };
    const augmentation = { padding: 0, flip: false, cutout, key };
    const shape = { batch: images, height, width, channels: 1 };
    return [gatherAugment(source, { ...shape, augmentation }).x];
  });
  assertEquals([...new Float32Array(found!)], masks);
});

/** A parameter and a buffer, as in the script. */
class Held extends Module {
  readonly weight = new Parameter("weight", [3], constant(0));
  readonly running = new Buffer("running", [3], constant(0));
}

const AVERAGES: Readonly<
  Record<keyof typeof field.average, { averaging: AveragingConfig }>
> = {
  ema: { averaging: { kind: "ema", decay: 0.9 } },
  emaOfBuffers: {
    averaging: { kind: "ema", decay: 0.9, statistics: "averaged" },
  },
  swa: { averaging: { kind: "swa", fromEpoch: 1, every: 1 } },
};

for (const [name, method] of Object.entries(AVERAGES)) {
  Deno.test(`weights are averaged as by AveragedModel: ${name}`, async () => {
    const held = (name: string) =>
      new TrainedNetwork(materialize(new Held(), name)) as TrainedNetwork<
        Module
      > as TrainedNetwork;
    const [student, average] = [held("student"), held("average")];
    const controls = new Controls();
    const contents: [Variable, BufferSource][] = [];
    const set = (variable: Variable, values: readonly number[]) => {
      const given = new Variable("given", variable.shape);
      contents.push([given, Float32Array.from(values)]);
      return given;
    };
    const variablesOf = ({ materialized }: TrainedNetwork) => {
      const { weight, running } = materialized.module as Network & Held;
      return [weight, running] as const;
    };
    const steps = field.average[name as keyof typeof AVERAGES].steps;
    const found = await runOnDevice(
      contents,
      (graph) =>
        steps.flatMap(({ parameters, buffers }, step) => {
          const weight = averagingWeight(method.averaging, {
            step,
            stepsPerEpoch: 10,
          });
          const given = (variable: Variable, values: readonly number[]) =>
            store(graph.read(set(variable, values)), variable);
          const [own, running] = variablesOf(student);
          given(own, parameters);
          given(running, buffers);
          given(controls.averageWeight, [weight]);
          averageStudent(graph, { student, average, method, controls });
          return variablesOf(average).map((variable) => {
            const copy = new Variable("copy", [3]);
            store(graph.read(variable), copy);
            return copy;
          });
        }),
    );
    steps.forEach((step, i) => {
      assertNear(found[2 * i]!, step.average);
      // Those of SWA are computed anew instead.
      if (name !== "swa") assertNear(found[2 * i + 1]!, step.averageBuffers);
    });
  });
}

Deno.test("running statistics are computed anew as by update_bn", async () => {
  const { batches, mean, variance } = field.statistics;
  const norm = new BatchNorm2d(3);
  const network = materialize(norm, "network");
  const total = new Variable("mean", network.buffers!.shape);
  const contents: [Variable, BufferSource][] = [];
  const given = (shape: number[], values: readonly number[]) => {
    const variable = new Variable("given", shape);
    contents.push([variable, Float32Array.from(values)]);
    return variable;
  };
  const module = {
    call(x: Tensor, mode: Mode) {
      norm.call(x, { mode });
    },
  } as unknown as Network;
  const found = await runOnDevice(contents, (graph) => {
    batches.forEach((values, i) => {
      const images = graph.read(given([values.length / 12, 2, 2, 3], values));
      const weight = graph.read(given([], [1 / (i + 1)]));
      const { buffers } = network;
      traceStatistics(images, {
        network: { module, buffers },
        mean: total,
        weight,
      });
    });
    return [norm.running_mean, norm.running_var];
  });
  assertNear(found[0]!, mean);
  assertNear(found[1]!, variance, 3e-6);
});

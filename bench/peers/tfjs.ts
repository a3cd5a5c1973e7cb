// TensorFlow.js on WebGPU or WebAssembly. It has no compilation: operations run one
// by one as they are called, and gradients come from a tape. Its layouts are ours.

import * as tf from "@tensorflow/tfjs";
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import "@tensorflow/tfjs-backend-webgpu";
import { fractionValue } from "../../src/config/experiment.ts";
import { meanMagnitude } from "../bound_workload.ts";
import {
  ATTACK,
  type Convolution,
  type HostTensor,
  networkInputs,
  operandsOf,
  outputSide,
  STEP,
  W1,
  W2,
  W2B,
} from "../inputs.ts";
import { adapterText, type Prepared, serve } from "./contender.ts";

type Tensors = Record<string, tf.Tensor>;

const EPSILON = 1e-5;
const STATISTICS_MOMENTUM = 0.1;

const backend = Deno.args[1] as "webgpu" | "wasm";
setWasmPaths(
  new URL(
    "node_modules/@tensorflow/tfjs-backend-wasm/dist/",
    import.meta.url,
  ).pathname,
);
if (!await tf.setBackend(backend)) {
  throw new Error(`The backend ${backend} does not start`);
}
await serve({
  describe: async () =>
    backend === "webgpu" ? await adapterText() : "WebAssembly, 1 thread",
  prepare(name) {
    const prepare = {
      "W1": matmul,
      "W2": () => convolution(W2, "forward"),
      "W2b": () => convolution(W2B, "forward"),
      "W3 dX": () => convolution(W2, "input gradient"),
      "W3 dW": () => convolution(W2, "weight gradient"),
      "F": forward,
      "W4": step,
      "W5": attack,
    };
    return Promise.resolve(prepare[name]());
  },
});
Deno.exit();

function put<T extends tf.Tensor = tf.Tensor>(
  { shape, values }: HostTensor,
): T {
  return tf.tensor(values, [...shape]) as T;
}

/** Waits for the operations called so far; on WebAssembly they are done. */
async function finished(): Promise<void> {
  if (backend === "wasm") return;
  const device = tf.backend() as WebGPUBackend;
  device.ensureCommandEncoderReady();
  device.endComputePassEncoder();
  device.submitQueue();
  await device.queue.onSubmittedWorkDone();
}

/** Each run replaces the result of the one before. */
function repeated(compute: () => tf.Tensor): Prepared {
  let result: tf.Tensor | null = null;
  return {
    run() {
      result?.dispose();
      result = tf.tidy(compute);
    },
    finished,
    answer: async () => meanMagnitude(await result!.data()),
  };
}

function matmul(): Prepared {
  const { x, w } = operandsOf(W1);
  const shape = [W1.C, W1.K];
  const [a, b] = [put({ shape, values: x }), put({ shape, values: w })];
  return repeated(() => tf.matMul(a, b));
}

function convolution(
  sizes: Convolution,
  pass: "forward" | "input gradient" | "weight gradient",
): Prepared {
  const { N, H, C, K, R, stride, padding } = sizes;
  const side = outputSide(sizes);
  const values = operandsOf(sizes);
  const filterShape: [number, number, number, number] = [R, R, C, K];
  const x = put<tf.Tensor4D>({ shape: [N, H, H, C], values: values.x });
  const w = put<tf.Tensor4D>({ shape: filterShape, values: values.w });
  const dy = put<tf.Tensor4D>({ shape: [N, side, side, K], values: values.dy });
  switch (pass) {
    case "forward":
      return repeated(() => tf.conv2d(x, w, stride, padding));
    case "input gradient":
      return repeated(() =>
        tf.conv2dTranspose(dy, w, [N, H, H, C], stride, padding)
      );
    case "weight gradient":
      // Not among the public operations: what the tape calls.
      return repeated(() =>
        tf.engine().runKernel("Conv2DBackpropFilter", { x, dy }, {
          strides: [stride, stride],
          pad: padding,
          dataFormat: "NHWC",
          dimRoundingMode: "floor",
          filterShape,
        }) as tf.Tensor
      );
  }
}

/** The running statistics after a step; null in eval mode. */
type Moved = Tensors | null;

function batchNorm(
  x: tf.Tensor4D,
  { name, state, moved }: {
    readonly name: string;
    readonly state: Tensors;
    readonly moved: Moved;
  },
): tf.Tensor4D {
  const own = (field: string) => state[`${name}.${field}`] as tf.Tensor1D;
  const [weight, bias] = [own("weight"), own("bias")];
  let mean = own("running_mean"), variance = own("running_var");
  if (moved) {
    const batch = tf.moments(x, [0, 1, 2]);
    const move = (old: tf.Tensor, now: tf.Tensor) =>
      tf.keep(tf.add(
        tf.mul(old, 1 - STATISTICS_MOMENTUM),
        tf.mul(now, STATISTICS_MOMENTUM),
      ));
    moved[`${name}.running_mean`] = move(mean, batch.mean);
    moved[`${name}.running_var`] = move(variance, batch.variance);
    mean = batch.mean as tf.Tensor1D;
    variance = batch.variance as tf.Tensor1D;
  }
  return tf.batchNorm4d(x, mean, variance, bias, weight, EPSILON);
}

/** ResNet-8's logits. */
function logits(
  images: tf.Tensor4D,
  state: Tensors,
  moved: Moved = null,
): tf.Tensor2D {
  const conv = (x: tf.Tensor4D, name: string, stride = 1, padding = 1) =>
    tf.conv2d(
      x,
      state[`${name}.weight`] as tf.Tensor4D,
      stride,
      padding,
      "NHWC",
      [1, 1],
      "floor",
    );
  const norm = (x: tf.Tensor4D, name: string) =>
    batchNorm(x, { name, state, moved });
  let y = tf.relu(norm(conv(images, "conv1"), "bn1"));
  for (const [index, stride] of [1, 2, 2].entries()) {
    const block = `layer${index + 1}.0`;
    const inner = tf.relu(
      norm(conv(y, `${block}.conv1`, stride), `${block}.bn1`),
    );
    const residual = stride === 1 ? y : norm(
      conv(y, `${block}.shortcut.0`, stride, 0),
      `${block}.shortcut.1`,
    );
    const outer = norm(conv(inner, `${block}.conv2`), `${block}.bn2`);
    y = tf.relu(tf.add(outer, residual));
  }
  const features = tf.mean(y, [1, 2]) as tf.Tensor2D;
  const weight = state["linear.weight"] as tf.Tensor2D;
  return tf.add(tf.matMul(features, weight), state["linear.bias"]!);
}

/** Cross-entropy per image; labels are one-hot. */
function crossEntropy(logits: tf.Tensor2D, labels: tf.Tensor): tf.Tensor {
  return tf.neg(tf.sum(tf.mul(tf.logSoftmax(logits), labels), -1));
}

/** The batch and the network's state on the device. */
function inputsOnDevice(): {
  readonly images: tf.Tensor4D;
  readonly labels: tf.Tensor;
  readonly state: Tensors;
} {
  const { batch, side, classes } = STEP;
  const { images, labels, state } = networkInputs();
  return {
    images: put({ shape: [batch, side, side, 3], values: images }),
    labels: tf.oneHot(tf.tensor1d(labels, "int32"), classes),
    state: Object.fromEntries(
      [...state].map(([name, tensor]) => [name, put(tensor)]),
    ),
  };
}

function forward(): Prepared {
  const { images, state } = inputsOnDevice();
  return repeated(() => logits(images, state));
}

function step(): Prepared {
  const { learningRate, momentum, weightDecay } = STEP;
  const { images, labels, state } = inputsOnDevice();
  const parameters: Record<string, tf.Variable> = {};
  const velocity: Record<string, tf.Variable> = {};
  for (const [name, tensor] of Object.entries(state)) {
    if (name.includes("running")) continue;
    parameters[name] = tf.variable(tensor, true, name);
    velocity[name] = tf.variable(tf.zerosLike(tensor), false);
  }
  let loss: tf.Scalar | null = null;
  const run = () => {
    const moved: Tensors = {};
    const { value, grads } = tf.variableGrads(
      () =>
        tf.mean(crossEntropy(
          logits(images, { ...state, ...parameters }, moved),
          labels,
        )),
      Object.values(parameters),
    );
    for (const [name, parameter] of Object.entries(parameters)) {
      tf.tidy(() => {
        const decay = tf.mul(parameter, weightDecay);
        const gradient = tf.add(grads[name]!, decay);
        const speed = tf.add(tf.mul(velocity[name]!, momentum), gradient);
        velocity[name]!.assign(speed);
        parameter.assign(tf.sub(parameter, tf.mul(speed, learningRate)));
      });
    }
    for (const [name, statistic] of Object.entries(moved)) {
      state[name]!.dispose();
      state[name] = statistic;
    }
    loss?.dispose();
    loss = value;
    tf.dispose(grads);
  };
  return { run, finished, answer: async () => (await loss!.data())[0]! };
}

function attack(): Prepared {
  const { images, labels, state } = inputsOnDevice();
  const epsilon = fractionValue(ATTACK.epsilon);
  const stepSize = fractionValue(ATTACK.stepSize);
  const gradientOf = tf.grad((x) =>
    tf.sum(crossEntropy(logits(x as tf.Tensor4D, state), labels))
  );
  return repeated(() => {
    let x: tf.Tensor = images;
    for (let i = 0; i < ATTACK.steps; i++) {
      x = tf.tidy(() => {
        const moved = tf.add(x, tf.mul(tf.sign(gradientOf(x)), stepSize));
        const delta = tf.clipByValue(tf.sub(moved, images), -epsilon, epsilon);
        return tf.clipByValue(tf.add(images, delta), 0, 1);
      });
    }
    return tf.sub(x, images);
  });
}

// jax-js on WebGPU: its convolutions and its gradients, compiled by its `jit` as a
// whole step, or as one iteration of the attack that is called ten times. Batch norm
// is written out, since the library has none. Every function takes ownership of its
// arguments, so that whatever is used twice is used as `.ref` first.

import {
  blockUntilReady,
  defaultDevice,
  grad,
  init,
  jit,
  lax,
  nn,
  numpy as np,
  tree,
  valueAndGrad,
} from "@jax-js/jax";
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
import { channelsFirst, filtersFirst } from "./layouts.ts";

type Arrays = { [name: string]: np.Array };

const EPSILON = 1e-5;
const STATISTICS_MOMENTUM = 0.1;

await init("webgpu");
defaultDevice("webgpu");
await serve({
  describe: adapterText,
  prepare(name) {
    switch (name) {
      case "W1":
        return matmul();
      case "W2":
        return convolution(W2, "forward");
      case "W2b":
        return convolution(W2B, "forward");
      case "W3 dX":
        return convolution(W2, "input gradient");
      case "W3 dW":
        return convolution(W2, "weight gradient");
      case "F":
        return forward();
      case "W4":
        return step();
      case "W5":
        return attack();
    }
  },
});
Deno.exit();

function put({ shape, values }: HostTensor): np.Array {
  return np.array(values, { shape: [...shape] });
}

/** A function of arrays that stay: each run replaces the result of the one before. */
async function repeated(
  inputs: readonly np.Array[],
  compute: (...inputs: np.Array[]) => np.Array,
): Promise<Prepared> {
  await blockUntilReady([...inputs]);
  let result: np.Array | null = null;
  return {
    run() {
      result?.dispose();
      result = compute(...inputs.map((input) => input.ref));
    },
    async finished() {
      await blockUntilReady(result);
    },
    answer: async () => meanMagnitude(await result!.ref.data() as Float32Array),
  };
}

function matmul(): Promise<Prepared> {
  const { x, w } = operandsOf(W1);
  const shape = [W1.C, W1.K];
  return repeated(
    [put({ shape, values: x }), put({ shape, values: w })],
    jit((x: np.Array, w: np.Array) => np.matmul(x, w)),
  );
}

function convolution(
  sizes: Convolution,
  pass: "forward" | "input gradient" | "weight gradient",
): Promise<Prepared> {
  const { N, H, C, K, R, stride, padding } = sizes;
  const side = outputSide(sizes);
  const values = operandsOf(sizes);
  const x = put(channelsFirst({ shape: [N, H, H, C], values: values.x }));
  const w = put(filtersFirst({ shape: [R, R, C, K], values: values.w }));
  const dy = put(channelsFirst({
    shape: [N, side, side, K],
    values: values.dy,
  }));
  const forward = (x: np.Array, w: np.Array) =>
    convolve(x, w, { stride, padding });
  if (pass === "forward") return repeated([x, w], jit(forward));
  const weighted = (x: np.Array, w: np.Array, dy: np.Array) =>
    np.sum(forward(x, w).mul(dy));
  const argnums = pass === "input gradient" ? 0 : 1;
  return repeated([x, w, dy], jit(grad(weighted, { argnums })));
}

function convolve(
  x: np.Array,
  w: np.Array,
  { stride, padding }: { readonly stride: number; readonly padding: number },
): np.Array {
  const sides: [number, number][] = [[padding, padding], [padding, padding]];
  return lax.convGeneralDilated(x, w, [stride, stride], sides);
}

/** How batch norm behaves; in training it collects the new running statistics. */
type Mode = { readonly statistics: Arrays } | "eval";

/** (C) as (1, C, 1, 1). */
function perChannel(values: np.Array): np.Array {
  return values.reshape([1, -1, 1, 1]);
}

function batchNorm(
  x: np.Array,
  { name, state, mode }: {
    readonly name: string;
    readonly state: Arrays;
    readonly mode: Mode;
  },
): np.Array {
  const own = (field: string) => state[`${name}.${field}`]!;
  const [weight, bias] = [own("weight"), own("bias")];
  let mean = own("running_mean"), variance = own("running_var");
  if (mode !== "eval") {
    const old = { mean, variance };
    mean = np.mean(x.ref, [0, 2, 3]);
    const centered = x.ref.sub(perChannel(mean.ref));
    variance = np.mean(np.square(centered), [0, 2, 3]);
    const moved = (old: np.Array, now: np.Array) =>
      old.mul(1 - STATISTICS_MOMENTUM).add(
        lax.stopGradient(now).mul(STATISTICS_MOMENTUM),
      );
    mode.statistics[`${name}.running_mean`] = moved(old.mean, mean.ref);
    mode.statistics[`${name}.running_var`] = moved(old.variance, variance.ref);
  }
  const scale = weight.div(np.sqrt(variance.add(EPSILON)));
  const shift = bias.sub(mean.mul(scale.ref));
  return x.mul(perChannel(scale)).add(perChannel(shift));
}

/** ResNet-8's logits; consumes the images and the state. */
function logits(x: np.Array, state: Arrays, mode: Mode): np.Array {
  const conv = (x: np.Array, name: string, stride = 1, padding = 1) =>
    convolve(x, state[`${name}.weight`]!, { stride, padding });
  const norm = (x: np.Array, name: string) =>
    batchNorm(x, { name, state, mode });
  let y = nn.relu(norm(conv(x, "conv1"), "bn1"));
  for (const [index, stride] of [1, 2, 2].entries()) {
    const block = `layer${index + 1}.0`;
    const inner = nn.relu(
      norm(conv(y.ref, `${block}.conv1`, stride), `${block}.bn1`),
    );
    const residual = stride === 1 ? y : norm(
      conv(y, `${block}.shortcut.0`, stride, 0),
      `${block}.shortcut.1`,
    );
    const outer = norm(conv(inner, `${block}.conv2`), `${block}.bn2`);
    y = nn.relu(outer.add(residual));
  }
  const features = np.mean(y, [2, 3]);
  return np.matmul(features, state["linear.weight"]!)
    .add(state["linear.bias"]!);
}

/** Cross-entropy per image; labels are one-hot. */
function crossEntropy(logits: np.Array, labels: np.Array): np.Array {
  return np.sum(nn.logSoftmax(logits, -1).mul(labels), -1).neg();
}

/** The batch and the network's state on the device. */
function inputsOnDevice(): {
  readonly images: np.Array;
  readonly labels: np.Array;
  readonly parameters: Arrays;
  readonly statistics: Arrays;
} {
  const { batch, side, classes } = STEP;
  const { images, labels, state } = networkInputs();
  const shape = [batch, side, side, 3];
  const parameters: Arrays = {}, statistics: Arrays = {};
  for (const [name, tensor] of state) {
    const group = name.includes("running") ? statistics : parameters;
    group[name] = put(
      tensor.shape.length === 4 ? filtersFirst(tensor) : tensor,
    );
  }
  const oneHot = new Float32Array(batch * classes);
  labels.forEach((label, i) => oneHot[i * classes + label] = 1);
  return {
    images: put(channelsFirst({ shape, values: images })),
    labels: put({ shape: [batch, classes], values: oneHot }),
    parameters,
    statistics,
  };
}

function forward(): Promise<Prepared> {
  const { images, parameters, statistics } = inputsOnDevice();
  const state = { ...parameters, ...statistics };
  const compiled = jit((x: np.Array, state: Arrays) =>
    logits(x, state, "eval")
  );
  return repeated([images], (x) => compiled(x, tree.ref(state)));
}

/** Loss and new parameters, velocity and statistics of one step of descent. */
function descend(
  [parameters, velocity, statistics]: [Arrays, Arrays, Arrays],
  images: np.Array,
  labels: np.Array,
): [np.Array, [Arrays, Arrays, Arrays]] {
  const { learningRate, momentum, weightDecay } = STEP;
  const loss = (parameters: Arrays) => {
    const moved: Arrays = {};
    const state = { ...parameters, ...statistics };
    const scores = logits(images, state, { statistics: moved });
    return [np.mean(crossEntropy(scores, labels)), moved] as [np.Array, Arrays];
  };
  const [[value, moved], gradients] = valueAndGrad(loss, { hasAux: true })(
    tree.ref(parameters),
  ) as unknown as [[np.Array, Arrays], Arrays];
  const after: [Arrays, Arrays] = [{}, {}];
  for (const name of Object.keys(parameters)) {
    const parameter = parameters[name]!;
    const gradient = gradients[name]!.add(parameter.ref.mul(weightDecay));
    const speed = velocity[name]!.mul(momentum).add(gradient);
    after[0][name] = parameter.sub(speed.ref.mul(learningRate));
    after[1][name] = speed;
  }
  return [value, [...after, moved]];
}

async function step(): Promise<Prepared> {
  const { images, labels, parameters, statistics } = inputsOnDevice();
  const velocity: Arrays = {};
  for (const [name, parameter] of Object.entries(parameters)) {
    velocity[name] = np.zeros(parameter.shape);
  }
  const compiled = jit(descend);
  let state: [Arrays, Arrays, Arrays] = [parameters, velocity, statistics];
  let loss: np.Array | null = null;
  await blockUntilReady([images, labels, state]);
  return {
    run() {
      loss?.dispose();
      [loss, state] = compiled(state, images.ref, labels.ref);
    },
    async finished() {
      await blockUntilReady([loss, state]);
    },
    answer: async () => (await loss!.ref.data())[0]!,
  };
}

async function attack(): Promise<Prepared> {
  const inputs = inputsOnDevice();
  const state = { ...inputs.parameters, ...inputs.statistics };
  const [epsilon, stepSize] = [ATTACK.epsilon, ATTACK.stepSize]
    .map(fractionValue) as [number, number];
  const loss = (x: np.Array, labels: np.Array, state: Arrays) =>
    np.sum(crossEntropy(logits(x, state, "eval"), labels));
  const ascend = jit(
    (x: np.Array, clean: np.Array, labels: np.Array, state: Arrays) => {
      const gradient = grad(loss)(x.ref, labels, state);
      const moved = x.add(np.sign(gradient).mul(stepSize));
      const delta = np.clip(moved.sub(clean.ref), -epsilon, epsilon);
      return np.clip(clean.add(delta), 0, 1);
    },
  );
  const { images, labels } = inputs;
  await blockUntilReady([images, labels, state]);
  const prepared = await repeated([images], (clean) => {
    let x = clean.ref;
    for (let i = 0; i < ATTACK.steps; i++) {
      x = ascend(x, clean.ref, labels.ref, tree.ref(state));
    }
    return x.sub(clean);
  });
  return prepared;
}

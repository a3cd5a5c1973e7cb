// onnxruntime-web on WebAssembly or WebGPU: forward passes, since it has no
// gradients. Batch norm in eval mode goes into the weights, as every exporter does.

import type * as Ort from "onnxruntime-web";
import { meanMagnitude } from "../bound_workload.ts";
import {
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
import { type OnnxGraph, onnxModel, type OnnxNode } from "./onnx_model.ts";

const EPSILON = 1e-5;

const provider = Deno.args[1] as "wasm" | "webgpu";
const ort: typeof Ort = provider === "wasm"
  ? await import("onnxruntime-web")
  : await import("onnxruntime-web/webgpu");
const files = new URL("node_modules/onnxruntime-web/dist/", import.meta.url);
// By default its WebGPU build loads itself from a `blob:` URL, which Deno refuses.
const build = provider === "wasm" ? "" : ".asyncify";
ort.env.wasm.wasmPaths = {
  mjs: new URL(`ort-wasm-simd-threaded${build}.mjs`, files).href,
  wasm: new URL(`ort-wasm-simd-threaded${build}.wasm`, files).href,
};
ort.env.wasm.numThreads = provider === "wasm"
  ? navigator.hardwareConcurrency
  : 1;

await serve({
  describe: async () =>
    provider === "webgpu"
      ? await adapterText()
      : `WebAssembly, ${ort.env.wasm.numThreads} threads`,
  prepare(name) {
    switch (name) {
      case "W1":
        return matmul();
      case "W2":
        return convolution(W2);
      case "W2b":
        return convolution(W2B);
      case "F":
        return forward();
      default:
        return Promise.resolve(null);
    }
  },
});
Deno.exit();

/** A session on a graph, fed with one input again and again. */
async function repeated(
  graph: OnnxGraph,
  input: HostTensor,
): Promise<Prepared> {
  const session = await ort.InferenceSession.create(onnxModel(graph), {
    executionProviders: [provider],
    ...(provider === "webgpu" ? { preferredOutputLocation: "gpu-buffer" } : {}),
  });
  const feeds = {
    [graph.input.name]: new ort.Tensor("float32", input.values, [
      ...input.shape,
    ]),
  };
  let result: Ort.Tensor | null = null;
  return {
    async run() {
      result?.dispose();
      result = (await session.run(feeds))[graph.output.name]!;
    },
    async finished() {
      if (provider === "wasm") return; // A run ends with its result on the host.
      const device = await ort.env.webgpu.device as GPUDevice;
      await device.queue.onSubmittedWorkDone();
    },
    answer: async () => meanMagnitude(await result!.getData() as Float32Array),
  };
}

function matmul(): Promise<Prepared> {
  const { x, w } = operandsOf(W1);
  const shape = [W1.C, W1.K];
  return repeated({
    nodes: [{ op: "MatMul", inputs: ["x", "w"], outputs: ["y"] }],
    constants: { w: { shape, values: w } },
    input: { name: "x", shape },
    output: { name: "y", shape },
  }, { shape, values: x });
}

function convolution(sizes: Convolution): Promise<Prepared> {
  const { N, H, C, K, R, stride, padding } = sizes;
  const side = outputSide(sizes);
  const values = operandsOf(sizes);
  const x = channelsFirst({ shape: [N, H, H, C], values: values.x });
  return repeated({
    nodes: [conv(["x", "w"], "y", { stride, padding })],
    constants: { w: filtersFirst({ shape: [R, R, C, K], values: values.w }) },
    input: { name: "x", shape: x.shape },
    output: { name: "y", shape: [N, K, side, side] },
  }, x);
}

function conv(
  inputs: readonly string[],
  output: string,
  { stride, padding }: { readonly stride: number; readonly padding: number },
): OnnxNode {
  return {
    op: "Conv",
    inputs,
    outputs: [output],
    attributes: {
      strides: [stride, stride],
      pads: [padding, padding, padding, padding],
    },
  };
}

/** ResNet-8, batch norms folded. */
function forward(): Promise<Prepared> {
  const { batch, side, classes } = STEP;
  const { images, state } = networkInputs();
  const nodes: OnnxNode[] = [];
  const constants: Record<string, HostTensor> = {};
  const op = (op: string, inputs: readonly string[]): string => {
    const output = `${op} ${nodes.length}`;
    nodes.push({ op, inputs, outputs: [output] });
    return output;
  };
  const convNorm = (
    x: string,
    [name, norm]: readonly [string, string],
    stride = 1,
    padding = 1,
  ): string => {
    const output = `${name} output`;
    constants[name] = foldedWeight(state, [name, norm]);
    constants[norm] = shiftOf(state, norm);
    nodes.push(conv([x, name, norm], output, { stride, padding }));
    return output;
  };
  let y = op("Relu", [convNorm("images", ["conv1", "bn1"])]);
  for (const [index, stride] of [1, 2, 2].entries()) {
    const at = `layer${index + 1}.0.`;
    const inner = op("Relu", [
      convNorm(y, [`${at}conv1`, `${at}bn1`], stride),
    ]);
    const shortcut = [`${at}shortcut.0`, `${at}shortcut.1`] as const;
    const residual = stride === 1 ? y : convNorm(y, shortcut, stride, 0);
    const outer = convNorm(inner, [`${at}conv2`, `${at}bn2`]);
    y = op("Relu", [op("Add", [outer, residual])]);
  }
  constants["weight"] = state.get("linear.weight")!;
  constants["bias"] = state.get("linear.bias")!;
  const features = op("Flatten", [op("GlobalAveragePool", [y])]);
  const product = op("MatMul", [features, "weight"]);
  const logits = op("Add", [product, "bias"]);
  const shape = [batch, side, side, 3];
  const input = channelsFirst({ shape, values: images });
  return repeated({
    nodes,
    constants,
    input: { name: "images", shape: input.shape },
    output: { name: logits, shape: [batch, classes] },
  }, input);
}

type State = ReadonlyMap<string, HostTensor>;

/** Weights (K, C, R, S) times the scale of the norm that follows. */
function foldedWeight(
  state: State,
  [conv, norm]: readonly [string, string],
): HostTensor {
  const weight = state.get(`${conv}.weight`)!;
  const scale = scaleOf(state, norm);
  const filters = weight.shape[3]!;
  const values = weight.values.map((w, i) => w * scale[i % filters]!);
  return filtersFirst({ shape: weight.shape, values });
}

function scaleOf(state: State, norm: string): Float32Array {
  const variance = state.get(`${norm}.running_var`)!.values;
  return state.get(`${norm}.weight`)!.values
    .map((weight, k) => weight / Math.sqrt(variance[k]! + EPSILON));
}

function shiftOf(state: State, norm: string): HostTensor {
  const scale = scaleOf(state, norm);
  const mean = state.get(`${norm}.running_mean`)!.values;
  const { shape, values } = state.get(`${norm}.bias`)!;
  return {
    shape,
    values: values.map((bias, k) => bias - mean[k]! * scale[k]!),
  };
}

// Whole networks against PyTorch in float64: one pass in train mode and one in eval
// mode, with every gradient and every running statistic.
//
// The fixtures' images keep every ReLU away from its kink, so what remains is
// rounding. PyTorch's own float32 strays from float64 by at most 7e-7 of a tensor's
// norm in values and 4e-6 in gradients, and these kernels by 3e-6 and 1.4e-5 of the
// largest element or, in summaries, of the norm. The tolerances are three times that.

import { assert, assertEquals } from "@std/assert";
import type { Target } from "../../src/gpu/device.ts";
import { Memory } from "../../src/gpu/memory.ts";
import { Plan } from "../../src/gpu/plan.ts";
import { compile } from "../../src/graph/compile.ts";
import { Graph } from "../../src/graph/graph.ts";
import { type Shape, type Tensor, Variable } from "../../src/graph/tensor.ts";
import {
  countParameters,
  materialize,
  type Materialized,
} from "../../src/nn/module.ts";
import type { Mode } from "../../src/nn/layers.ts";
import type { Network } from "../../src/nn/network.ts";
import { crossEntropy } from "../../src/nn/losses.ts";
import { Bottleneck } from "../../src/nn/bottleneck_resnet.ts";
import { deepMindPreActResNet18 } from "../../src/nn/deepmind_preact_resnet.ts";
import { deepMindWideResNet } from "../../src/nn/deepmind_wide_resnet.ts";
import { preActResNet18 } from "../../src/nn/preact_resnet.ts";
import {
  ResNet,
  resnet18,
  resnet18Lbgat,
  resnet8,
} from "../../src/nn/resnet.ts";
import { WideResNet } from "../../src/nn/wide_resnet.ts";
import { grad } from "../../src/ops/grad.ts";
import { mean } from "../../src/ops/reduce/reduce.ts";
import { store } from "../../src/ops/store.ts";
import { assertClose, testDevice } from "../support/check_op.ts";
import {
  assertSummary,
  type FixtureBatch,
  imagesInPyTorchOrder,
  inPyTorchOrder,
  noiseBatch,
  summarized,
  writeRebuilt,
} from "../support/fixture.ts";
import { type FixtureTensor, readFixture } from "../support/read_fixture.ts";

const VALUES = 1e-5;
const GRADIENTS = 4e-5;

interface NetworkCase {
  readonly fixture: string;
  readonly build: () => Network;
  /** Run with the kernels for every class of adapter, not only this device's. */
  readonly allForms: boolean;
}

const classes = 10;
const widths = [8, 16, 16, 32] as const;
const CASES: readonly NetworkCase[] = [
  { fixture: "resnet8", build: () => resnet8({ classes }), allForms: true },
  {
    fixture: "wrn10_1",
    build: () => new WideResNet({ classes, depth: 10, width: 1 }),
    allForms: true,
  },
  {
    fixture: "preact_resnet18",
    build: () => preActResNet18({ classes }),
    allForms: false,
  },
  { fixture: "resnet18", build: () => resnet18({ classes }), allForms: false },
  {
    fixture: "resnet18_cifar",
    build: () => resnet18Lbgat({ classes }),
    allForms: false,
  },
  {
    fixture: "bottleneck_resnet",
    build: () =>
      new ResNet({
        classes,
        block: Bottleneck,
        blocks: [2, 1, 1, 1],
        widths: [4, 8, 8, 16],
        strides: [1, 2, 2, 2],
      }),
    allForms: true,
  },
  {
    fixture: "narrow_preact_v2",
    build: () => preActResNet18({ classes, widths, shortcutOf: "activated" }),
    allForms: true,
  },
  {
    fixture: "narrow_preact_no_bn",
    build: () => preActResNet18({ classes, widths, finalNorm: false }),
    allForms: true,
  },
  {
    fixture: "dm_wrn10_1",
    build: () =>
      deepMindWideResNet({ classes, depth: 10, width: 1, activation: "silu" }),
    allForms: true,
  },
  {
    fixture: "narrow_dm_preact",
    build: () =>
      deepMindPreActResNet18({ classes, widths, activation: "silu" }),
    allForms: true,
  },
];

/** One pass, its gradients, and which state it leaves: results by fixture name. */
function trace(
  graph: Graph,
  { network, mode, x, labels }: {
    readonly network: Materialized<Network>;
    readonly mode: Mode;
    readonly x: Variable;
    readonly labels: Variable;
  },
): Map<string, Variable> {
  const results = new Map<string, Variable>();
  const keep = (name: string, value: Tensor) => {
    const result = new Variable(name, value.shape);
    store(value, result);
    results.set(`${mode}/${name}`, result);
  };
  const images = graph.read(x);
  const { logits, features } = network.module.call(images, mode);
  const loss = mean(crossEntropy(logits, graph.read(labels)));
  keep("logits", logits);
  keep("features", features);
  keep("loss", loss);
  const parameters = mode === "train" ? [...network.trainable] : [];
  const [byImages, ...gradients] = grad(loss, [
    images,
    ...parameters.map(([, parameter]) => parameter),
  ]);
  keep("gradient/images", byImages!);
  parameters.forEach(([name], i) => keep(`gradient/${name}`, gradients[i]!));
  if (mode !== "train") return results;
  for (const [name, variable] of network.named) {
    if (network.trainable.has(name)) continue;
    results.set(`train/running/${name}`, variable);
  }
  return results;
}

/** What both passes leave on the device, in PyTorch's layouts. */
async function runPasses(
  build: () => Network,
  { batch, target }: { readonly batch: FixtureBatch; readonly target: Target },
): Promise<Map<string, Float32Array<ArrayBuffer>>> {
  const network = materialize(build(), "network");
  using memory = new Memory(await testDevice());
  const x = new Variable("x", batch.shape);
  const labels = new Variable("labels", [batch.labels.length], "u32");
  memory.write(x, batch.images);
  memory.write(labels, batch.labels);
  writeRebuilt(memory, network);
  const found = new Map<string, Float32Array<ArrayBuffer>>();
  for (const mode of ["eval", "train"] as const) {
    const graph = new Graph();
    const results = trace(graph, { network, mode, x, labels });
    const program = compile(graph, { ...target, name: mode });
    using plan = await Plan.bind(program, memory);
    plan.run();
    const bytes = await memory.read([...results.values()]);
    [...results].forEach(([name, { shape }], i) => {
      const values = new Float32Array(bytes[i]!);
      found.set(name, recordedOrder(name, { values, shape }));
    });
  }
  return found;
}

/** A result in the order of PyTorch's layout, where it has another one here. */
function recordedOrder(
  name: string,
  { values, shape }: {
    readonly values: Float32Array<ArrayBuffer>;
    readonly shape: Shape;
  },
): Float32Array<ArrayBuffer> {
  if (name.endsWith("/gradient/images")) {
    return imagesInPyTorchOrder(values, shape);
  }
  return name.includes("/gradient/") ? inPyTorchOrder(values, shape) : values;
}

/** Compares with a fixture's tensor, or its summary. */
function assertRecorded(
  fixture: ReadonlyMap<string, FixtureTensor>,
  [name, values]: readonly [string, Float32Array<ArrayBuffer>],
): void {
  const tolerance = name.includes("/gradient/") ? GRADIENTS : VALUES;
  const whole = fixture.get(name);
  if (whole) {
    assertClose(values, whole.values, { what: name, tolerance });
    return;
  }
  const [mode, kind, own] = name.split("/") as [string, string, string];
  const recorded = fixture.get(`${mode}/${kind}_summary/${own}`)!;
  assertSummary(summarized(own, values), recorded.values, {
    what: name,
    tolerance,
  });
}

/** The kernels of GPUs, of software adapters, and of this device. */
async function targets(allForms: boolean): Promise<Target[]> {
  const { adapterClass, subgroupSize } = (await testDevice()).adapter;
  const own = { adapterClass, subgroupSize };
  const others: Target[] = [
    { adapterClass: "gpu" },
    { adapterClass: "gpu", algorithm: "winograd 4 64" },
    { adapterClass: "software" },
  ];
  return allForms ? [own, ...others] : [own];
}

for (const { fixture: name, build, allForms } of CASES) {
  Deno.test(`Network.call() of ${name} agrees with PyTorch in values, gradients and statistics`, async () => {
    const fixture = readFixture(`network_${name}`);
    const scalar = (key: string) => fixture.get(key)!.values[0]!;
    assertEquals(countParameters(build()), scalar("parameters"));
    const count = fixture.get("eval/logits")!.shape[0]!;
    const batch = noiseBatch(count, scalar("draw"));
    for (const target of await targets(allForms)) {
      const found = await runPasses(build, { batch, target });
      for (const result of found) assertRecorded(fixture, result);
      // Nothing that PyTorch recorded is left out, under any other name.
      const names = [...fixture.keys()].map((key) =>
        key.replace("_summary", "")
      ).filter((key) => key.includes("/"));
      assertEquals([...found.keys()].sort(), names.sort());
      assert(found.size > 30);
    }
  });
}

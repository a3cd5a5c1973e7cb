import { assert, assertEquals } from "@std/assert";
import { Memory } from "../../src/gpu/memory.ts";
import { Plan } from "../../src/gpu/plan.ts";
import { compile } from "../../src/graph/compile.ts";
import { costOf } from "../../src/graph/cost.ts";
import { Graph } from "../../src/graph/graph.ts";
import { Variable } from "../../src/graph/tensor.ts";
import { crossEntropy } from "../../src/nn/losses.ts";
import { initialValues, materialize } from "../../src/nn/module.ts";
import { resnet8 } from "../../src/nn/resnet.ts";
import { grad } from "../../src/ops/grad.ts";
import { mean } from "../../src/ops/reduce/reduce.ts";
import { uniform } from "../../src/base/random_sequence.ts";
import { TrainedNetwork } from "../../src/step/trained_network.ts";
import { testDevice } from "../support/check_op.ts";

/** One step of training a small network, compiled with or without recomputation. */
function trainingStep(batch: number) {
  const network = new TrainedNetwork(
    materialize(resnet8({ classes: 10, width: 4 }), "student"),
  );
  const images = new Variable("images", [batch, 32, 32, 3]);
  const labels = new Variable("labels", [batch], "u32");
  const rate = new Variable("rate", []);
  const graph = new Graph();
  const x = graph.read(images);
  const { logits } = network.module.call(x, "train");
  const loss = mean(crossEntropy(logits, labels));
  network.descend(grad(loss, network.parameters), {
    learningRate: graph.read(rate),
    optimizer: { momentum: 0.9, nesterov: false, weightDecay: 5e-4 },
  });
  return { graph, network, images, labels, rate };
}

Deno.test("compile() with recompute gives the same bytes as without", async () => {
  const device = await testDevice();
  const results: ArrayBuffer[][] = [];
  for (const recompute of [false, true]) {
    const { graph, network, images, labels, rate } = trainingStep(6);
    const { materialized, velocity } = network;
    using memory = new Memory(device);
    for (const flat of [materialized.parameters, materialized.buffers!]) {
      memory.write(flat, initialValues(materialized, { flat, seed: 1 }));
    }
    const random = { seed: 1, stream: "images", step: 0 };
    memory.write(images, uniform(random, 6 * 32 * 32 * 3));
    memory.write(labels, Uint32Array.of(0, 1, 2, 3, 4, 5));
    memory.write(rate, Float32Array.of(0.1));
    const options = { name: "step", recompute, ...device.adapter };
    using plan = await Plan.bind(compile(graph, options), memory);
    plan.run();
    plan.run();
    results.push(
      await memory.read([
        materialized.parameters,
        materialized.buffers!,
        velocity,
      ]),
    );
  }
  const [kept, again] = results.map((run) =>
    run.map((bytes) => new Uint8Array(bytes))
  );
  assertEquals(again, kept);
  assert(new Float32Array(results[0]![2]!).some((value) => value !== 0));
});

Deno.test("compile() with recompute pays a forward pass for memory", () => {
  const cost = (recompute: boolean) =>
    costOf(compile(trainingStep(64).graph, {
      name: "step",
      adapterClass: "gpu",
      recompute,
    }));
  const [kept, again] = [cost(false), cost(true)];
  assert(again.scratchBytes < 0.8 * kept.scratchBytes);
  assert(again.flops > kept.flops);
  assert(again.flops < kept.flops * 4 / 3);
});

Deno.test("compile() with recompute updates running statistics once", () => {
  const updates = [false, true].map((recompute) => {
    const { graph } = trainingStep(4);
    const program = compile(graph, {
      name: "step",
      adapterClass: "gpu",
      recompute,
    });
    return program.blocks.flatMap(({ dispatches }) => dispatches)
      .filter(({ kernel }) => kernel.name === "running_statistics").length;
  });
  assertEquals(updates[0], updates[1]);
  assert(updates[0]! > 0);
});

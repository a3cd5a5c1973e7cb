// Weights that PyTorch saved, evaluated: logits are PyTorch's, and what does not fit
// together is refused before any device is asked for.

import { assert, assertEquals, assertRejects } from "@std/assert";
import { UserError } from "../../src/base/errors.ts";
import type { ArchitectureConfig } from "../../src/config/experiment.ts";
import { Memory } from "../../src/gpu/memory.ts";
import { Plan } from "../../src/gpu/plan.ts";
import { compile } from "../../src/graph/compile.ts";
import { Graph } from "../../src/graph/graph.ts";
import { Variable } from "../../src/graph/tensor.ts";
import { store } from "../../src/ops/store.ts";
import { weightsNetwork } from "../../src/evaluation/weights_network.ts";
import { assertClose, testDevice } from "../support/check_op.ts";
import { noiseBatch } from "../support/fixture.ts";
import { readFixture } from "../support/read_fixture.ts";

const CIFAR10 = {
  mean: [0.4914, 0.4822, 0.4465],
  std: [0.2471, 0.2435, 0.2616],
};

function path(name: string): string {
  const folder = new URL("../fixtures/torch_files/", import.meta.url);
  return new URL(name, folder).pathname;
}

const architecture: ArchitectureConfig = { network: "resnet8", width: 2 };
const source = { architecture, classes: 10 };

for (
  const [file, normalization, from] of [
    ["robustbench.pt", undefined, "file"],
    ["robustbench.pt", CIFAR10, "file"],
    ["plain.pt", CIFAR10, "user"],
  ] as const
) {
  Deno.test(`weightsNetwork() of ${file} gives PyTorch's logits, normalized as the ${from} says`, async () => {
    const weights = await weightsNetwork(path(file), {
      ...source,
      normalization,
    });
    assertEquals(weights.normalizationFrom, from);
    assertEquals(weights.parameters, 1420);
    const device = await testDevice();
    using memory = new Memory(device);
    weights.network.upload(memory);
    const batch = noiseBatch(2, 0);
    const x = new Variable("x", batch.shape);
    const logits = new Variable("logits", [2, 10]);
    memory.write(x, batch.images);
    const graph = new Graph();
    store(
      weights.network.network.call(graph.read(x), "eval").logits,
      logits,
    );
    const program = compile(graph, { name: "logits", ...device.adapter });
    using plan = await Plan.bind(program, memory);
    plan.run();
    const [bytes] = await memory.read([logits]);
    const expected = readFixture("torch_files/expected").get("logits")!;
    assertClose(new Float32Array(bytes!), expected.values, {
      what: file,
      tolerance: 1e-5,
    });
  });
}

Deno.test("weightsNetwork() sees images as they are where nobody says otherwise", async () => {
  const { normalization, normalizationFrom, sha256 } = await weightsNetwork(
    path("nested.pt"),
    source,
  );
  assertEquals([normalization, normalizationFrom], [null, "nobody"]);
  assert(/^[0-9a-f]{64}$/.test(sha256));
});

Deno.test("weightsNetwork() refuses weights of another network with what differs", async () => {
  const error = await assertRejects(
    () =>
      weightsNetwork(path("plain.pt"), {
        architecture: { network: "resnet8", width: 4 },
        classes: 100,
      }),
    UserError,
  );
  assert(error.message.includes("expected the 47 tensors of the network"));
  assert(error.message.includes("wrongly shaped: conv1.weight (2, 3, 3, 3)"));
  const hint = "\nThis is resnet8-4; resnet8-WIDTH names other sizes";
  assert(error.message.endsWith(hint), error.message);
});

Deno.test("weightsNetwork() refuses two normalizations, and none where one must be", async () => {
  await assertRejects(
    () =>
      weightsNetwork(path("robustbench.pt"), {
        ...source,
        normalization: { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] },
      }),
    UserError,
    "expected the normalization that the file has, mean 0.4914, 0.4822, 0.4465",
  );
  await assertRejects(
    () =>
      weightsNetwork(path("robustbench.pt"), {
        ...source,
        normalization: null,
      }),
    UserError,
    "but found none",
  );
});

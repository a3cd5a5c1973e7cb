// Layouts are checked element by element against their definition, on a module
// small enough to see, and on the networks against the counts of their parameters.

import { assert, assertEquals, assertThrows } from "@std/assert";
import { UserError } from "../../src/base/errors.ts";
import { Memory } from "../../src/gpu/memory.ts";
import { sizeOf } from "../../src/graph/tensor.ts";
import { constant } from "../../src/nn/initializers.ts";
import { BatchNorm2d, Conv2d, Linear } from "../../src/nn/layers.ts";
import {
  initialValues,
  materialize,
  type Materialized,
  Module,
  Parameter,
} from "../../src/nn/module.ts";
import { resnet8 } from "../../src/nn/resnet.ts";
import { WideResNet } from "../../src/nn/wide_resnet.ts";
import {
  loadNetworkTensors,
  networkTensors,
  type NetworkValues,
} from "../../src/weights/network_tensors.ts";
import type { StoredTensor } from "../../src/weights/safetensors.ts";
import { testDevice } from "../support/check_op.ts";

class Small extends Module {
  readonly conv = new Conv2d([3, 5], { kernelSize: 2, padding: 0 });
  readonly bn = new BatchNorm2d(5);
  readonly fc = new Linear([5, 4]);
}

/** Different numbers everywhere, in the gaps between slices too. */
function counted(materialized: Materialized): NetworkValues {
  const { parameters, buffers } = materialized;
  const sizes = [parameters, buffers!].map(({ shape }) => sizeOf(shape));
  return {
    parameters: Float32Array.from({ length: sizes[0]! }, (_, i) => i + 1),
    buffers: Float32Array.from({ length: sizes[1]! }, (_, i) => -i - 1),
  };
}

/** The flat values with zeros in the gaps between slices, which files lack. */
function withoutGaps(
  materialized: Materialized,
  values: NetworkValues,
): NetworkValues {
  const part = (flat: Float32Array, of: unknown): Float32Array<ArrayBuffer> => {
    const kept = new Float32Array(flat.length);
    for (const { root, shape, byteOffset } of materialized.named.values()) {
      const first = byteOffset / 4;
      const end = first + sizeOf(shape);
      if (root === of) kept.set(flat.subarray(first, end), first);
    }
    return kept;
  };
  const { parameters, buffers } = values;
  return {
    parameters: part(parameters, materialized.parameters),
    buffers: buffers && part(buffers, materialized.buffers),
  };
}

Deno.test("networkTensors() writes (R, S, C, K) as (K, C, R, S) and (in, out) as (out, in)", () => {
  const materialized = materialize(new Small(), "small");
  const values = counted(materialized);
  const tensors = networkTensors(materialized, values);
  const at = (name: string, i: number): number =>
    values.parameters[materialized.named.get(name)!.byteOffset / 4 + i]!;

  const conv = tensors.get("conv.weight")!;
  assertEquals(conv.shape, [5, 3, 2, 2]);
  for (let k = 0, i = 0; k < 5; k++) {
    for (let c = 0; c < 3; c++) {
      for (let r = 0; r < 2; r++) {
        for (let s = 0; s < 2; s++, i++) {
          const here = ((r * 2 + s) * 3 + c) * 5 + k;
          assertEquals(conv.data[i], at("conv.weight", here));
        }
      }
    }
  }
  const fc = tensors.get("fc.weight")!;
  assertEquals(fc.shape, [4, 5]);
  for (let o = 0, i = 0; o < 4; o++) {
    for (let c = 0; c < 5; c++, i++) {
      assertEquals(fc.data[i], at("fc.weight", c * 4 + o));
    }
  }
  const bias = Array.from({ length: 4 }, (_, i) => at("fc.bias", i));
  assertEquals(tensors.get("fc.bias"), {
    shape: [4],
    data: Float32Array.from(bias),
  });
});

Deno.test("networkTensors() names tensors in the order of the module's fields", () => {
  const materialized = materialize(new Small(), "small");
  const values = counted(materialized);
  assertEquals([...networkTensors(materialized, values).keys()], [
    "conv.weight",
    "bn.weight",
    "bn.bias",
    "bn.running_mean",
    "bn.running_var",
    "fc.weight",
    "fc.bias",
  ]);
  const velocity = networkTensors(materialized, { ...values, buffers: null });
  assertEquals([...velocity.keys()], [...materialized.trainable.keys()]);
});

Deno.test("networkTensors() refuses values of another size", () => {
  const materialized = materialize(new Small(), "small");
  const values = { ...counted(materialized), parameters: new Float32Array(10) };
  assertThrows(
    () => networkTensors(materialized, values),
    TypeError,
    `expected ${materialized.parameters.shape[0]} values but found 10`,
  );
});

const NETWORKS = {
  "a small module": () => new Small(),
  "ResNet-8": () => resnet8({ classes: 10 }),
  "WRN-10-2": () => new WideResNet({ classes: 10, depth: 10, width: 2 }),
};

for (const [name, build] of Object.entries(NETWORKS)) {
  Deno.test(`loadNetworkTensors() undoes networkTensors() for ${name}`, () => {
    const materialized = materialize(build(), "student");
    const values = counted(materialized);
    const tensors = networkTensors(materialized, values);
    const elements = [...materialized.named.values()].reduce(
      (sum, { shape }) => sum + sizeOf(shape),
      0,
    );
    const written = [...tensors.values()].reduce(
      (sum, { data }) => sum + data.length,
      0,
    );
    assertEquals(written, elements);
    assertEquals(
      loadNetworkTensors(materialized, tensors, { source: "a test" }),
      withoutGaps(materialized, values),
    );
  });
}

Deno.test("loadNetworkTensors() reads a velocity, which has no statistics", () => {
  const materialized = materialize(new Small(), "small");
  const values = { ...counted(materialized), buffers: null };
  const tensors = networkTensors(materialized, values);
  const loaded = loadNetworkTensors(materialized, tensors, {
    source: "a test",
    parametersOnly: true,
  });
  assertEquals(loaded, withoutGaps(materialized, values));
});

/** A tensor of zeros. */
function zeros(...shape: number[]): StoredTensor {
  return { shape, data: new Float32Array(sizeOf(shape)) };
}

Deno.test("loadNetworkTensors() lists everything that differs in one error", () => {
  const materialized = materialize(resnet8({ classes: 10 }), "student");
  const tensors = networkTensors(materialized, counted(materialized));
  for (const [name] of materialized.named) {
    if (name.startsWith("layer2")) tensors.delete(name);
  }
  tensors.set("module.conv1.weight", zeros(16, 3, 3, 3));
  tensors.set("linear.weight", zeros(64, 10));
  const error = assertThrows(
    () =>
      loadNetworkTensors(materialized, tensors, { source: "x.safetensors" }),
    UserError,
  );
  assertEquals(
    error.message,
    `Cannot load x.safetensors: expected the 47 tensors of the student but found differences
  15 missing: layer2.0.conv1.weight, layer2.0.bn1.weight, layer2.0.bn1.bias, layer2.0.bn1.running_mean and 11 more
  1 unexpected: module.conv1.weight
  1 wrongly shaped: linear.weight (64, 10) for (10, 64)`,
  );
});

Deno.test("loadNetworkTensors() passes over dead names and no others", () => {
  const materialized = materialize(new Small(), "small");
  const tensors = networkTensors(materialized, counted(materialized));
  tensors.set("sub_block1.layer.0.conv1.weight", zeros(1));
  tensors.set("bn.num_batches_tracked", zeros());
  const options = { source: "a test" };
  loadNetworkTensors(materialized, tensors, options);
  assertThrows(
    () => loadNetworkTensors(materialized, tensors, { ...options, ignore: [] }),
    UserError,
    "2 unexpected: sub_block1.layer.0.conv1.weight, bn.num_batches_tracked",
  );
  tensors.set("block1.sub_block1.weight", zeros(1));
  assertThrows(
    () => loadNetworkTensors(materialized, tensors, options),
    UserError,
    "1 unexpected: block1.sub_block1.weight",
  );
});

Deno.test("loadNetworkTensors() does not take an ignored name for a present one", () => {
  class Dead extends Module {
    readonly sub_block1 = [new Parameter("weight", [2], constant(0))];
  }
  const materialized = materialize(new Dead(), "dead");
  assertThrows(
    () => loadNetworkTensors(materialized, new Map(), { source: "a test" }),
    UserError,
    "1 missing: sub_block1.0",
  );
});

Deno.test("a network on the device comes back from its tensors byte by byte", async () => {
  using memory = new Memory(await testDevice());
  const materialized = materialize(resnet8({ classes: 10 }), "student");
  const flats = [materialized.parameters, materialized.buffers!];
  for (const flat of flats) {
    memory.write(flat, initialValues(materialized, { flat, seed: 1 }));
  }
  const before = (await memory.read(flats)).map((b) => new Float32Array(b));
  const tensors = networkTensors(materialized, {
    parameters: before[0]!,
    buffers: before[1]!,
  });
  assert(tensors.get("linear.weight")!.data.some((value) => value !== 0));
  const { parameters, buffers } = loadNetworkTensors(materialized, tensors, {
    source: "a test",
  });
  memory.write(materialized.parameters, parameters);
  memory.write(materialized.buffers!, buffers!);
  const after = (await memory.read(flats)).map((b) => new Float32Array(b));
  assertEquals(after, before);
});

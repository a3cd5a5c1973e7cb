import { assertEquals, assertThrows } from "@std/assert";
import { Graph } from "../../src/graph/graph.ts";
import { Variable } from "../../src/graph/tensor.ts";
import { lerp } from "../../src/ops/lerp.ts";
import { checkOp, type OpCase } from "../support/check_op.ts";
import { runOnDevice } from "../support/run_on_device.ts";

// 61 is not divisible by four: elements one at a time; others: vec4.
checkOp(
  "lerp()",
  [[1, 0.1], [61, 0.9], [1024, 0.005]].map(([size, weight]): OpCase => ({
    name: `${size} values, weight ${weight}`,
    inputs: [
      { shape: [size!] },
      { shape: [size!] },
      { shape: [], values: [weight!] },
    ],
    build: ([, , weight], [average, newest]) => {
      lerp(average!, { newest: newest!, weight: weight! });
      return [];
    },
    updated: [0],
    kernelOnly: true,
  })),
);

Deno.test("lerp() copies exactly for a weight of 1, and changes nothing for 0", async () => {
  for (const weight of [0, 1]) {
    const [average, newest] = ["average", "newest"].map((name) =>
      new Variable(name, [4])
    );
    const scalar = new Variable("weight", []);
    const values = [[0.1, -7e8, 2, 3], [1e-9, 0.3, 5, 1e9]]
      .map((one) => Float32Array.from(one));
    const contents = [
      [average!, values[0]!],
      [newest!, values[1]!],
      [scalar, Float32Array.of(weight)],
    ] as const;
    const [found] = await runOnDevice(contents, (graph) => {
      lerp(average!, { newest: newest!, weight: graph.read(scalar) });
      return [average!];
    });
    assertEquals(new Float32Array(found!), values[weight]);
  }
});

Deno.test("lerp() refuses values of another size", () => {
  const [average, newest] = [64, 65].map((size) => new Variable("x", [size]));
  const weight = new Graph().read(new Variable("weight", []));
  assertThrows(
    () => lerp(average!, { newest: newest!, weight }),
    TypeError,
    "of one size",
  );
});

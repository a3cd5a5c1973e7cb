import { assertEquals, assertThrows } from "@std/assert";
import { Graph } from "../../src/graph/graph.ts";
import { Variable } from "../../src/graph/tensor.ts";
import { increment } from "../../src/ops/counter.ts";
import { fill } from "../../src/ops/fill.ts";
import { store } from "../../src/ops/store.ts";
import { checkOp } from "../support/check_op.ts";
import { runOnDevice, u32Scalar } from "../support/run_on_device.ts";

checkOp("increment()", [{
  name: "twice",
  inputs: [{ shape: [], dtype: "u32", values: [41] }],
  build: ([counter], [variable]) => {
    increment(counter!.graph, variable!);
    increment(counter!.graph, variable!);
    return [];
  },
  updated: [0],
  kernelOnly: true,
}]);

Deno.test("increment() counts the iterations of a loop", async () => {
  const last = new Variable("last", [], "u32");
  const final = new Variable("final", [], "u32");
  const found = await runOnDevice([], (graph) => {
    const iteration = graph.state("iteration", [], "u32");
    store(fill(graph, { shape: [], value: 3, dtype: "u32" }), iteration);
    graph.repeat(10, () => {
      store(graph.read(iteration), last);
      increment(graph, iteration);
    });
    store(graph.read(iteration), final);
    return [last, final];
  });
  assertEquals(found.map((bytes) => new Uint32Array(bytes)[0]), [12, 13]);
});

Deno.test("increment() goes from the largest number to 0", async () => {
  const counter = u32Scalar("counter", 4294967295);
  const [found] = await runOnDevice([counter], (graph) => {
    increment(graph, counter[0]);
    return [counter[0]];
  });
  assertEquals([...new Uint32Array(found!)], [0]);
});

Deno.test("increment() refuses a counter that is not a u32 scalar", () => {
  assertThrows(
    () => increment(new Graph(), new Variable("counter", [])),
    TypeError,
    "expected u32 () but found f32 ()",
  );
});

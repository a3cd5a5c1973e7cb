import { assertEquals, assertThrows } from "@std/assert";
import { checkOp, type OpCase } from "../../support/check_op.ts";
import { runOnDevice } from "../../support/run_on_device.ts";
import { Graph } from "../../../src/graph/graph.ts";
import { Variable } from "../../../src/graph/tensor.ts";
import { rankedClass } from "../../../src/ops/loss/ranked_class.ts";
import { ROW_CASES } from "../../support/row_cases.ts";

for (const rank of [1, 2, 3]) {
  checkOp(
    `rankedClass({ rank: ${rank} })`,
    ROW_CASES.filter(({ logits }) => logits.shape[1]! > 3).map((
      { name, logits, labels },
    ): OpCase => ({
      name,
      inputs: [logits, labels],
      build: ([z, y]) => [
        rankedClass(z!, { rank }),
        rankedClass(z!, { rank, except: y! }),
      ],
      kernelOnly: true,
    })),
  );
}

Deno.test("rankedClass() puts the first of equal logits first, and NaN before all", async () => {
  const logits = new Variable("logits", [3, 4]);
  const labels = new Variable("labels", [3], "u32");
  const found = await runOnDevice([
    [logits, Float32Array.of(2, 5, 2, 5, 1, NaN, 9, NaN, 0, 0, 0, 0)],
    [labels, Uint32Array.of(1, 1, 0)],
  ], (graph) => {
    const z = graph.read(logits);
    const ranks = [1, 2, 3, 4];
    return [
      ...ranks.map((rank) => rankedClass(z, { rank })),
      ...ranks.slice(1).map((rank) =>
        rankedClass(z, { rank: rank - 1, except: labels })
      ),
    ];
  });
  const places = found.map((bytes) => Array.from(new Uint32Array(bytes)));
  const order = (n: number) => places.map((classes) => classes[n]);
  assertEquals(order(0), [1, 3, 0, 2, 3, 0, 2]);
  assertEquals(order(1), [1, 3, 2, 0, 3, 2, 0]);
  assertEquals(order(2), [0, 1, 2, 3, 1, 2, 3]);
});

Deno.test("rankedClass() refuses ranks that no class has", () => {
  const logits = new Graph().read(new Variable("logits", [2, 3]));
  const except = new Variable("labels", [2], "u32");
  for (const rank of [0, 4, 1.5]) {
    assertThrows(
      () => rankedClass(logits, { rank }),
      RangeError,
      `expected a rank from 1 to 3 but found ${rank}`,
    );
  }
  assertThrows(() => rankedClass(logits, { rank: 3, except }), RangeError);
});

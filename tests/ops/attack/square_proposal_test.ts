import { assertThrows } from "@std/assert";
import { checkOp, type OpCase } from "../../support/check_op.ts";
import { Graph } from "../../../src/graph/graph.ts";
import { Variable } from "../../../src/graph/tensor.ts";
import {
  squareL2,
  squareL2Start,
  squareLinf,
} from "../../../src/ops/attack/square_proposal.ts";

const scalar = (value: number) =>
  ({ shape: [], dtype: "u32", values: [value] }) as const;
const images = (shape: readonly number[]) => ({ shape, low: 0, high: 1 });
/** Queries from every stage of the schedule, most of them for small images. */
const CASES = [
  { shape: [2, 6, 9, 3], queries: [0, 10, 11, 60, 300, 777, 1001, 2500, 4999] },
  { shape: [2, 32, 32, 3], queries: [0, 60, 1001] },
  { shape: [2, 8, 7, 1], queries: [0, 300] },
  { shape: [2, 8, 7, 4], queries: [0, 300] },
  { shape: [2, 4, 3, 3], queries: [0, 300] },
  { shape: [2, 2, 4, 1], queries: [0, 300] },
];

for (const [name, propose] of Object.entries({ squareLinf, squareL2 })) {
  checkOp(
    `${name}()`,
    CASES.flatMap(({ shape, queries }) =>
      queries.map((query): OpCase => ({
        name: `(${shape}), query ${query}`,
        inputs: [images(shape), images(shape), scalar(3), scalar(query)],
        build: ([best, clean, step, substep]) => [
          propose(best!, {
            clean: clean!,
            epsilon: 0.6,
            key: { seed: 4, stream: "square", step: step!, substep: substep! },
          }),
        ],
        kernelOnly: true,
      }))
    ),
  );
}

checkOp(
  "squareL2Start()",
  [
    [2, 7, 5, 3],
    [2, 7, 5, 1],
    [2, 13, 11, 4],
    [3, 32, 32, 3],
    [2, 4, 3, 3],
    [2, 1, 1, 3],
  ].map((
    shape,
  ): OpCase => ({
    name: `(${shape})`,
    inputs: [scalar(3)],
    build: ([step]) => [
      squareL2Start({ seed: 4, stream: "square", step: step! }, shape),
    ],
    kernelOnly: true,
  })),
);

Deno.test("squareLinf() refuses images of more channels than a kernel has room for", () => {
  const graph = new Graph();
  const key = {
    seed: 1,
    stream: "square",
    step: graph.read(new Variable("step", [], "u32")),
    substep: new Variable("query", [], "u32"),
  };
  const clean = graph.read(new Variable("clean", [2, 8, 8, 5]));
  assertThrows(
    () => squareLinf(clean, { clean, epsilon: 0.1, key }),
    TypeError,
    "of 1 to 4 channels but found f32 (2, 8, 8, 5)",
  );
});

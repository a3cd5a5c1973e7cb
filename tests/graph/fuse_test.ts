// Which operations take in what follows them, shown on input gradients.

import { assertEquals } from "@std/assert";
import { applyOne, Graph } from "../../src/graph/graph.ts";
import { fuse } from "../../src/graph/fuse.ts";
import { type Tensor, Variable } from "../../src/graph/tensor.ts";
import { conv2dInputGradientOp } from "../../src/ops/conv2d.ts";
import { add, negate, relu, reluGradient } from "../../src/ops/pointwise.ts";

const SHAPE = [1, 4, 4, 4];

/** The operations that are left of what `trace` made, with what they took in. */
function fused(trace: (values: Values) => void): string[] {
  const graph = new Graph();
  const read = (name: string, shape: readonly number[] = SHAPE) =>
    graph.read(new Variable(name, shape));
  const w = read("w", [3, 3, 4, 4]);
  const gradient = (dy: Tensor) =>
    applyOne(conv2dInputGradientOp, [dy, w], {
      ...{ stride: 1, padding: 1, shape: SHAPE },
    });
  trace({ dy: read("dy"), y: relu(read("x")), gradient });
  return fuse(graph.nodes).map(({ op, params, inputs }) => {
    const { name, residual, mask } = params as Record<string, unknown>;
    const taken = [residual ? "residual" : "", mask ? "mask" : ""];
    return [op === conv2dInputGradientOp ? "gradient" : name, ...taken]
      .filter((word) => word).join(" ") + ` of ${inputs.length}`;
  });
}

interface Values {
  readonly dy: Tensor;
  readonly y: Tensor;
  readonly gradient: (dy: Tensor) => Tensor;
}

Deno.test("fuse() lets an input gradient add another cotangent, then mask both", () => {
  assertEquals(
    fused(({ dy, y, gradient }) => {
      const other = negate(dy);
      reluGradient(add(other, gradient(dy)), y);
    }),
    ["relu of 1", "negate of 1", "gradient residual mask of 4"],
  );
});

Deno.test("fuse() lets the later one of two input gradients add the earlier one", () => {
  assertEquals(
    fused(({ dy, gradient }) => {
      const [a, b] = [gradient(dy), gradient(negate(dy))];
      add(a, b);
    }),
    ["relu of 1", "gradient of 2", "negate of 1", "gradient residual of 3"],
  );
});

Deno.test("fuse() leaves a value that something else reads", () => {
  assertEquals(
    fused(({ dy, y, gradient }) => {
      const dx = gradient(dy);
      reluGradient(dx, y);
      negate(dx);
    }),
    ["relu of 1", "gradient of 2", "relu of 3", "negate of 1"],
  );
});

Deno.test("fuse() leaves what is added later, or to itself, or after the mask", () => {
  assertEquals(
    fused(({ dy, y, gradient }) => {
      const dx = gradient(dy);
      const masked = reluGradient(gradient(negate(y)), y);
      add(dx, negate(dy));
      add(y, masked);
    }),
    [
      ...["relu of 1", "gradient of 2", "negate of 1"],
      ...["gradient mask of 3", "negate of 1", "add of 2", "add of 2"],
    ],
  );
});

Deno.test("fuse() stays within a loop", () => {
  assertEquals(
    fused(({ dy, y, gradient }) => {
      const dx = gradient(dy);
      dy.graph.repeat(2, () => {
        reluGradient(dx, y);
      });
    }),
    ["relu of 1", "gradient of 2", "relu of 3"],
  );
});

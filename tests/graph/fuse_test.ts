// Which operations compute what follows them, shown on input gradients, and that
// gradients of normalizations which took a residual in are still right.

import { assertEquals } from "@std/assert";
import { applyOne, Graph } from "../../src/graph/graph.ts";
import { fuse } from "../../src/graph/fuse.ts";
import { type Tensor, Variable } from "../../src/graph/tensor.ts";
import { conv2dInputGradientOp } from "../../src/ops/conv/conv2d.ts";
import { batchNorm } from "../../src/ops/norm/batch_norm.ts";
import { batchNormInputGradientOp } from "../../src/ops/norm/batch_norm_gradient.ts";
import {
  channelAffine,
  channelAffineGradientOp,
} from "../../src/ops/norm/channel_affine.ts";
import { grad } from "../../src/ops/grad.ts";
import {
  add,
  multiply,
  negate,
  relu,
  reluGradient,
} from "../../src/ops/pointwise.ts";
import { sum } from "../../src/ops/reduce/reduce.ts";
import { checkOp, type OpCase } from "../support/check_op.ts";

const SHAPE = [1, 4, 4, 4];

/** The operations that are left of what `trace` made, with what they compute as well. */
function fused(trace: (values: Values) => void): string[] {
  const graph = new Graph();
  const read = (name: string, shape: readonly number[] = SHAPE) =>
    graph.read(new Variable(name, shape));
  const w = read("w", [3, 3, 4, 4]);
  const gradient = (dy: Tensor) =>
    applyOne(conv2dInputGradientOp, [dy, w], {
      stride: 1,
      padding: 1,
      shape: SHAPE,
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

const CHANNELS = { low: 0.5, high: 1.5, shape: [4] };

/** The gradient of a pre-activation block's input, which is also its shortcut. */
function blockCase(
  name: string,
  normalized: (x: Tensor, scale: Tensor, shift: Tensor) => Tensor,
): OpCase {
  return {
    name,
    inputs: [{ shape: SHAPE }, CHANNELS, CHANNELS, { shape: SHAPE }],
    kernelOnly: true,
    build([x, scale, shift, weight]) {
      const y = add(multiply(normalized(x!, scale!, shift!), weight!), x!);
      return grad(sum(multiply(y, weight!)), [x!]);
    },
  };
}

const blocks = [
  {
    op: channelAffineGradientOp,
    opCase: blockCase(
      "channelAffine()",
      (x, scale, shift) => channelAffine(x, { scale, shift }),
    ),
  },
  {
    op: batchNormInputGradientOp,
    opCase: blockCase(
      "batchNorm()",
      (x, gamma, beta) => batchNorm(x, { gamma, beta, epsilon: 1e-5 }).y,
    ),
  },
];

checkOp("a shortcut's cotangent", blocks.map(({ opCase }) => opCase));

for (const { op, opCase: { name, inputs, build } } of blocks) {
  Deno.test(`fuse() lets the gradient of ${name} add a shortcut's cotangent`, () => {
    const graph = new Graph();
    const variables = inputs.map(({ shape }) => new Variable("input", shape));
    build(variables.map((variable) => graph.read(variable)), variables);
    const [gradient, ...others] = fuse(graph.nodes)
      .filter((node) => node.op === op);
    assertEquals(others, []);
    assertEquals(
      (gradient!.params as { readonly residual: boolean }).residual,
      true,
    );
  });
}

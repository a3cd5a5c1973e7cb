import { assertThrows } from "@std/assert";
import { assertClose, checkOp, type OpCase } from "../../support/check_op.ts";
import { evaluate } from "../../support/evaluate.ts";
import { Graph } from "../../../src/graph/graph.ts";
import { Variable } from "../../../src/graph/tensor.ts";
import { hyperplaneStep } from "../../../src/ops/attack/hyperplane_step.ts";

// Ways that end before any element is at the border, after some, after nearly all,
// and that [0, 1] does not allow.
const EXCESS = [0.02, -0.3, 3, -9, 40, -1000, 0];

for (const norm of ["linf", "l2"] as const) {
  checkOp(
    `hyperplaneStep({ norm: "${norm}" })`,
    [[7, 3], [7, 4, 4, 3], [7, 17, 17, 3]].map((shape): OpCase => {
      const size = shape.slice(1).reduce((a, b) => a * b);
      return {
        name: `(${shape})`,
        inputs: [
          { shape, low: 0, high: 1 },
          { shape },
          { shape: [7], values: EXCESS.map((e) => e * size / 40) },
        ],
        build: ([x, w, e]) => [
          hyperplaneStep(x!, { normal: w!, excess: e!, norm }),
        ],
        kernelOnly: true,
      };
    }),
  );
}

Deno.test("hyperplaneStep() gives FAB's worked example", async () => {
  // x = (.2, .9, .5), w = (1, -2, .5), b = -1: <w, x> - b = -.35.
  const inputs = [
    { shape: [1, 3], values: [0.2, 0.9, 0.5] },
    { shape: [1, 3], values: [1, -2, 0.5] },
    { shape: [1], values: [-0.35] },
  ];
  const found = await evaluate(
    inputs,
    ([x, w, e]) =>
      (["linf", "l2"] as const).map((norm) =>
        hyperplaneStep(x!, { normal: w!, excess: e!, norm })
      ),
  );
  for (const [linf, l2] of [found.device, found.reference]) {
    assertClose(linf!, [0.1, -0.1, 0.1], { what: "linf", tolerance: 1e-6 });
    // .35 w / |w|², with room for all of it.
    const far = 0.35 / 5.25;
    assertClose(l2!, [far, -2 * far, 0.5 * far], {
      what: "l2",
      tolerance: 1e-6,
    });
  }
});

Deno.test("hyperplaneStep() is the same for functions of any scale", async () => {
  for (const scale of [2 ** -126, 1e-17, 1e30]) {
    const inputs = [
      { shape: [1, 3], values: [0.2, 0.9, 0.5] },
      { shape: [1, 3], values: [2, -4, 1].map((w) => w * scale) },
      { shape: [1], values: [-0.7 * scale] },
    ];
    const { device } = await evaluate(inputs, ([x, w, e]) => [
      hyperplaneStep(x!, { normal: w!, excess: e!, norm: "l2" }),
    ]);
    const far = 0.35 / 5.25;
    assertClose(device[0]!, [far, -2 * far, 0.5 * far], {
      what: `l2 at ${scale}`,
      tolerance: 1e-6,
    });
  }
});

Deno.test("hyperplaneStep() does not move where the normal is 0", async () => {
  const inputs = [
    { shape: [1, 3], values: [0.2, 0.9, 0.5] },
    { shape: [1, 3], values: [0, 0, 0] },
    { shape: [1], values: [1] },
  ];
  const { device } = await evaluate(
    inputs,
    ([x, w, e]) =>
      (["linf", "l2"] as const).map((norm) =>
        hyperplaneStep(x!, { normal: w!, excess: e!, norm })
      ),
  );
  for (const step of device) {
    assertClose(step, [0, 0, 0], { what: "step", tolerance: 0 });
  }
});

Deno.test("hyperplaneStep() refuses what does not fit together", () => {
  const x = new Graph().read(new Variable("x", [2, 3]));
  const excess = new Variable("excess", [3]);
  assertThrows(
    () => hyperplaneStep(x, { normal: x, excess, norm: "l2" }),
    TypeError,
    "but found f32 (2, 3), f32 (2, 3), f32 (3)",
  );
});

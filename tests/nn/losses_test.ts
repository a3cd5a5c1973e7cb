import { assertClose } from "../support/check_op.ts";
import { checkWithDerivative } from "../support/check_derivative.ts";
import { evaluate, type Given } from "../support/evaluate.ts";
import { readFixture } from "../support/read_fixture.ts";
import { assertAlmostEquals, assertThrows } from "@std/assert";
import { Graph } from "../../src/graph/graph.ts";
import { type Tensor, Variable } from "../../src/graph/tensor.ts";
import {
  crossEntropy,
  klDivergence,
  margin,
  meanSquaredError,
} from "../../src/nn/losses.ts";
import { grad } from "../../src/ops/grad.ts";
import { mean } from "../../src/ops/reduce/reduce.ts";

checkWithDerivative(
  "meanSquaredError()",
  [[1, 2], [5, 10], [33, 100]].map((shape) => ({
    name: `(${shape.join(", ")})`,
    inputs: [{ shape }, { shape }],
    build: ([a, b]) => [meanSquaredError(a!, b!)],
  })),
);

Deno.test("meanSquaredError() refuses logits that would broadcast", () => {
  const a = new Graph().read(new Variable("a", [4, 3]));
  assertThrows(
    () => meanSquaredError(a, new Variable("b", [1, 3])),
    TypeError,
    "expected two f32 (4, 3) but found f32 (1, 3)",
  );
});

/** A loss of clean logits, adversarial logits and labels. */
type Loss = (clean: Tensor, adversarial: Tensor, labels: Tensor) => Tensor;

const crossEntropyOf: Loss = (clean, _, labels) => crossEntropy(clean, labels);
const divergenceOf: Loss = (target, prediction) =>
  klDivergence({ target, prediction });
const marginOf: Loss = (clean, _, labels) => margin(clean, labels);

Deno.test("the losses of one example give the worked values", async () => {
  const inputs: Given[] = [
    { shape: [1, 4], values: [2, -1, .5, .1] },
    { shape: [1, 4], values: [1, .2, .4, -.3] },
    { shape: [1], dtype: "u32", values: [0] },
  ];
  const expected = {
    "cross-entropy, clean": [.352406],
    "cross-entropy, adversarial": [.820076],
    "KL divergence": [.186409],
    "its gradient by the target": [.197725, -.067156, -.097055, -.033514],
    "its gradient by the prediction": [-.262597, .162884, .084836, .014877],
    "mean squared error": [.6525],
    "margin, adversarial": [-.6],
  };
  const found = await evaluate(inputs, ([clean, adversarial, labels]) => {
    const divergence = divergenceOf(clean!, adversarial!, labels!);
    return [
      crossEntropy(clean!, labels!),
      crossEntropy(adversarial!, labels!),
      divergence,
      ...grad(divergence, [clean!, adversarial!]),
      meanSquaredError(clean!, adversarial!),
      margin(adversarial!, labels!),
    ];
  });
  for (const [who, values] of Object.entries(found)) {
    Object.entries(expected).forEach(([name, numbers], i) =>
      assertClose(values[i]!, numbers, {
        what: `${who}, ${name}`,
        tolerance: 1e-5,
      })
    );
  }
});

const recorded = readFixture("losses");

/** A loss of the fixture, and which logits it has gradients for. */
interface RecordedLoss {
  readonly build: Loss;
  readonly wrt: readonly ("clean" | "adversarial")[];
  /** What float32 leaves of a value that is a difference of larger ones. */
  readonly rounding?: number;
}

const LOSSES: Readonly<Record<string, RecordedLoss>> = {
  cross_entropy: { build: crossEntropyOf, wrt: ["clean"] },
  // Between close logits: logarithms of about 3 that agree in 3 digits.
  kl_divergence: {
    build: divergenceOf,
    wrt: ["clean", "adversarial"],
    rounding: 2 ** -22,
  },
  mean_squared_error: {
    build: (clean, adversarial) => mean(meanSquaredError(clean, adversarial)),
    wrt: ["clean", "adversarial"],
  },
  margin: { build: marginOf, wrt: ["clean"] },
};

for (const [name, { build, wrt, rounding = 0 }] of Object.entries(LOSSES)) {
  for (const row of ["plain", "large", "close", "wide"]) {
    Deno.test(`${name} agrees with PyTorch: ${row}`, async () => {
      const input = (who: string) => recorded.get(`inputs/${row}/${who}`)!;
      const inputs: Given[] = [
        input("clean"),
        input("adversarial"),
        { ...input("labels"), dtype: "u32" },
      ];
      const found = await evaluate(inputs, ([clean, adversarial, labels]) => {
        const loss = build(clean!, adversarial!, labels!);
        const logits = { clean: clean!, adversarial: adversarial! };
        return [loss, ...grad(loss, wrt.map((who) => logits[who]))];
      });
      const keys = ["value", ...wrt.map((who) => `gradient/${who}`)];
      for (const [who, results] of Object.entries(found)) {
        keys.forEach((key, i) => {
          const { values } = recorded.get(`${name}/${row}/${key}`)!;
          const largest = Math.max(...values.map(Math.abs));
          values.forEach((value, j) =>
            assertAlmostEquals(
              results[i]![j]!,
              value,
              1e-5 * largest + rounding,
              `${who}, ${key}, element ${j}`,
            )
          );
        });
      }
    });
  }
}

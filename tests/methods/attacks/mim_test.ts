// Momentum on the worst case of a linear surrogate, and its direction step by step
// on one whose gradient turns.

import { mim } from "../../../src/methods/attacks/mim.ts";
import { l2, linf } from "../../../src/methods/threat_model.ts";
import { Variable } from "../../../src/graph/tensor.ts";
import { add, multiply, square } from "../../../src/ops/pointwise.ts";
import { sum } from "../../../src/ops/reduce/reduce.ts";
import { assertClose } from "../../support/check_op.ts";
import { runOnDevice, u32Scalar } from "../../support/run_on_device.ts";
import { blindInputs } from "../../support/blind_inputs.ts";

// s(x) = -Σ a (x - c)²: the gradient changes its sign where a pixel passes c.
const SHAPE = [2, 1, 1, 3];
const IMAGES = Float32Array.of(0.4, 0.5, 0.6, 0.3, 0.5, 0.7);
const SLOPES = [3, 0.5, 1, 1, 2, 0.25];
const CENTERS = [0.44, 0.47, 0.9, 0.1, 0.51, 0.69];

/** The same in double precision, written from the paper's equations. */
function expected(norm: "linf" | "l2", epsilon: number, a: number): number[] {
  return [0, 3].flatMap((first) => {
    const clean = [...IMAGES.slice(first, first + 3)];
    let x = [...clean], g = [0, 0, 0];
    for (let step = 0; step < 6; step++) {
      const gradient = x.map((v, i) =>
        -2 * SLOPES[first + i]! * (v - CENTERS[first + i]!)
      );
      const total = gradient.reduce((sum, v) => sum + Math.abs(v), 0);
      g = g.map((v, i) => 0.9 * v + gradient[i]! / total);
      const moved = norm === "linf"
        ? g.map(Math.sign)
        : g.map((v) => v / Math.hypot(...g));
      const d = x.map((v, i) => v + a * moved[i]! - clean[i]!);
      const shrink = Math.min(1, epsilon / Math.hypot(...d));
      x = d.map((v, i) => {
        const inside = norm === "linf"
          ? Math.min(epsilon, Math.max(-epsilon, v))
          : v * shrink;
        return Math.min(1, Math.max(0, clean[i]! + inside));
      });
    }
    return x;
  });
}

for (const threat of [linf(0.08), l2(0.1)]) {
  Deno.test(`mim() takes the paper's steps in the ${threat.norm} ball`, async () => {
    const [x, a, c] = ["x", "a", "c"].map((name) => new Variable(name, SHAPE));
    const [step, zero] = u32Scalar("step", 0);
    const start = { kind: "clean" } as const;
    const attack = mim({ threat, steps: 6, stepSize: 0.02, decay: 0.9, start });
    const [found] = await runOnDevice([
      [x!, IMAGES],
      [a!, Float32Array.from(SLOPES, (v) => -v)],
      [c!, Float32Array.from(CENTERS, (v) => -v)],
      [step, zero],
    ], (graph) => [
      attack.maximize(
        (images) => sum(multiply(square(add(images, c!)), a!), { start: 1 }),
        blindInputs({
          images: graph.read(x!),
          random: { seed: 1, stream: "attack", step: graph.read(step) },
        }),
      ),
    ]);
    const { norm, epsilon } = threat;
    assertClose(new Float32Array(found!), expected(norm, epsilon, 0.02), {
      what: norm,
      tolerance: 1e-5,
    });
  });
}

import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertThrows,
} from "@std/assert";
import { Graph } from "../../../src/graph/graph.ts";
import { sizeOf, Variable } from "../../../src/graph/tensor.ts";
import {
  ascendL2,
  ascendLinf,
  uniformInL2Ball,
} from "../../../src/ops/attack/perturb.ts";
import { checkOp, type OpCase } from "../../support/check_op.ts";
import { runOnDevice, u32Scalar } from "../../support/run_on_device.ts";

const unit = { low: 0, high: 1 };

// Images of 27 elements are taken one by one, others four at a time; those of
// 1,200 need several turns of a workgroup, those of 2 leave most of it idle.
const shapes = [[3, 2], [3, 3, 3, 3], [2, 4, 4, 3], [4, 20, 20, 3]];

/** Iterates that lie inside the ball or far outside, and balls of radius 0. */
const linf = [[1, 0.25], [8 / 255, 2 / 255], [0, 0.1]];
const l2 = [[2, 0.5], [0.5, 4], [0, 0.1]];

function ascents(
  ascend: typeof ascendLinf,
  sizes: readonly (readonly number[])[],
): OpCase[] {
  return shapes.flatMap((shape) =>
    sizes.map(([epsilon, stepSize]) => ({
      name: `(${shape}), epsilon ${epsilon!.toFixed(3)}, step ${
        stepSize!.toFixed(3)
      }`,
      inputs: [{ shape, ...unit }, { shape, ...unit }, { shape }],
      build: ([, , gradient], [adversarial, clean]) => {
        ascend(adversarial!, {
          clean: clean!,
          gradient: gradient!,
          epsilon: epsilon!,
          stepSize: stepSize!,
        });
        return [];
      },
      updated: [0],
      kernelOnly: true,
    } satisfies OpCase))
  );
}
checkOp("ascendLinf()", ascents(ascendLinf, linf));
checkOp("ascendL2()", ascents(ascendL2, l2));

Deno.test("ascendLinf() does not move where the gradient is 0, and keeps NaN", async () => {
  const values = [0, -0, NaN, 1e-30, -1e-30, Infinity, -Infinity, 5];
  for (const count of [8, 7]) {
    const [x, clean, gradient] = ["x", "clean", "gradient"].map((name) =>
      new Variable(name, [1, count])
    );
    const half = new Float32Array(count).fill(0.5);
    const [found] = await runOnDevice([
      [x!, half],
      [clean!, half],
      [gradient!, Float32Array.from(values.slice(0, count))],
    ], (graph) => {
      ascendLinf(x!, {
        clean: clean!,
        gradient: graph.read(gradient!),
        epsilon: 0.5,
        stepSize: 0.25,
      });
      return [x!];
    });
    assertEquals(
      [...new Float32Array(found!)],
      [0.5, 0.5, NaN, 0.75, 0.25, 0.75, 0.25, 0.75].slice(0, count),
    );
  }
});

Deno.test("ascendL2() makes only the image of a NaN gradient NaN", async () => {
  const [x, clean, gradient] = ["x", "clean", "gradient"].map((name) =>
    new Variable(name, [3, 4])
  );
  const g = [0, 0, 0, 0, 1, NaN, 1, 1, 0, 2, 0, 0];
  const half = new Float32Array(12).fill(0.5);
  const [found] = await runOnDevice([
    [x!, half],
    [clean!, half],
    [gradient!, Float32Array.from(g)],
  ], (graph) => {
    ascendL2(x!, {
      clean: clean!,
      gradient: graph.read(gradient!),
      epsilon: 0.25,
      stepSize: 1,
    });
    return [x!];
  });
  const nan = [NaN, NaN, NaN, NaN];
  assertEquals(
    [...new Float32Array(found!)],
    [0.5, 0.5, 0.5, 0.5, ...nan, 0.5, 0.75, 0.5, 0.5],
  );
});

Deno.test("ascendL2() makes a whole step along a gradient of any size", async () => {
  const sizes = [2 ** -126, 1e-30, 1e-17, 1e-12, 1, 1e18, 3e38];
  const [x, clean, gradient] = ["x", "clean", "gradient"].map((name) =>
    new Variable(name, [sizes.length, 3])
  );
  const half = new Float32Array(3 * sizes.length).fill(0.5);
  const [found] = await runOnDevice([
    [x!, half],
    [clean!, half],
    [gradient!, Float32Array.from(sizes.flatMap((g) => [g, 0, -g]))],
  ], (graph) => {
    ascendL2(x!, {
      clean: clean!,
      gradient: graph.read(gradient!),
      epsilon: 0.25,
      stepSize: 0.125,
    });
    return [x!];
  });
  const side = 0.125 * Math.SQRT1_2;
  new Float32Array(found!).forEach((value, i) => {
    assertAlmostEquals(value, 0.5 + [side, 0, -side][i % 3]!, 1e-7);
  });
});

Deno.test("ascendLinf() repeated stays in the ball and in [0, 1]", async () => {
  const shape = [2, 8, 8, 3];
  const size = sizeOf(shape);
  const clean = new Variable("clean", shape);
  const x = new Variable("x", shape);
  const gradient = new Variable("gradient", shape);
  const images = Float32Array.from({ length: size }, (_, i) => i / (size - 1));
  const slopes = Float32Array.from({ length: size }, (_, i) => i % 3 - 1);
  const epsilon = 0.031;
  const [found] = await runOnDevice(
    [[clean, images], [x, images], [gradient, slopes]],
    (graph) => {
      graph.repeat(20, () => {
        const g = graph.read(gradient);
        ascendLinf(x, { clean, gradient: g, epsilon, stepSize: 0.003 });
      });
      return [x];
    },
  );
  new Float32Array(found!).forEach((value, i) => {
    const expected = images[i]! + epsilon * slopes[i]!;
    assertAlmostEquals(value, Math.min(Math.max(expected, 0), 1), 1e-6);
    assert(value >= 0 && value <= 1);
  });
});

Deno.test("uniformInL2Ball() fills the ball evenly", async () => {
  const images = 4000, epsilon = 0.5;
  const step = u32Scalar("step", 2);
  const [found] = await runOnDevice([step], (graph) => {
    const key = { seed: 4, stream: "start", step: graph.read(step[0]) };
    return [uniformInL2Ball(key, [images, 1, 1, 3], { epsilon })];
  });
  const d = new Float32Array(found!);
  // The share of the ball's volume within each point's radius is uniform.
  const shares: number[] = [];
  const octants = new Array<number>(8).fill(0);
  for (let i = 0; i < images; i++) {
    const point = d.subarray(3 * i, 3 * i + 3);
    const share = (Math.hypot(...point) / epsilon) ** 3;
    assert(share > 0 && share <= 1 + 1e-5, `a share of ${share}`);
    shares.push(share);
    octants[point.reduce((sum, x, k) => sum + (x > 0 ? 1 << k : 0), 0)]!++;
  }
  shares.sort((a, b) => a - b);
  // Kolmogorov and Smirnov's statistic, at a level of about 1e-3.
  const distance = Math.max(
    ...shares.map((share, i) => Math.abs(share - (i + 0.5) / images)),
  );
  assert(distance < 1.95 / Math.sqrt(images), `a distance of ${distance}`);
  for (const count of octants) {
    assertAlmostEquals(count, images / 8, 4 * Math.sqrt(images * 7 / 64));
  }
});

Deno.test("ascendLinf() refuses a gradient of another shape", () => {
  const graph = new Graph();
  assertThrows(
    () =>
      ascendLinf(new Variable("x", [2, 4, 4, 3]), {
        clean: new Variable("clean", [2, 4, 4, 3]),
        gradient: graph.read(new Variable("g", [2, 48])),
        epsilon: 0.031,
        stepSize: 0.003,
      }),
    TypeError,
    "of one f32 shape but found f32 (2, 4, 4, 3), f32 (2, 4, 4, 3), f32 (2, 48)",
  );
});

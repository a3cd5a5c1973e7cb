import { assert, assertEquals, assertThrows } from "@std/assert";
import { uniform } from "../../../src/base/random_sequence.ts";
import { Graph } from "../../../src/graph/graph.ts";
import { sizeOf, Variable } from "../../../src/graph/tensor.ts";
import {
  projectL2,
  projectLinf,
  roundedDown,
} from "../../../src/ops/attack/project.ts";
import {
  l2,
  linf,
  type Norm,
  type ThreatModel,
} from "../../../src/methods/threat_model.ts";
import { subtract } from "../../../src/ops/pointwise.ts";
import { checkOp } from "../../support/check_op.ts";
import { runOnDevice } from "../../support/run_on_device.ts";

type Floats = Float32Array<ArrayBuffer>;

for (const clip of [false, true]) {
  for (const [name, project] of Object.entries({ projectLinf, projectL2 })) {
    checkOp(
      `${name}()`,
      [0, 0.1, 3].map((epsilon) => ({
        name: `epsilon ${epsilon}${clip ? ", clipped" : ""}`,
        inputs: [
          { shape: [3, 4, 5, 3] },
          { shape: [3, 4, 5, 3], low: 0, high: 1 },
        ],
        build: ([x, clean]) => [project(x!, { clean: clean!, epsilon, clip })],
        kernelOnly: true,
      })),
    );
  }
}

/** How the clean pixels and the way from them are chosen, between 0 and 1. */
const KINDS = {
  random: (u: number, v: number) => [0.3 + 0.4 * u, v - 0.5],
  "saturated pixels": (u: number, v: number) => [u < 0.5 ? 0 : 1, v - 0.5],
  "one color": () => [1 / 3, 1],
  "a few large pixels": (u: number, v: number) => [
    0.5,
    u < 0.01 ? v : 1e-4 * v,
  ],
} as const;

interface Case {
  /** Images, rows, columns and channels. */
  readonly shape: readonly number[];
  readonly epsilon: number;
  readonly kind: keyof typeof KINDS;
}

/** Small and large images, of every number of channels and kind. */
const CASES: readonly Case[] = [
  { shape: [4, 1, 1, 1], epsilon: 0.001, kind: "random" },
  { shape: [4, 1, 1, 3], epsilon: 0.5, kind: "one color" },
  { shape: [3, 6, 40, 1], epsilon: 1, kind: "random" },
  { shape: [3, 6, 40, 3], epsilon: 0.001, kind: "one color" },
  { shape: [3, 32, 32, 3], epsilon: 0.5, kind: "saturated pixels" },
  { shape: [3, 32, 32, 3], epsilon: 128 / 255, kind: "random" },
  { shape: [3, 31, 31, 3], epsilon: 0.1, kind: "a few large pixels" },
  { shape: [2, 128, 128, 3], epsilon: 3, kind: "random" },
  { shape: [2, 128, 128, 2], epsilon: 50, kind: "saturated pixels" },
  { shape: [2, 224, 224, 3], epsilon: 1, kind: "random" },
  { shape: [1, 256, 256, 4], epsilon: 50, kind: "random" },
  { shape: [1, 256, 256, 4], epsilon: 0.001, kind: "random" },
  { shape: [1, 256, 256, 4], epsilon: 0.001, kind: "one color" },
];

/** Clean images, and ways from them. */
interface Drawn extends Pick<Case, "shape"> {
  readonly clean: Floats;
  readonly way: Floats;
}

function drawn({ shape, kind }: Case): Drawn {
  const size = sizeOf(shape);
  const draw = (stream: string) => uniform({ seed: 3, stream, step: 0 }, size);
  const [u, v] = [draw("clean"), draw("way")];
  const pairs = Array.from(u, (_, i) => KINDS[kind](u[i]!, v[i]!));
  return {
    shape,
    clean: Float32Array.from(pairs, ([clean]) => clean!),
    way: Float32Array.from(pairs, ([, way]) => way!),
  };
}

/** Lengths of x - clean by image, in double precision. */
function lengths(
  x: Floats,
  { clean, shape, norm }: {
    readonly clean: Floats;
    readonly shape: Case["shape"];
    readonly norm: Norm;
  },
): number[] {
  const size = sizeOf(shape.slice(1));
  return Array.from({ length: shape[0]! }, (_, n) => {
    let squares = 0, largest = 0;
    for (let i = n * size; i < (n + 1) * size; i++) {
      const d = Math.abs(x[i]! - clean[i]!);
      squares += d ** 2;
      largest = Math.max(largest, d);
    }
    return norm === "l2" ? Math.sqrt(squares) : largest;
  });
}

/** What both norms make of one case, and how long they find it. */
async function project(threat: ThreatModel, { shape, clean, way }: Drawn) {
  const { epsilon } = threat;
  const spread =
    { linf: 1, l2: Math.sqrt(sizeOf(shape.slice(1))) }[threat.norm];
  const [x, d, y] = ["clean", "way", "moved"].map((name) =>
    new Variable(name, shape)
  );
  const far = clean.map((x, i) => x + way[i]! * 100 * epsilon / spread);
  const found = await runOnDevice(
    [[x!, clean], [d!, way], [y!, far]],
    (graph) => {
      const ball = { clean: graph.read(x!), clip: true };
      const projected = threat.project(graph.read(y!), ball);
      const gradient = graph.read(d!);
      threat.ascend(y!, { clean: x!, gradient, stepSize: 2 * epsilon });
      const ascended = graph.read(y!);
      return [projected, ascended].flatMap((found) => [
        found,
        threat.length(subtract(found, x!)),
      ]);
    },
  );
  const [p, pLengths, a, aLengths] = found.map((b) => new Float32Array(b));
  return [{ images: p!, measured: pLengths! }, {
    images: a!,
    measured: aLengths!,
  }];
}

for (const one of CASES) {
  const { shape, epsilon, kind } = one;
  const size = sizeOf(shape.slice(1));
  // No radius of the maximum norm is above 1, the range of a pixel.
  for (const threat of [l2(epsilon), ...epsilon > 1 ? [] : [linf(epsilon)]]) {
    const { norm, longest } = threat;
    // How far the rounding of pixels may carry an image: in, or in one norm out.
    const pixels = { linf: 2 ** -25, l2: Math.sqrt(size) * 2 ** -23 }[norm];
    const fits = kind === "random" &&
      epsilon < 0.3 * { linf: 1, l2: Math.sqrt(size) }[norm];
    const most = norm === "l2" ? epsilon : epsilon * (1 + 2 ** -23) + pixels;

    Deno.test(`projections end on the ball, and count: ${norm} ${epsilon.toFixed(3)}, (${shape}), ${kind}`, async () => {
      const start = drawn(one);
      for (const { images, measured } of await project(threat, start)) {
        assert(images.every((x) => x >= 0 && x <= 1));
        lengths(images, { ...start, norm }).forEach((length, n) => {
          assert(length <= most, `${length / epsilon - 1} too far out`);
          assert(measured[n]! <= longest, `${measured[n]} does not count`);
          const wrong = Math.abs(measured[n]! / length - 1);
          assert(wrong < 2 ** -20, `measured to ${wrong}`);
          if (!fits) return;
          const least = epsilon * (1 - 4e-6) - 2 * pixels;
          assert(length >= least, `${1 - length / epsilon} too near`);
        });
      }
    });
  }
}

Deno.test("a radius is rounded down to 32 bits", () => {
  for (const radius of [0, 0.25, 0.1, 8 / 255, 0.3, 50]) {
    const rounded = roundedDown(radius);
    assertEquals(rounded, Math.fround(rounded));
    assert(rounded <= radius && rounded >= radius * (1 - 2 ** -23));
  }
});

Deno.test("projectL2() refuses points of another shape", () => {
  const graph = new Graph();
  assertThrows(
    () =>
      projectL2(graph.read(new Variable("y", [2, 48])), {
        clean: new Variable("clean", [2, 4, 4, 3]),
        epsilon: 1,
        clip: true,
      }),
    TypeError,
    "of one f32 shape (N, …) but found f32 (2, 48) and f32 (2, 4, 4, 3)",
  );
});

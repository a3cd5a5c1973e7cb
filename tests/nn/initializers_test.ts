// Initial values against the distributions that they are drawn from. With n draws a
// sample's mean and variance are normal around the true ones, so the bounds are five
// of their standard deviations.

import { assert, assertEquals } from "@std/assert";
import type { Network } from "../../src/nn/network.ts";
import {
  type Buffer,
  initialValues,
  materialize,
  type Parameter,
} from "../../src/nn/module.ts";
import { preActResNet18 } from "../../src/nn/preact_resnet.ts";
import { resnet18 } from "../../src/nn/resnet.ts";
import { WideResNet } from "../../src/nn/wide_resnet.ts";

/** The starting values of a network by name, with their shapes. */
function start(
  network: Network,
): [string, Float32Array, Parameter | Buffer][] {
  const materialized = materialize(network, "student");
  const flats = [materialized.parameters, materialized.buffers!].map((flat) =>
    [flat, initialValues(materialized, { flat, seed: 1 })] as const
  );
  return [...materialized.named].map(([name, variable]) => {
    const [, values] = flats.find(([flat]) => flat === variable.root)!;
    const first = variable.byteOffset / 4;
    const own = values.subarray(first, first + variable.byteLength / 4);
    return [name, own, variable];
  });
}

/** Sample mean and variance. */
function moments(values: Float32Array): { mean: number; variance: number } {
  const n = values.length;
  const mean = values.reduce((sum, x) => sum + x, 0) / n;
  const squares = values.reduce((sum, x) => sum + (x - mean) ** 2, 0);
  return { mean, variance: squares / n };
}

/** Fails unless mean and variance could be those of the distribution. */
function assertMoments(
  values: Float32Array,
  { variance, kurtosis, what }: {
    readonly variance: number;
    readonly kurtosis: number;
    readonly what: string;
  },
): void {
  const n = values.length;
  const found = moments(values);
  const deviation = Math.sqrt(variance);
  assert(Math.abs(found.mean) < 5 * deviation / Math.sqrt(n), what);
  const spread = Math.sqrt((kurtosis - 1) / n);
  assert(Math.abs(found.variance / variance - 1) < 5 * spread, what);
}

/** U(-bound, bound): within the bounds, close to both, and with its moments. */
function assertUniform(
  values: Float32Array,
  { bound, what }: { readonly bound: number; readonly what: string },
): void {
  const least = values.reduce((a, b) => Math.min(a, b));
  const most = values.reduce((a, b) => Math.max(a, b));
  assert(least >= Math.fround(-bound) && most <= Math.fround(bound), what);
  // The gap at either end is exponential with mean 2 bound / n.
  const gap = 20 * 2 * bound / values.length;
  assert(least + bound < gap && bound - most < gap, what);
  assertMoments(values, { variance: bound ** 2 / 3, kurtosis: 1.8, what });
}

/** N(0, variance): the moments and the share within one deviation. */
function assertNormal(
  values: Float32Array,
  { variance, what }: { readonly variance: number; readonly what: string },
): void {
  assertMoments(values, { variance, kurtosis: 3, what });
  const within = values.filter((x) => x * x < variance).length / values.length;
  const spread = Math.sqrt(0.6827 * 0.3173 / values.length);
  assert(Math.abs(within - 0.6827) < 5 * spread, what);
}

/** Batch norm starts as the identity, with statistics of a standard normal. */
function assertNormalization(name: string, values: Float32Array): void {
  const one = name.endsWith(".weight") || name.endsWith(".running_var");
  assertEquals(new Set(values), new Set([one ? 1 : 0]), name);
}

for (
  const [name, build] of Object.entries({
    "ResNet-18": () => resnet18({ classes: 10 }),
    "PreActResNet-18": () => preActResNet18({ classes: 10 }),
  })
) {
  Deno.test(`initialValues() of ${name} are PyTorch's defaults`, () => {
    for (const [what, values, { shape }] of start(build())) {
      if (shape.length === 4) {
        const [R, S, C] = shape as [number, number, number, number];
        assertUniform(values, { bound: 1 / Math.sqrt(R * S * C), what });
      } else if (what.startsWith("linear")) {
        assertUniform(values, { bound: 1 / Math.sqrt(512), what });
      } else assertNormalization(what, values);
    }
  });
}

Deno.test("initialValues() of WideResNet are He's normal distribution by fan out", () => {
  const network = new WideResNet({ classes: 10, depth: 16, width: 4 });
  for (const [what, values, { shape }] of start(network)) {
    if (shape.length === 4) {
      const [R, S, , K] = shape as [number, number, number, number];
      assertNormal(values, { variance: 2 / (R * S * K), what });
    } else if (what === "fc.weight") {
      assertUniform(values, { bound: 1 / Math.sqrt(256), what });
    } else if (what === "fc.bias") assertEquals(new Set(values), new Set([0]));
    else assertNormalization(what, values);
  }
});

// Fixtures from PyTorch and what they were computed from. Weights and images are not
// stored: they are rebuilt here from names, to the bit, by the rules of
// tests/fixtures/rebuild.py.
//
// PyTorch's layouts end in this file: its (K, C, R, S), (out, in) and (N, C, H, W)
// become (R, S, C, K), (in, out) and (N, H, W, C).

import { assert } from "@std/assert";
import type { Memory } from "../../src/gpu/memory.ts";
import { type Shape, sizeOf } from "../../src/graph/tensor.ts";
import type { Materialized } from "../../src/nn/module.ts";
import * as sequence from "../../src/base/random_sequence.ts";

type Floats = Float32Array<ArrayBuffer>;

/** Where each axis of PyTorch's layout stands here, by the number of axes. */
const PARAMETER_AXES: Readonly<Record<number, readonly number[]>> = {
  4: [3, 2, 0, 1],
  2: [1, 0],
};

/** Where the axes N, C, H, W of images stand here. */
const IMAGE_AXES = [0, 3, 1, 2];

/** A parameter's values here in PyTorch's order. */
export function inPyTorchOrder(values: Floats, shape: Shape): Floats {
  const axes = PARAMETER_AXES[shape.length];
  return axes ? transpose(values, { shape, axes }) : values;
}

/** Images or their gradients (N, H, W, C) in the order (N, C, H, W). */
export function imagesInPyTorchOrder(values: Floats, shape: Shape): Floats {
  return transpose(values, { shape, axes: IMAGE_AXES });
}

/** `values` with axis i of the result being axis `axes[i]` of `shape`. */
function transpose(
  values: Floats,
  { shape, axes }: { readonly shape: Shape; readonly axes: readonly number[] },
): Floats {
  const strides = axes.map((axis) => sizeOf(shape.slice(axis + 1)));
  const extents = axes.map((axis) => shape[axis]!);
  const result = new Float32Array(values.length);
  const index = extents.map(() => 0);
  for (let i = 0, from = 0; i < result.length; i++) {
    result[i] = values[from]!;
    for (let axis = axes.length - 1; axis >= 0; axis--) {
      from += strides[axis]!;
      if (++index[axis]! < extents[axis]!) break;
      from -= strides[axis]! * extents[axis]!;
      index[axis] = 0;
    }
  }
  return result;
}

/** The inverse of {@linkcode transpose}: values of PyTorch's layout, here. */
function fromPyTorch(
  values: Floats,
  { shape, axes }: { readonly shape: Shape; readonly axes: readonly number[] },
): Floats {
  return transpose(values, {
    shape: axes.map((axis) => shape[axis]!),
    axes: shape.map((_, axis) => axes.indexOf(axis)),
  });
}

/** The first `count` uniform numbers of a fixture's stream. */
function uniform(stream: string, count: number, step = 0): Floats {
  return sequence.uniform(
    { seed: 1, stream: `fixture/${stream}`, step },
    count,
  );
}

/** A parameter or running statistic that a fixture was computed with. */
export function rebuilt(name: string, shape: Shape, prefix = ""): Floats {
  const axes = PARAMETER_AXES[shape.length];
  const [outputs] = axes ? [shape[axes[0]!]!] : [1];
  const bound = Math.sqrt(6 * outputs / sizeOf(shape));
  const values = uniform(`${prefix}${name}`, sizeOf(shape)).map((u) => {
    const v = 2 * u - 1;
    if (axes) return bound * v;
    if (name.endsWith("running_var")) return 1 + 0.5 * v;
    return /(\.bias|running_mean)$/.test(name) ? 0.1 * v : 1 + 0.2 * v;
  });
  return axes ? fromPyTorch(values, { shape, axes }) : values;
}

/** Sets a network to the state that a fixture was computed with. */
export function writeRebuilt(
  memory: Memory,
  materialized: Materialized,
  prefix = "",
): void {
  for (const [name, variable] of materialized.named) {
    memory.write(variable, rebuilt(name, variable.shape, prefix));
  }
}

/** A batch of 32x32 images, (N, 32, 32, 3), and their classes. */
export interface FixtureBatch {
  readonly shape: Shape;
  readonly images: Floats;
  readonly labels: Uint32Array<ArrayBuffer>;
}

/** Noise with random labels: what the networks' fixtures see. */
export function noiseBatch(count: number, draw: number): FixtureBatch {
  const address = { seed: 1, stream: "fixture/labels", step: draw };
  return {
    shape: [count, 32, 32, 3],
    images: imagesFrom(uniform("images", 3072 * count, draw)),
    labels: sequence.words(address, count).map((word) => word % 10),
  };
}

/** Half noise, half a flat color whose red says the class: what training sees. */
export function tintedBatch(count: number, draw: number): FixtureBatch {
  const tints = uniform("tints", 3 * count, draw);
  const noise = uniform("images", 3072 * count, draw);
  return {
    shape: [count, 32, 32, 3],
    images: imagesFrom(
      noise.map((u, i) => 0.5 * u + 0.5 * tints[Math.floor(i / 1024)]!),
    ),
    labels: Uint32Array.from(
      { length: count },
      (_, n) => Math.floor(10 * tints[3 * n]!),
    ),
  };
}

/** The images moved uniformly in the ball and clipped, as Madry's PGD starts. */
export function uniformStart(
  { images }: FixtureBatch,
  { epsilon, draw }: { readonly epsilon: number; readonly draw: number },
): Floats {
  const u = imagesFrom(uniform("pgd-start", images.length, draw));
  return images.map((x, i) =>
    Math.min(1, Math.max(0, x + epsilon * (2 * u[i]! - 1)))
  );
}

/** The images moved by 0.001 normal noise, unclipped, as TRADES' attack starts. */
export function gaussianStart(
  { images }: FixtureBatch,
  { draw }: { readonly draw: number },
): Floats {
  const address = { seed: 1, stream: "fixture/start", step: draw };
  const z = imagesFrom(sequence.normal(address, images.length));
  return images.map((x, i) => x + 0.001 * z[i]!);
}

function imagesFrom(planar: Floats): Floats {
  const shape = [planar.length / 3072, 32, 32, 3];
  return fromPyTorch(planar, { shape, axes: IMAGE_AXES });
}

/**
 * What fixtures keep of a large tensor, given in PyTorch's order: its norm, its
 * product with a fixed direction, and its first eight values.
 */
export function summarized(name: string, values: Floats): number[] {
  const u = uniform(`direction/${name}`, values.length);
  let squares = 0, along = 0;
  values.forEach((value, i) => {
    squares += value * value;
    along += value * (2 * u[i]! - 1);
  });
  const first = Array.from({ length: 8 }, (_, i) => values[i] ?? 0);
  return [Math.sqrt(squares), along, ...first];
}

/**
 * Fails unless every number of a summary is within `tolerance` of the tensor's norm.
 * Errors in single elements are independent, so that the product with a direction
 * whose elements are at most 1 is off by no more than the norm of all errors.
 */
export function assertSummary(
  found: readonly number[],
  expected: readonly number[],
  { what, tolerance }: { readonly what: string; readonly tolerance: number },
): void {
  const scale = expected[0]!;
  found.forEach((value, i) => {
    const error = Math.abs(value - expected[i]!) / scale;
    assert(
      error <= tolerance,
      `${what}: number ${i} of the summary is ${value} but should be ${
        expected[i]
      }, off by ${error.toExponential(1)} of the norm`,
    );
  });
}

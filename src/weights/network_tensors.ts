// A network's tensors with PyTorch's names and layouts, which are used in files only.
// Names are those of the module's fields, which are PyTorch's already. Layouts are
// PyTorch's with the axes reversed: seen as (R S, C, K), a convolution's weight
// becomes (K, C, R S); a linear weight (1, in, out) becomes (out, in, 1).
//
// Loading is strict. A file that differs by a name or shape is refused, with all differences
// in one message, since a network with one layer at its starting values still trains and
// evaluates, only worse.

import { UserError } from "../base/errors.ts";
import { sameShape, type Shape, sizeOf } from "../graph/tensor.ts";
import { Buffer, type Materialized, type Parameter } from "../nn/module.ts";
import type { StoredTensor } from "./safetensors.ts";

/** The contents of a materialized network's flat variables. */
export interface NetworkValues {
  /** Laid out as `materialized.parameters`. */
  readonly parameters: Float32Array<ArrayBuffer>;
  /** Laid out as `materialized.buffers`; null where there are none or none are meant. */
  readonly buffers: Float32Array<ArrayBuffer> | null;
}

/** How to load tensors. */
export interface LoadOptions {
  /** The name of the tensors' source in errors, such as a file's. */
  readonly source: string;
  /** Expects tensors for the parameters alone, as an optimizer's velocity has. */
  readonly parametersOnly?: boolean;
  /** Names to pass over; {@linkcode DEAD_NAMES} if absent. */
  readonly ignore?: readonly RegExp[];
}

/**
 * Names in published checkpoints that no forward pass reads: the second copy of
 * the first group in TRADES' and LBGAT's wide networks, and batch norm's counts.
 */
export const DEAD_NAMES: readonly RegExp[] = [
  /^sub_block1\./,
  /(^|\.)num_batches_tracked$/,
];

/** The tensors are those of another network. */
export class OtherTensorsError extends UserError {}

/** How many differences of a kind an error names before it only counts them. */
const NAMED_DIFFERENCES = 4;

/**
 * The tensors of a network by name, in PyTorch's layout and in the order of its
 * fields. Without statistics they are those of the parameters alone.
 *
 * @throws {TypeError} if the values have not the network's size.
 */
export function networkTensors(
  materialized: Materialized,
  values: NetworkValues,
): Map<string, StoredTensor> {
  checkLength(values.parameters, materialized.parameters.shape);
  if (values.buffers) {
    checkLength(values.buffers, materialized.buffers?.shape ?? [0]);
  }
  const tensors = new Map<string, StoredTensor>();
  for (const [name, variable, own] of partsOf(materialized, values)) {
    const data = new Float32Array(own.length);
    reverseAxes(own, { into: data, extents: extentsOf(variable) });
    tensors.set(name, { shape: fileShape(variable), data });
  }
  return tensors;
}

/**
 * The flat values of a network whose tensors are given in PyTorch's layout.
 *
 * @throws {UserError} listing missing, unexpected and wrongly shaped tensors.
 */
export function loadNetworkTensors(
  materialized: Materialized,
  tensors: ReadonlyMap<string, StoredTensor>,
  options: LoadOptions,
): NetworkValues {
  checkTensors(materialized, tensors, options);
  const whole = materialized.buffers && !options.parametersOnly;
  const values = {
    parameters: new Float32Array(sizeOf(materialized.parameters.shape)),
    buffers: whole
      ? new Float32Array(sizeOf(materialized.buffers.shape))
      : null,
  };
  for (const [name, variable, own] of partsOf(materialized, values)) {
    reverseAxes(tensors.get(name)!.data, {
      into: own,
      extents: extentsOf(variable).toReversed(),
    });
  }
  return values;
}

/** The named variables of a network, and their parts of its flat values. */
function* partsOf(
  { named, parameters }: Materialized,
  values: NetworkValues,
): Iterable<
  readonly [string, Parameter | Buffer, Float32Array<ArrayBuffer>]
> {
  for (const [name, variable] of named) {
    const { shape, root, byteOffset } = variable;
    const flat = values[root === parameters ? "parameters" : "buffers"];
    const first = byteOffset / 4;
    if (flat) {
      yield [name, variable, flat.subarray(first, first + sizeOf(shape))];
    }
  }
}

/** The tensors whose names begin with `prefix`, without it. */
export function tensorsUnder(
  prefix: string,
  tensors: ReadonlyMap<string, StoredTensor> = new Map(),
): ReadonlyMap<string, StoredTensor> {
  return new Map(
    [...tensors]
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, tensor]) => [name.slice(prefix.length), tensor]),
  );
}

/** The shapes in PyTorch's order of a network's tensors by name. */
export function tensorShapes(
  materialized: Materialized,
): ReadonlyMap<string, Shape> {
  return new Map(
    [...materialized.named].map((
      [name, variable],
    ) => [name, fileShape(variable)]),
  );
}

/**
 * A shape in PyTorch's order: (R, S, C, K) as (K, C, R, S), (in, out) as (out, in).
 * Buffers and vectors keep their shapes.
 */
function fileShape(variable: Parameter | Buffer): Shape {
  const { shape } = variable;
  if (variable instanceof Buffer) return shape;
  if (shape.length === 2) return shape.toReversed();
  if (shape.length !== 4) return shape;
  const [R, S, C, K] = shape as [number, number, number, number];
  return [K, C, R, S];
}

/** The three axes that are reversed: (R S, C, K), (1, in, out), or (1, 1, n). */
function extentsOf(variable: Parameter | Buffer): readonly number[] {
  const { shape } = variable;
  if (variable instanceof Buffer) return [1, 1, sizeOf(shape)];
  if (shape.length === 2) return [1, ...shape];
  if (shape.length !== 4) return [1, 1, sizeOf(shape)];
  const [R, S, C, K] = shape as [number, number, number, number];
  return [R * S, C, K];
}

/** Side of the square blocks that are transposed at once, so that both sides stay cached. */
const BLOCK = 32;

/** into[c][b][a] = from[a][b][c]; with reversed extents, its own inverse. */
function reverseAxes(
  from: Float32Array,
  { into, extents }: {
    readonly into: Float32Array;
    readonly extents: readonly number[];
  },
): void {
  const [A, B, C] = extents as [number, number, number];
  for (let b0 = 0; b0 < B; b0 += BLOCK) {
    const bEnd = Math.min(b0 + BLOCK, B);
    for (let c0 = 0; c0 < C; c0 += BLOCK) {
      const cEnd = Math.min(c0 + BLOCK, C);
      for (let a = 0; a < A; a++) {
        for (let b = b0; b < bEnd; b++) {
          const row = (a * B + b) * C;
          for (let c = c0; c < cEnd; c++) {
            into[(c * B + b) * A + a] = from[row + c]!;
          }
        }
      }
    }
  }
}

function checkLength(values: Float32Array, shape: Shape): void {
  if (values.length !== sizeOf(shape)) {
    throw new TypeError(
      `Cannot name a network's tensors: expected ${
        sizeOf(shape)
      } values but found ${values.length}`,
    );
  }
}

function checkTensors(
  materialized: Materialized,
  tensors: ReadonlyMap<string, StoredTensor>,
  { source, parametersOnly = false, ignore = DEAD_NAMES }: LoadOptions,
): void {
  const expected: ReadonlyMap<string, Parameter | Buffer> = parametersOnly
    ? materialized.trainable
    : materialized.named;
  const missing: string[] = [];
  const misshapen: string[] = [];
  for (const [name, variable] of expected) {
    const found = tensors.get(name)?.shape;
    const wanted = fileShape(variable);
    if (!found) missing.push(name);
    else if (!sameShape(found, wanted)) {
      misshapen.push(
        `${name} (${found.join(", ")}) for (${wanted.join(", ")})`,
      );
    }
  }
  const unexpected = [...tensors.keys()].filter((name) =>
    !expected.has(name) && !ignore.some((pattern) => pattern.test(name))
  );
  if (missing.length + unexpected.length + misshapen.length === 0) return;
  const lines = [
    listed("missing", missing),
    listed("unexpected", unexpected),
    listed("wrongly shaped", misshapen),
  ];
  throw new OtherTensorsError(
    `Cannot load ${source}: expected the ${expected.size} tensors of the ` +
      `${materialized.name} but found differences${lines.join("")}`,
  );
}

/** A line with the first names and how many there are; nothing for none. */
function listed(kind: string, names: readonly string[]): string {
  if (names.length === 0) return "";
  const rest = names.length - NAMED_DIFFERENCES;
  const first = names.slice(0, NAMED_DIFFERENCES).join(", ");
  return `\n  ${names.length} ${kind}: ${first}` +
    (rest > 0 ? ` and ${rest} more` : "");
}

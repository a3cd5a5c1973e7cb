// Modules and their parameters, which are found by walking the fields: a parameter's name is
// the path of fields to it, and fields have the names of the PyTorch code that published
// checkpoints come from (`layer1.0.conv1.weight`).
//
// All parameters of a network live in one flat variable, and all its buffers in
// another, so that an optimizer step is one dispatch and a checkpoint one copy.

import { flatten, type Shape, sizeOf, Variable } from "../graph/tensor.ts";
import type { Initializer } from "./initializers.ts";

/** State of a module, with the values that it starts from. */
export abstract class ModuleVariable extends Variable {
  /** Its starting values. */
  readonly initializer: Initializer;

  /** A variable of a module, set to the initializer's values by its owner. */
  constructor(name: string, shape: Shape, initializer: Initializer) {
    super(name, shape);
    this.initializer = initializer;
  }
}

/** A trainable tensor. Convolutions are (R, S, C, K), linear layers (in, out). */
export class Parameter extends ModuleVariable {}

/**
 * State that training updates without a gradient, such as running means and variances, or
 * a method's memory of features.
 */
export class Buffer extends ModuleVariable {}

/** Anything with parameters in its fields, directly or in modules and arrays of them. */
export abstract class Module {}

/** The path of fields to each module of a network that was laid out. */
const paths = new WeakMap<Module, string>();

/** What to call a module in errors: its path of fields, else the name of its class. */
export function nameOf(module: Module): string {
  return paths.get(module) ?? module.constructor.name;
}

/** Errors that name their layer already. */
const named = new WeakSet<Error>();

/**
 * Traces a layer. What is wrong with a shape in it is thrown with the layer's name.
 *
 * @throws {TypeError | RangeError} what tracing throws, with the name behind it.
 */
export function inLayer<T>(layer: Module, trace: () => T): T {
  try {
    return trace();
  } catch (error) {
    const Kind = [TypeError, RangeError].find((Kind) => error instanceof Kind);
    if (!Kind || named.has(error as Error)) throw error;
    const { message } = error as Error;
    const told = new Kind(`${message} (in the layer ${nameOf(layer)})`, {
      cause: error,
    });
    named.add(told);
    throw told;
  }
}

/** A module's parameters and buffers by name, in the order of its fields. */
export function namedVariables(
  module: Module,
): Map<string, Parameter | Buffer> {
  const found = new Map<string, Parameter | Buffer>();
  const visit = (value: unknown, path: string): void => {
    if (value instanceof Parameter || value instanceof Buffer) {
      found.set(path, value);
    } else if (value instanceof Module || Array.isArray(value)) {
      if (value instanceof Module && path) paths.set(value, path);
      for (const [key, child] of Object.entries(value)) {
        visit(child, path ? `${path}.${key}` : key);
      }
    }
  };
  visit(module, "");
  return found;
}

/** The number of trainable values. */
export function countParameters(module: Module): number {
  return [...namedVariables(module).values()]
    .filter((variable) => variable instanceof Parameter)
    .reduce((sum, { shape }) => sum + sizeOf(shape), 0);
}

/** A module whose state is in flat variables. */
export interface Materialized<M extends Module = Module> {
  readonly name: string;
  readonly module: M;
  readonly named: ReadonlyMap<string, Parameter | Buffer>;
  /** Trainable parameters by name. */
  readonly trainable: ReadonlyMap<string, Parameter>;
  /** All parameters, each at a multiple of 256 bytes; zeros where there are none. */
  readonly parameters: Variable;
  /** All buffers; null where the module has none. */
  readonly buffers: Variable | null;
}

/** Lays out a module's state in flat variables. Call this once per module. */
export function materialize<M extends Module>(
  module: M,
  name: string,
): Materialized<M> {
  const named = namedVariables(module);
  const trainable = new Map<string, Parameter>();
  const moving: Buffer[] = [];
  for (const [path, variable] of named) {
    if (variable instanceof Parameter) trainable.set(path, variable);
    else moving.push(variable);
  }
  return {
    name,
    module,
    named,
    trainable,
    parameters: flatten(`${name} parameters`, [...trainable.values()]),
    buffers: moving.length ? flatten(`${name} buffers`, moving) : null,
  };
}

/** The starting values of one of a materialized module's flat variables. */
export function initialValues(
  materialized: Materialized,
  { flat, seed }: { readonly flat: Variable; readonly seed: number },
): Float32Array<ArrayBuffer> {
  const values = new Float32Array(flat.byteLength / 4);
  for (const [path, variable] of materialized.named) {
    if (variable.root !== flat) continue;
    const stream = `init/${materialized.name}/${path}`;
    values.set(
      variable.initializer(variable.shape, { seed, stream }),
      variable.byteOffset / 4,
    );
  }
  return values;
}

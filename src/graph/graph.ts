// A graph is the list of operations of one step, in the order in which they were traced.
// Nothing runs while it is built.
//
// An operation may overwrite variables, if it says so in `updates`. Reads and
// updates happen in trace order; using a value that was read from a variable
// before it was overwritten is refused, since the device only has the new one. In a loop,
// the end of the body also comes before its next beginning.

import type * as types from "./op.ts";
import type {
  CheckpointRegion,
  Loop,
  Node,
  Op,
  Operand,
  Tensor,
} from "./op.ts";
import {
  type DType,
  formatType,
  overlaps,
  type Shape,
  Variable,
} from "./variable.ts";

export type {
  CheckpointRegion,
  Consumer,
  Evaluation,
  Expansion,
  Fusion,
  Loop,
  Lowering,
  Node,
  Op,
  Operand,
  Scratch,
  Storage,
} from "./op.ts";

/** The operations of one step, in the order traced. */
export type Graph = types.Graph;

class TracedGraph implements Graph {
  readonly nodes: Node[] = [];
  readonly states: Set<Variable> = new Set();
  #loop: Loop | null = null;
  #region: CheckpointRegion | null = null;
  #backward = false;
  /** Overwritten variables, by root. */
  readonly #updates = new Map<Variable, Variable[]>();
  #reads = new Map<Variable, Tensor>();

  read(variable: Variable): Tensor {
    const version = this.#version(variable);
    const known = this.#reads.get(variable);
    if (known?.index === version) return known;
    const { shape, dtype } = variable;
    const tensor: Tensor = {
      graph: this,
      shape,
      dtype,
      source: variable,
      index: version,
      readIn: this.#loop,
    };
    this.#reads.set(variable, tensor);
    return tensor;
  }

  state(name: string, shape: Shape, dtype: DType = "f32"): Variable {
    const state = new Variable(name, shape, dtype);
    this.states.add(state);
    return state;
  }

  repeat(count: number, body: () => void): void {
    if (this.#loop) throw new TypeError("Cannot trace a loop inside a loop");
    if (!Number.isInteger(count) || count < 0) {
      throw new RangeError(
        `Cannot repeat: expected a whole number of iterations but found ${count}`,
      );
    }
    if (count === 0) return;
    const outside = this.#reads;
    const before = this.nodes.length;
    this.#loop = { count };
    this.#reads = new Map();
    try {
      body();
      for (const node of this.nodes.slice(before)) this.#checkNextTurn(node);
    } finally {
      this.#loop = null;
      this.#reads = outside;
    }
  }

  checkpoint<T>(body: () => T): T {
    const outer = this.#region;
    this.#region = outer ?? Symbol("region");
    try {
      return body();
    } finally {
      this.#region = outer;
    }
  }

  backward<T>(body: () => T): T {
    const outer = this.#backward;
    this.#backward = true;
    try {
      return body();
    } finally {
      this.#backward = outer;
    }
  }

  append<P>(
    op: Op<P>,
    inputs: readonly Tensor[],
    params: P,
  ): readonly Tensor[] {
    inputs.forEach((input, i) => {
      checkWidth(op, input);
      this.#checkCurrent(op.name, input);
      const set = op.copies && op.updates?.includes(i);
      if (!set) this.#checkSet(op.name, input);
    });
    const types = op.infer(inputs, params);
    const outputs: Tensor[] = [];
    const node: Node = {
      op,
      inputs,
      params,
      outputs,
      loop: this.#loop,
      region: this.#region,
      backward: this.#backward,
    };
    types.forEach(({ shape, dtype }, index) =>
      outputs.push({ graph: this, shape, dtype, source: node, index })
    );
    this.#recordUpdates(node);
    this.nodes.push(node);
    return outputs;
  }

  /** Records the variables that a node overwrites. Refuses updates that no device can do. */
  #recordUpdates({ op, inputs }: Node): void {
    const { updates = [] } = op;
    for (const i of updates) {
      const variable = inputs[i]?.source;
      if (!(variable instanceof Variable)) {
        throw new TypeError(
          `Cannot ${op.name}: expected input ${i} to be a variable`,
        );
      }
      const beside = inputs.find(({ source }, j) =>
        !updates.includes(j) && source instanceof Variable &&
        source.root === variable.root
      );
      if (beside) {
        const { name } = beside.source as Variable;
        throw new TypeError(
          `Cannot ${op.name}: expected ${name} to be in another buffer than ${variable.name}, which is written`,
        );
      }
      const known = this.#updates.get(variable.root);
      if (known) known.push(variable);
      else this.#updates.set(variable.root, [variable]);
    }
  }

  /** How often any byte of a variable has been overwritten so far. */
  #version(variable: Variable): number {
    return this.#updates.get(variable.root)
      ?.filter((updated) => overlaps(updated, variable)).length ?? 0;
  }

  #checkCurrent(op: string, input: Tensor): void {
    if (input.graph !== this) {
      throw new TypeError(
        `Cannot ${op}: expected inputs of one graph but found ${
          formatType(input)
        } of another`,
      );
    }
    const { source, index } = input;
    if (!(source instanceof Variable)) return;
    if (this.#version(source) !== index) {
      throw new TypeError(
        `Cannot ${op}: ${source.name} has been overwritten since it was read`,
      );
    }
  }

  /** Refuses to read a state that has not been set in this run. */
  #checkSet(op: string, { source, index }: Tensor): void {
    if (!(source instanceof Variable) || index > 0) return;
    if (this.states.has(source.root)) {
      throw new TypeError(
        `Cannot ${op}: ${source.name} has not been set in this run`,
      );
    }
  }

  /** Refuses an input that is current in the first iteration only. */
  #checkNextTurn({ op, inputs }: Node): void {
    for (const { source, index, readIn } of inputs) {
      if (!(source instanceof Variable) || readIn === this.#loop) continue;
      if (this.#version(source) !== index) {
        throw new TypeError(
          `Cannot ${op.name} in a loop: ${source.name} was read before the loop, which overwrites it`,
        );
      }
    }
  }
}

/** Makes an empty graph. */
export const Graph: new () => Graph = TracedGraph;

/** Refuses half precision for operations that do not support it. */
function checkWidth<P>({ name, half }: Op<P>, input: Tensor): void {
  if (input.dtype === "f16" && !half) {
    throw new TypeError(
      `Cannot ${name}: expected f32 but found ${
        formatType(input)
      }, which cast(x, "f32") widens`,
    );
  }
}

/**
 * Applies an operation. Variables among the inputs are read as they are now; at
 * least one input must be a tensor, unless a graph is given.
 */
export function apply<P>(
  op: Op<P>,
  inputs: readonly Operand[],
  params: P,
  graph?: Graph,
): readonly Tensor[] {
  const target = graph ?? graphOf(inputs);
  if (!target) {
    throw new TypeError(`Cannot ${op.name}: expected a tensor or a graph`);
  }
  const tensors = inputs.map((input) =>
    input instanceof Variable ? target.read(input) : input
  );
  return target.append(op, tensors, params);
}

/** Applies an operation that has exactly one output. */
export function applyOne<P>(
  op: Op<P>,
  inputs: readonly Operand[],
  params: P,
  graph?: Graph,
): Tensor {
  return apply(op, inputs, params, graph)[0]!;
}

function graphOf(inputs: readonly Operand[]): Graph | undefined {
  for (const input of inputs) {
    if (!(input instanceof Variable)) return input.graph;
  }
  return undefined;
}

/**
 * The same value, with no gradient behind it. It costs nothing: derivatives follow
 * a tensor's identity, and this one has another.
 */
export function detach(x: Tensor): Tensor {
  return { ...x };
}

/** The tensor that `x` is the same value as: itself, unless it was detached. */
export function attached(x: Tensor): Tensor {
  return x.source instanceof Variable ? x : x.source.outputs[x.index]!;
}

/** A node with outputs of its own, of the given types. */
export function nodeWith(
  node: Node,
  types: readonly Pick<Tensor, "dtype" | "shape">[],
): Node {
  const outputs: Tensor[] = [];
  const made: Node = { ...node, outputs };
  const { graph } = node.outputs[0] ?? node.inputs[0]!;
  types.forEach(({ dtype, shape }, index) =>
    outputs.push({ graph, dtype, shape, source: made, index })
  );
  return made;
}

// The types of a graph: a tensor is a value that a node computes, a node is an operation
// applied to tensors, and an operation is one object with its shape rule, its derivative
// and its kernels. The types refer to each other, so they stand in one file.

import type { Target } from "../gpu/device.ts";
import type { Dispatch, Exchange } from "../gpu/program.ts";
import type { DType, Shape, TensorType, Variable } from "./variable.ts";

/** A value in a graph: its type and where it comes from. Holds no data. */
export interface Tensor extends TensorType {
  /**
   * Where the operations on it are traced.
   *
   * @internal
   */
  readonly graph: Graph;
  /**
   * The node that computes it, or the variable that it reads.
   *
   * @internal
   */
  readonly source: Node | Variable;
  /**
   * Which of the node's outputs it is; for a variable, the version that was read.
   *
   * @internal
   */
  readonly index: number;
  /**
   * The loop that a variable was read in, if any.
   *
   * @internal
   */
  readonly readIn?: Loop | null;
}

/** A tensor, or a variable whose current value is meant. */
export type Operand = Tensor | Variable;

/** The inputs of a derivative rule: inputs and outputs of the forward pass. */
export interface Evaluation {
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  readonly graph: Graph;
}

/** A tensor, variable slice or scratch space, as a kernel binds it. */
export type Storage = Tensor | Scratch;

/** Space that one operation's dispatches need between them. */
export interface Scratch extends TensorType {
  readonly scratch: true;
}

/** The inputs of `lower`: an operation's values and the target. */
export interface Lowering extends Required<Target> {
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  /** Space for values that only this operation's dispatches see. */
  scratch(type: TensorType): Scratch;
}

/** The inputs of `expand`: an operation's values and the target. */
export interface Expansion extends Required<Target> {
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly TensorType[];
  /** Runs an operation in place of the expanded one, in the order of the calls. */
  apply<Q>(op: Op<Q>, inputs: readonly Tensor[], params: Q): readonly Tensor[];
  /** Runs the expanded operation itself, on other inputs. */
  again(inputs: readonly Tensor[]): readonly Tensor[];
}

/** An operation that reads the output of another, as its input `at`. */
export interface Consumer<C> {
  readonly inputs: readonly Tensor[];
  readonly at: number;
  readonly params: C;
}

/** How an operation also computes the consumer of its only output. */
// deno-lint-ignore no-explicit-any -- fusions of all consumers share one list
export interface Fusion<P, C = any> {
  readonly consumer: Op<C>;
  /**
   * The inputs to add to the producer's own, and its parameters then; null where it
   * cannot compute both. Its output is then the consumer's.
   */
  rewrite(
    consumer: Consumer<C>,
    params: P,
  ): { readonly inputs: readonly Tensor[]; readonly params: P } | null;
}

/** One operation: its shape rule, its derivative, and the dispatches that compute it. */
export interface Op<P = void> {
  readonly name: string;
  /**
   * Types of the outputs.
   *
   * @throws {TypeError} if the inputs do not fit, naming both shapes.
   */
  infer(inputs: readonly TensorType[], params: P): readonly TensorType[];
  /**
   * Cotangents of the inputs, given those of the outputs (null where nothing
   * depends on one). All of them are traced; those that are not used do not run.
   */
  vjp?(
    at: Evaluation,
    cotangents: readonly (Tensor | null)[],
    params: P,
  ): readonly (Tensor | null)[];
  /**
   * Replaces the operation on a target by others with the same outputs; null to lower it
   * itself. Expansion comes before values are moved out of loops, so that intermediate
   * values which do not change, such as packed weights, are computed once.
   */
  expand?(io: Expansion, params: P): readonly Tensor[] | null;
  /** Consumers of its output that it can compute as well. */
  readonly fusions?: readonly Fusion<P>[];
  lower(io: Lowering, params: P): readonly Dispatch<Storage>[];
  /** Inputs that it overwrites. They must be variables. */
  readonly updates?: readonly number[];
  /** Set where inputs may be `f16`; sums are in `f32` even so. */
  readonly half?: true;
  /**
   * Set on the operation that only copies input 0 over input 1: the compiler lets
   * the producer of input 0 write in place where that is safe.
   */
  readonly copies?: true;
  /**
   * What the host exchanges in place of dispatches, between persistent variables. The
   * program is cut there.
   */
  exchange?(io: Lowering, params: P): Exchange<Storage>;
}

/** A loop: the nodes traced inside it run `count` times. */
export interface Loop {
  readonly count: number;
}

/** A part of a forward pass that may be computed again instead of being kept. */
export type CheckpointRegion = symbol;

/** An operation applied to inputs. */
export interface Node {
  // deno-lint-ignore no-explicit-any -- nodes of all parameter types share one list
  readonly op: Op<any>;
  readonly inputs: readonly Tensor[];
  readonly params: unknown;
  readonly outputs: readonly Tensor[];
  readonly loop: Loop | null;
  readonly region: CheckpointRegion | null;
  /** Whether it was traced by differentiation. */
  readonly backward: boolean;
}

/** The operations of one step, in the order traced; `new Graph()` makes an empty one. */
export interface Graph {
  readonly nodes: readonly Node[];
  /** Variables that exist only during a run, such as the iterate of an attack. */
  readonly states: ReadonlySet<Variable>;
  /** The current value of a variable. */
  read(variable: Variable): Tensor;
  /** A variable of this run only, to be set before it is read. */
  state(name: string, shape: Shape, dtype?: DType): Variable;
  /**
   * Traces `body` once, to be run `count` times. Loops do not nest.
   *
   * @throws {TypeError} if the body uses a value that was read outside from a
   * variable that the body overwrites: later iterations would find another.
   */
  repeat(count: number, body: () => void): void;
  /** Traces `body` as a part of a forward pass that may be computed again. */
  checkpoint<T>(body: () => T): T;
  /** Traces `body` as a backward pass. */
  backward<T>(body: () => T): T;
  /** Appends an operation; `apply` is the way to call it. */
  append<P>(
    op: Op<P>,
    inputs: readonly Tensor[],
    params: P,
  ): readonly Tensor[];
}

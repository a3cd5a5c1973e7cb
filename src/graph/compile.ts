// The compiler, from a graph to a program: it runs the passes, asks each operation for its
// dispatches, and assigns a buffer to every value.
//
// A value that is only copied into a variable is written there by its producer,
// so gradients land in the flat gradient buffer and an attack's start in its
// iterate. All other values live in scratch buffers, shared by lifetime.

import type { Target } from "../gpu/device.ts";
import type {
  Block,
  BufferSpec,
  Dispatch,
  Exchange,
  Program,
  View,
} from "../gpu/program.ts";
import type { Graph, Lowering, Scratch, Storage } from "./graph.ts";
import { assignBuffers } from "./lifetime.ts";
import { elideCopies } from "./elide_copies.ts";
import { recompute } from "./recompute.ts";
import { optimize, type Step, type StepBlock } from "./passes.ts";
import {
  byteLengthOf,
  type Tensor,
  type TensorType,
  Variable,
} from "./tensor.ts";

/** How to compile a graph. */
export interface CompileOptions extends Target {
  /** Shown in messages. */
  readonly name: string;
  /** Compute the insides of checkpoint regions again in backward passes. */
  readonly recompute?: boolean;
}

/** Compiles a graph to a program that sets the variables which the graph updates. */
export function compile(graph: Graph, options: CompileOptions): Program {
  const target = targetOf(options);
  const optimized = optimize(graph, target);
  const { blocks, homes } = elideCopies(
    options.recompute ? recompute(optimized) : optimized,
  );
  const lowered = blocks.flatMap(cutAtExchanges).map((block) => ({
    repeat: block.repeat,
    dispatches: lower(block, target),
    exchanges: exchangesOf(block, target),
  })).filter(({ dispatches, exchanges }) =>
    dispatches.length + exchanges.length > 0
  );
  return place(lowered, { name: options.name, states: graph.states, homes });
}

function targetOf(
  {
    adapterClass,
    subgroupSize = 0,
    shaderInt64 = false,
    algorithm = "",
    tuned = {},
  }: Target,
): Required<Target> {
  return { adapterClass, subgroupSize, shaderInt64, algorithm, tuned };
}

type Lowered = {
  readonly repeat: number;
  readonly dispatches: readonly Dispatch<Storage>[];
  readonly exchanges: readonly Exchange<Storage>[];
};

/** The same steps in blocks that each end behind exchanges, or have none. */
function cutAtExchanges({ repeat, steps }: StepBlock): StepBlock[] {
  const parts: Step[][] = [[]];
  let exchanging = false;
  for (const step of steps) {
    const exchanges = step.node.op.exchange !== undefined;
    if (exchanging && !exchanges) parts.push([]);
    parts.at(-1)!.push(step);
    exchanging = exchanges;
  }
  if (repeat > 1 && (parts.length > 1 || exchanging)) {
    throw new TypeError("Cannot compile: expected no exchange inside a loop");
  }
  return parts.map((part) => ({ repeat, steps: part }));
}

/** The dispatches of a block, in order. */
function lower(
  { steps }: StepBlock,
  target: Required<Target>,
): Dispatch<Storage>[] {
  return steps.flatMap((step) =>
    step.node.op.lower(loweringOf(step, target), step.node.params)
  );
}

/** What the host exchanges behind the dispatches of a block. */
function exchangesOf(
  { steps }: StepBlock,
  target: Required<Target>,
): Exchange<Storage>[] {
  return steps.flatMap((step) =>
    step.node.op.exchange?.(loweringOf(step, target), step.node.params) ?? []
  );
}

function loweringOf(
  { node: { outputs }, inputs }: Step,
  target: Required<Target>,
): Lowering {
  const scratch = (type: TensorType): Scratch => ({ ...type, scratch: true });
  return { inputs, outputs, ...target, scratch };
}

interface Placing {
  readonly name: string;
  readonly states: ReadonlySet<Variable>;
  /** Values that are written straight into a variable. */
  readonly homes: ReadonlyMap<Tensor, Variable>;
}

/** Gives every value its buffer. */
function place(lowered: readonly Lowered[], placing: Placing): Program {
  const lifetimes = lifetimesOf(lowered, placing);
  const keys = [...lifetimes.keys()];
  const { bufferOf, sizes } = assignBuffers([...lifetimes.values()]);
  const buffers: BufferSpec[] = sizes.map((size, i) => ({
    label: `scratch ${i}`,
    size,
  }));
  const scratch = new Map(keys.map((key, i) => [key, bufferOf[i]!]));
  const persistent = new Map<Variable, number>();
  const viewOf = (storage: Storage): View => {
    const home = homeOf(storage, placing);
    if (!(home instanceof Variable)) {
      const size = byteLengthOf(home);
      return { buffer: scratch.get(home)!, offset: 0, size };
    }
    const { root, byteOffset: offset, byteLength: size } = home;
    if (placing.states.has(root)) {
      return { buffer: scratch.get(root)!, offset, size };
    }
    if (!persistent.has(root)) {
      const { name: label, byteLength: size } = root;
      persistent.set(root, buffers.push({ label, size, variable: root }) - 1);
    }
    return { buffer: persistent.get(root)!, offset, size };
  };
  const blocks = lowered.map((block) => placedBlock(block, viewOf));
  return { name: placing.name, buffers, blocks };
}

function placedBlock(
  { repeat, dispatches, exchanges }: Lowered,
  viewOf: (storage: Storage) => View,
): Block {
  return {
    repeat,
    dispatches: dispatches.map((dispatch): Dispatch => ({
      ...dispatch,
      reads: dispatch.reads.map(viewOf),
      writes: dispatch.writes.map(viewOf),
    })),
    ...(exchanges.length > 0 && {
      exchanges: exchanges.map(({ from, to, ...rest }): Exchange => ({
        ...rest,
        from: viewOf(from),
        to: viewOf(to),
      })),
    }),
  };
}

type Home = Variable | Tensor | Scratch;

/** The variable or value that a storage stands for. */
function homeOf(storage: Storage, { homes }: Placing): Home {
  if ("scratch" in storage) return storage;
  const variable = homes.get(storage);
  if (variable) return variable;
  return storage.source instanceof Variable ? storage.source : storage;
}

/** When each scratch value is alive, in dispatches; a loop keeps what it reads. */
function lifetimesOf(
  lowered: readonly Lowered[],
  placing: Placing,
): Map<Home, { size: number; first: number; last: number }> {
  const lifetimes = new Map<
    Home,
    { size: number; first: number; last: number }
  >();
  let at = 0;
  for (const { repeat, dispatches } of lowered) {
    const start = at, end = at + dispatches.length - 1;
    for (const { reads, writes } of dispatches) {
      for (const storage of [...reads, ...writes]) {
        const found = homeOf(storage, placing);
        const home = found instanceof Variable ? found.root : found;
        if (home instanceof Variable && !placing.states.has(home)) continue;
        const known = lifetimes.get(home);
        if (known) known.last = repeat > 1 && known.first < start ? end : at;
        else {
          const size = byteLengthOf(home);
          lifetimes.set(home, { size, first: at, last: at });
        }
      }
      at++;
    }
  }
  return lifetimes;
}

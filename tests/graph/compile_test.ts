// The compiler may reorder, merge, drop and share, but never change a result:
// random graphs are replayed on the device and compared exactly with an
// interpreter that runs every node in trace order.

import { assert } from "@std/assert";
import { detach, Graph } from "../../src/graph/graph.ts";
import { type Tensor, Variable } from "../../src/graph/tensor.ts";
import {
  add,
  clamp,
  maximum,
  negate,
  subtract,
} from "../../src/ops/pointwise.ts";
import { store } from "../../src/ops/store.ts";
import { integers } from "../../src/base/random_sequence.ts";
import {
  checkReplay,
  countDispatches,
  type ProgramOptions,
} from "../support/replay.ts";

/** A source of small random integers. */
type Draw = (bound: number) => number;

function drawing(number: number): Draw {
  let substep = 0;
  return (bound) =>
    integers(
      { seed: 1, stream: "graphs", step: number, substep: substep++ },
      { count: 1, bound },
    )[0]!;
}

/** What random graphs read and write: whole variables, slices and states. */
interface RandomVariables {
  readonly all: readonly Variable[];
  readonly persistent: readonly Variable[];
}

/** Lays the variables out and sets the states, as every graph must. */
function variablesOf(graph: Graph): RandomVariables {
  const type = { dtype: "f32", shape: [4] } as const;
  const whole = ["a", "b", "c"].map((name) => new Variable(name, [4]));
  const flat = new Variable("flat", [3 * 64]);
  const slices = [0, 1, 2].map((i) => flat.slice(`slice ${i}`, 256 * i, type));
  const states = ["s", "t"].map((name) => graph.state(name, [4]));
  for (const state of states) store(negate(graph.read(whole[0]!)), state);
  const flatState = graph.state("flat state", [2 * 64]);
  const parts = [0, 1].map((i) => flatState.slice(`part ${i}`, 256 * i, type));
  parts.forEach((part, i) => store(negate(graph.read(slices[i]!)), part));
  return {
    all: [...whole, ...slices, ...states, ...parts],
    persistent: [...whole, ...slices],
  };
}

/** One random operation on `values`: exact in float32, at most 1000 in size. */
function randomValue(draw: Draw, values: readonly Tensor[]): Tensor {
  const any = (): Tensor => {
    const value = values[draw(values.length)]!;
    return draw(8) === 0 ? detach(value) : value;
  };
  const bounds = { low: -1000, high: 1000 };
  switch (draw(5)) {
    case 0:
      return clamp(add(any(), any()), bounds);
    case 1:
      return clamp(subtract(any(), any()), bounds);
    case 2:
      return maximum(any(), any());
    case 3:
      return negate(any());
    default:
      return clamp(any(), { low: -draw(100), high: draw(100) });
  }
}

/** Traces random operations and stores; values computed before may be used. */
function randomPart(
  { graph, draw, variables: { all } }: {
    readonly graph: Graph;
    readonly draw: Draw;
    readonly variables: RandomVariables;
  },
  computed: Tensor[],
): void {
  for (let length = 2 + draw(4); length > 0; length--) {
    // What was read from a variable is current only until it is overwritten.
    const current = all.map((variable) => graph.read(variable));
    const recent = computed.slice(-6);
    if (draw(5) < 3) {
      computed.push(randomValue(draw, [...current, ...recent]));
      continue;
    }
    const variable = all[draw(all.length)]!;
    const elsewhere = current.filter((_, i) => all[i]!.root !== variable.root);
    const values = draw(4) === 0 || !recent.length ? elsewhere : recent;
    store(values[draw(values.length)]!, variable);
  }
}

/** Straight parts and loops in turn, parts of each as regions or backward passes. */
function randomGraph(number: number): [Graph, readonly Variable[]] {
  const graph = new Graph();
  const draw = drawing(number);
  const variables = variablesOf(graph);
  const computed: Tensor[] = [];
  const piece = () => randomPart({ graph, draw, variables }, computed);
  const trace = () => {
    piece();
    graph.checkpoint(piece);
    if (draw(2) === 0) piece();
    graph.backward(piece);
  };
  for (let part = 0; part < 3; part++) {
    if (part % 2 === 0) trace();
    else graph.repeat(1 + draw(3), trace);
  }
  return [graph, variables.persistent];
}

/** Stores of a run, and copies that a program makes of them. */
interface Stores {
  readonly traced: number;
  readonly copied: number;
}

async function checkRandomGraph(
  number: number,
  options: ProgramOptions,
): Promise<Stores> {
  const [graph, results] = randomGraph(number);
  const given = results.map((variable, i) =>
    [variable, [1, -2, 3, -4].map((x) => x * (i + 1))] as const
  );
  const { program } = await checkReplay(graph, {
    given,
    results,
    runs: 2,
    ...options,
  }).catch((cause) => {
    throw new Error(`Graph ${number} fails`, { cause });
  });
  const copied = countDispatches(program).get("copy") ?? 0;
  const traced = graph.nodes.reduce(
    (sum, { op, loop }) => sum + (op.copies ? loop?.count ?? 1 : 0),
    0,
  );
  return { traced, copied };
}

const GRAPHS = 100;

for (const recompute of [false, true]) {
  const name = recompute ? "compile() with recompute" : "compile()";
  Deno.test(`${name} keeps the results of random graphs`, async () => {
    let traced = 0, copied = 0;
    for (let number = 0; number < GRAPHS; number++) {
      const stores = await checkRandomGraph(number, { recompute });
      traced += stores.traced;
      copied += stores.copied;
    }
    // Else the graphs would not exercise both sides of the compiler's choice.
    assert(
      copied > traced / 10 && copied < traced * 0.9,
      `${copied}/${traced}`,
    );
  });
}

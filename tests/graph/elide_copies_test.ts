// Where a value is computed straight into the variable that it is stored in. A copy
// that is avoided saves a dispatch; one that is avoided wrongly gives wrong numbers,
// so every case runs on the device against the interpreter.

import { assertEquals } from "@std/assert";
import { Graph } from "../../src/graph/graph.ts";
import { type Tensor, Variable } from "../../src/graph/tensor.ts";
import { batchNorm } from "../../src/ops/norm/batch_norm.ts";
import { fill } from "../../src/ops/fill.ts";
import { grad } from "../../src/ops/grad.ts";
import { accumulate } from "../../src/ops/metrics.ts";
import { ascendLinf } from "../../src/ops/attack/perturb.ts";
import {
  add,
  addScalar,
  mulScalar,
  multiply,
  negate,
  square,
} from "../../src/ops/pointwise.ts";
import { sum } from "../../src/ops/reduce/reduce.ts";
import { store } from "../../src/ops/store.ts";
import { checkReplay, countDispatches } from "../support/replay.ts";

/** Variables that a case may use: x, y, z, and a and b, slices of one root. */
interface Named {
  readonly graph: Graph;
  readonly x: Variable;
  readonly y: Variable;
  readonly z: Variable;
  readonly flat: Variable;
  readonly a: Variable;
  readonly b: Variable;
}

/** A graph of stores, and how many of them must be copies, loops written out. */
interface PlacementCase {
  readonly name: string;
  readonly copies: number;
  readonly trace: (named: Named) => void;
}

const type = { dtype: "f32", shape: [4] } as const;

/** The value of a variable now. */
function now({ graph }: Named, variable: Variable): Tensor {
  return graph.read(variable);
}

function check(verb: string, cases: readonly PlacementCase[]): void {
  for (const { name, copies, trace } of cases) {
    Deno.test(`placeCopies() ${verb} ${name}`, async () => {
      const flat = new Variable("flat", [128]);
      const named: Named = {
        graph: new Graph(),
        x: new Variable("x", [4]),
        y: new Variable("y", [4]),
        z: new Variable("z", [4]),
        flat,
        a: flat.slice("a", 0, type),
        b: flat.slice("b", 256, type),
      };
      trace(named);
      const { x, y, z, a, b } = named;
      const results = [x, y, z, a, b];
      const given = results.map((variable, i) =>
        [variable, [1, -2, 0.5, 3].map((v) => v + i)] as const
      );
      const { program } = await checkReplay(named.graph, {
        given,
        results,
        runs: 2,
      });
      assertEquals(countDispatches(program).get("copy") ?? 0, copies);
    });
  }
}

check("needs no copy for", [
  {
    name: "a value that is stored once",
    copies: 0,
    trace: (v) => store(negate(now(v, v.x)), v.y),
  },
  {
    name: "values stored side by side in one buffer",
    copies: 0,
    trace(v) {
      const x = now(v, v.x);
      store(negate(x), v.a);
      store(square(x), v.b);
    },
  },
  {
    name: "a value that others read as well, before and after the store",
    copies: 0,
    trace(v) {
      const value = negate(now(v, v.x));
      const before = square(value);
      store(value, v.y);
      store(add(before, mulScalar(value, 3)), v.z);
    },
  },
  {
    name: "a variable whose old value was read before the new one is computed",
    copies: 0,
    trace(v) {
      store(square(now(v, v.y)), v.z);
      store(negate(now(v, v.x)), v.y);
    },
  },
  {
    name: "a value that is computed and stored in every iteration",
    copies: 0,
    trace(v) {
      v.graph.repeat(3, () => {
        store(add(now(v, v.z), now(v, v.x)), v.y);
        store(mulScalar(now(v, v.y), 2), v.z);
      });
    },
  },
  {
    name: "the second store, when both were computed after the first reads",
    copies: 0,
    trace(v) {
      const start = v.graph.state("state", [4]);
      store(negate(now(v, v.x)), start);
      store(square(now(v, start)), v.y);
    },
  },
]);

check("copies", [
  {
    name: "a variable into another",
    copies: 1,
    trace: (v) => store(now(v, v.x), v.y),
  },
  {
    name: "a value that is computed from the variable itself",
    copies: 1,
    trace: (v) => store(mulScalar(now(v, v.x), 2), v.x),
  },
  {
    name: "a value that is computed from another slice of the same buffer",
    copies: 1,
    trace: (v) => store(mulScalar(now(v, v.a), 2), v.b),
  },
  {
    name: "where the old value is read between the computation and the store",
    copies: 1,
    trace(v) {
      const value = negate(now(v, v.x));
      const old = square(now(v, v.y));
      store(value, v.y);
      store(old, v.z);
    },
  },
  {
    name:
      "where the variable is overwritten between the computation and the store",
    copies: 1,
    trace(v) {
      const value = negate(now(v, v.x));
      store(square(now(v, v.x)), v.y);
      store(value, v.y);
    },
  },
  {
    name: "where the value is read after the variable has changed again",
    copies: 1,
    trace(v) {
      const value = negate(now(v, v.x));
      store(value, v.y);
      store(square(now(v, v.x)), v.y);
      store(mulScalar(value, 3), v.z);
    },
  },
  {
    name:
      "where the whole buffer of the slice changes before the value is read",
    copies: 1,
    trace(v) {
      const value = negate(now(v, v.x));
      store(value, v.a);
      store(fill(v.graph, { shape: [128], value: 5 }), v.flat);
      store(mulScalar(value, 3), v.z);
    },
  },
  {
    name: "where the value is read by what writes the same buffer",
    copies: 1,
    trace(v) {
      const value = negate(now(v, v.x));
      store(value, v.a);
      accumulate(v.b, { slot: 2, value });
    },
  },
  {
    name:
      "where the value bounds an ascent on the variable, and its last iterate",
    copies: 2,
    trace(v) {
      const images = addScalar(v.graph.read(new Variable("m", [2, 2])), 0.5);
      const iterate = v.graph.state("iterate", [2, 2]);
      store(images, iterate);
      const budget = { epsilon: 0.5, stepSize: 0.25 };
      ascendLinf(iterate, { clean: images, gradient: images, ...budget });
      store(v.graph.read(iterate), v.y);
    },
  },
  {
    name: "where a value of the same buffer is computed from the value",
    copies: 1,
    trace(v) {
      const value = negate(now(v, v.x));
      store(value, v.a);
      store(square(value), v.b);
    },
  },
  {
    name: "all but the first of several stores of one value",
    copies: 1,
    trace(v) {
      const value = negate(now(v, v.x));
      store(value, v.y);
      store(value, v.z);
    },
  },
  {
    name: "both stores of one value in one buffer",
    copies: 2,
    trace(v) {
      const value = negate(now(v, v.x));
      store(value, v.a);
      store(value, v.b);
    },
  },
  {
    name: "an invariant value into a variable that a loop sets anew",
    copies: 3,
    trace(v) {
      v.graph.repeat(3, () => {
        const value = negate(now(v, v.x));
        store(value, v.y);
        store(add(now(v, v.y), now(v, v.x)), v.z);
      });
    },
  },
  {
    name: "an iterate that its own last value goes into",
    copies: 4,
    trace(v) {
      v.graph.repeat(4, () => store(addScalar(now(v, v.x), 1), v.x));
    },
  },
  {
    name: "what a loop computes and only the end stores",
    copies: 1,
    trace(v) {
      let last = now(v, v.x);
      v.graph.repeat(3, () => {
        last = mulScalar(now(v, v.y), 2);
        store(add(last, now(v, v.x)), v.y);
      });
      store(last, v.z);
    },
  },
]);

Deno.test("placeCopies() lands all gradients of a network in one flat variable", async () => {
  const graph = new Graph();
  const shapes = { w: [8, 4], gamma: [4], beta: [4] };
  const parameters = Object.entries(shapes).map(([name, shape]) =>
    new Variable(name, shape)
  );
  const [w, gamma, beta] = parameters.map((v) => graph.read(v));
  const x = new Variable("x", [8, 4]);
  const { y } = batchNorm(multiply(w!, x), {
    gamma: gamma!,
    beta: beta!,
    epsilon: 1e-5,
    relu: true,
  });
  const flat = new Variable("gradients", [3 * 64]);
  const slices = parameters.map(({ name, shape }, i) =>
    flat.slice(name, 256 * i, { dtype: "f32", shape })
  );
  const cubes = sum(add(square(y), mulScalar(y, 3)));
  grad(cubes, parameters).forEach((gradient, i) => store(gradient, slices[i]!));
  const given = [...parameters, x].map((variable, i) => {
    const { byteLength } = variable;
    const values = Array.from(
      { length: byteLength / 4 },
      (_, j) => Math.sin(1 + 5 * i + j),
    );
    return [variable, values] as const;
  });
  const { program } = await checkReplay(graph, { given, results: slices });
  assertEquals(countDispatches(program).get("copy"), undefined);
});

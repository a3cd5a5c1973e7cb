// Checks an operation and the kernels of its derivative. `checkOp` runs what a
// case builds, so a derivative's kernels run only where a case builds one: here
// each case is registered a second time, with its gradients as the outputs.

import { checkOp, type OpCase } from "./check_op.ts";
import { Graph } from "../../src/graph/graph.ts";
import { type Tensor, Variable } from "../../src/graph/tensor.ts";
import { grad } from "../../src/ops/grad.ts";
import { add, multiply } from "../../src/ops/pointwise.ts";
import { sum } from "../../src/ops/reduce/reduce.ts";

/** Registers the tests of `checkOp`, for every case and for its gradients. */
export function checkWithDerivative(
  name: string,
  cases: readonly OpCase[],
): void {
  checkOp(name, cases);
  checkOp(`${name} derivative`, cases.map(gradientsOf));
}

/** The case whose outputs are the gradients of another, for random cotangents. */
export function gradientsOf(opCase: OpCase): OpCase {
  const { inputs } = opCase;
  const variables = inputs.map(({ shape, dtype }, i) =>
    new Variable(`input ${i}`, shape, dtype)
  );
  const graph = new Graph();
  const outputs = opCase.build(variables.map((v) => graph.read(v)), variables);
  return {
    ...opCase,
    inputs: [...inputs, ...outputs.map(({ shape }) => ({ shape }))],
    kernelOnly: true,
    build(all, variables) {
      const own = all.slice(0, inputs.length);
      const weighted = opCase.build(own, variables)
        .map((output, i) => sum(multiply(output, all[inputs.length + i]!)));
      const wrt = own.filter((_, i) => isDifferentiated(inputs[i]!));
      return grad(weighted.reduce((a: Tensor, b) => add(a, b)), wrt);
    },
  };
}

function isDifferentiated(
  { constant, dtype }: OpCase["inputs"][number],
): boolean {
  return !constant && dtype !== "u32";
}
